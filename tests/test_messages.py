"""Words outside a request come from the same catalogue as the pages."""

import pytest

from registry.messages import translator


def test_french_comes_from_the_catalogue_of_the_pages() -> None:
    """The command line says a state as the pages do."""
    assert translator("fr").gettext("Down") == "Hors service"
    assert translator("fr").ngettext("%(count)s site", "%(count)s sites", 2) == "%(count)s sites"


@pytest.mark.parametrize("language", ["en", "de", ""])
def test_other_languages_answer_in_english(language: str) -> None:
    """Messages are written in English, so English needs no catalogue."""
    assert translator(language).gettext("Down") == "Down"
