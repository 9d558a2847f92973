"""Decides when two names are the same name, and by which words one is searched."""

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_LITTLE = frozenset(
    {"a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sur", "sous"}
)


# A file names the same few places on each of its rows.
@lru_cache(maxsize=16_384)
def normalise(text: str) -> str:
    """
    Return the form under which two spellings of one name are equal.

    Case, accents, hyphens, apostrophes, dots and every kind of space go; words
    stay, articles included: La Fère is not Fère.
    """
    plain = text.casefold().translate(_LIGATURES)
    letters = unicodedata.normalize("NFKD", plain)
    return _NOT_A_WORD.sub(" ", letters if letters.isascii() else _unaccented(letters)).strip()


def _unaccented(letters: str) -> str:
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def words_of(*names: str) -> frozenset[str]:
    """
    Return the words under which something of these names is searched.

    Articles and prepositions are left out, unless a name is nothing else.
    """
    found: set[str] = set()
    for name in names:
        words = search_words(name)
        found.update([word for word in words if word not in _LITTLE] or words)
    return frozenset(found)


def search_words(typed: str) -> list[str]:
    """Return the words of a name or a search, abbreviations written out: st is saint."""
    return [ABBREVIATIONS.get(word, word) for word in normalise(typed).split()]
