"""Words outside a request (command line, mails): gettext without Flask."""

from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

FOLDER = Path(__file__).parent / "web" / "translations"
DOMAIN = "messages"


def translator(language: str) -> NullTranslations:
    """
    Return the catalogue of a language (`fr`); an unknown one answers in English.

    Messages are written in English in the code, so English needs no catalogue.
    """
    return Translations.load(FOLDER, [language], DOMAIN)
