"""Names of places: which are the same, and by which words they are searched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.territory.rules.names import normalise, search_words, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L'Orée de Mormal", "L’OREE DE MORMAL"),
        ("Saint-Just-en-Chaussée", "saint just en chaussee"),
        ("Cœuvres", "COEUVRES"),
        ("Pôle  d'échanges", "pole d'echanges"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    """Case, accents, ligatures, hyphens and apostrophes do not tell names apart."""
    assert normalise(one) == normalise(other)


@given(st.text(max_size=30))
def test_a_normalised_name_is_normal(name: str) -> None:
    """Twice is once; nothing is left but small letters, digits and single spaces."""
    once = normalise(name)

    assert normalise(once) == once
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", once)


def test_an_article_tells_names_apart() -> None:
    """La Fère is a commune; Fère is another word."""
    assert normalise("La Fère") != normalise("Fère")


def test_abbreviations_are_written_out() -> None:
    """Who types st means saint, on both sides of the search."""
    assert search_words("St-Quentin") == search_words("Saint Quentin") == ["saint", "quentin"]
    assert search_words("Ste Marie") == ["sainte", "marie"]


def test_little_words_are_not_searched_by() -> None:
    """Articles lead to half of France, unless a name is nothing else."""
    assert words_of("La Fère", "02700") == {"fere", "02700"}
    assert words_of("Les") == {"les"}
    assert words_of("", "Y") == {"y"}
