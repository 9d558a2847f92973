"""Codes of the French territory: well formed or not, and names that are the same."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.territory.rules import (
    insee_from_number,
    is_insee,
    is_siren,
    is_uai,
    is_uic,
    near_codes,
    normalise,
)

CHECKS = {"insee": is_insee, "uic8_sncf": is_uic, "uai": is_uai, "siren": is_siren}


@pytest.mark.parametrize("code", ["59054", "02001", "2A004", "2B033", "97105", "98411"])
def test_insee_codes_of_every_kind_are_recognised(code: str) -> None:
    """Metropolitan, Corsican and overseas codes have different shapes."""
    assert is_insee(code)


@pytest.mark.parametrize("code", ["2C004", "5905", "20004", "00001", "59 054", "", "59054 "])
def test_what_is_no_insee_code_is_refused(code: str) -> None:
    """20xxx was Corsica before 1976; a space is not part of a code."""
    assert not is_insee(code)


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_the_shared_vectors_agree(kind: str, shared: Path) -> None:
    """The reference vectors, drawn from real codes, judge alike."""
    vectors = json.loads((shared / "data" / "identifier_vectors.json").read_text())[kind]

    assert [code for code in vectors["valid"] if not CHECKS[kind](code)] == []
    assert [code for code in vectors["invalid"] if CHECKS[kind](code)] == []


def test_a_station_key_is_computed_on_five_digits() -> None:
    """Cassel's halt: 87, 28113, and 9 as the key of those five digits alone."""
    assert is_uic("87281139")
    assert not is_uic("87281138")
    assert not is_uic("80281139")


def test_a_school_letter_follows_its_number() -> None:
    """The letter is the number modulo 23, in an alphabet without I, O and Q."""
    assert is_uai("0750653C")
    assert not is_uai("0750653D")
    assert not is_uai("750653C")


def test_a_siren_has_a_check_digit() -> None:
    """The region's own number passes, its neighbour does not."""
    assert is_siren("200053742")
    assert not is_siren("200053743")
    assert not is_siren("200 053 742")


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


def test_a_lost_leading_zero_is_restored() -> None:
    """A spreadsheet reads 02691 as the number 2691."""
    assert insee_from_number(2691.0) == "02691"
    assert insee_from_number(59054) == "59054"


def test_near_codes_begin_with_swapped_digits() -> None:
    """Swapping two neighbours is the commonest slip, so it is suggested first."""
    near = list(near_codes("59504"))

    assert "59054" in near[:4]
    assert all(is_insee(code) for code in near)
