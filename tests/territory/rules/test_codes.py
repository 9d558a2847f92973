"""Codes of the French territory: well formed or not."""

import json
from pathlib import Path

import pytest

from registry.territory.rules.codes import (
    insee_from_number,
    is_insee,
    is_siren,
    is_siret,
    is_uai,
    is_uic,
    near_codes,
)

CHECKS = {
    "insee": is_insee,
    "uic8_sncf": is_uic,
    "uai": is_uai,
    "siren": is_siren,
    "siret": is_siret,
}
VECTORS = json.loads(
    Path(__file__).with_name("identifier_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("code", ["59054", "02001", "2A004", "2B033", "97105", "98411"])
def test_insee_codes_of_every_kind_are_recognised(code: str) -> None:
    """Metropolitan, Corsican and overseas codes have different shapes."""
    assert is_insee(code)


@pytest.mark.parametrize("code", ["2C004", "5905", "20004", "00001", "59 054", "", "59054 "])
def test_what_is_no_insee_code_is_refused(code: str) -> None:
    """20xxx was Corsica before 1976; a space is not part of a code."""
    assert not is_insee(code)


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_real_codes_are_recognised_and_neighbours_are_not(kind: str) -> None:
    """Vectors drawn from real codes, La Poste's establishments and head office included."""
    vectors = VECTORS[kind]

    assert [code for code in vectors["valid"] if not CHECKS[kind](code)] == []
    assert [code for code in vectors["invalid"] if CHECKS[kind](code)] == []


def test_the_vectors_are_those_of_the_reference(shared: Path) -> None:
    """What travels with the tests says what the reference says."""
    reference = (shared / "data" / "identifier_vectors.json").read_text(encoding="utf-8")

    assert json.loads(reference) == VECTORS


def test_a_siret_with_spaces_is_none() -> None:
    """The register keeps digits alone: whoever reads cells takes the spaces out."""
    assert is_siret("20005374200017")
    assert not is_siret("200 053 742 00017")
    assert not is_siret("20005374200018")


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


def test_a_lost_leading_zero_is_restored() -> None:
    """A spreadsheet reads 02691 as the number 2691."""
    assert insee_from_number(2691.0) == "02691"
    assert insee_from_number(59054) == "59054"


def test_near_codes_begin_with_swapped_digits() -> None:
    """Swapping two neighbours is the commonest slip, so it is suggested first."""
    near = list(near_codes("59504"))

    assert "59054" in near[:4]
    assert all(is_insee(code) for code in near)
