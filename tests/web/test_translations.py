"""Every message has its French words, and the catalogue that ships is the one that is edited."""

import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

REGISTRY = Path(__file__).parents[2] / "registry"
FOLDER = REGISTRY / "web" / "translations" / "fr" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
# Without this a template that does not parse is passed over in silence.
OPTIONS = {"**.html": {"silent": "false", "trimmed": "true"}}
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "mark": None,
    "ngettext": (1, 2),
}


def messages() -> Iterator[str | tuple[str, ...]]:
    """Yield every message that code and templates want translated."""
    for _file, _line, message, _comments, _context in extract_from_dir(
        REGISTRY, METHODS, OPTIONS, keywords=KEYWORDS
    ):
        yield message


def catalogue() -> Catalog:
    """Return the French catalogue as it is edited."""
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def test_every_message_has_french_words() -> None:
    """Nobody meets an English sentence in a French page."""
    known = {message.id for message in catalogue() if message.id and message.string}

    assert sorted(str(each) for each in messages() if each not in known) == []


def test_no_translation_is_left_over() -> None:
    """A message that the code no longer says is taken out of the catalogue."""
    said = set(messages())

    assert [each.id for each in catalogue() if each.id and each.id not in said] == []


def test_translations_keep_their_parameters() -> None:
    """A name lost in translation would raise when the page is shown."""
    known = catalogue()
    wrong = [(message.id, str(error)) for message in known for error in message.check(known)]

    assert wrong == []


def test_the_compiled_catalogue_is_fresh() -> None:
    """The .mo that ships was made from the .po beside it."""
    made = io.BytesIO()
    write_mo(made, catalogue())
    made.seek(0)

    fresh = gettext.GNUTranslations(made)
    with (FOLDER / "messages.mo").open("rb") as file:
        shipped = gettext.GNUTranslations(file)

    assert vars(shipped)["_catalog"] == vars(fresh)["_catalog"]


@pytest.mark.parametrize("word", ["oups", "!", "vidéosurveillance"])
def test_the_pages_keep_a_sober_tone(word: str) -> None:
    """No exclamation, no familiarity, and the law's own word for what is watched."""
    sentences = [str(message.string).lower() for message in catalogue() if message.id]

    assert [each for each in sentences if word in each] == []


def test_a_french_sign_never_begins_a_line() -> None:
    """High punctuation, quotes and units are held to their word by a no-break space."""
    loose = re.compile(r" [;:?»€]| %%? |« ")
    texts = [
        text
        for message in catalogue()
        if message.id
        for text in ([message.string] if isinstance(message.string, str) else message.string or ())
    ]

    assert [text for text in texts if loose.search(text)] == []
