"""What French codes, names and outlines of places are, and when two are the same."""

from registry.territory.rules.codes import (
    insee_from_number,
    is_insee,
    is_siren,
    is_siret,
    is_uai,
    is_uic,
    near_codes,
)
from registry.territory.rules.names import ABBREVIATIONS, normalise, search_words, words_of

__all__ = [
    "ABBREVIATIONS",
    "insee_from_number",
    "is_insee",
    "is_siren",
    "is_siret",
    "is_uai",
    "is_uic",
    "near_codes",
    "normalise",
    "search_words",
    "words_of",
]
