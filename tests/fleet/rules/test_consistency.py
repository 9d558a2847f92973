"""Rows of one file that contradict each other."""

import pytest

from registry.errors import Problem
from registry.fleet.rules import Zones, camera_key, contradictions, merged, parse
from registry.sheets import Value
from tests.fleet.sheets import as_sheets, row


def found(*rows: dict[str, Value]) -> list[Problem]:
    """Return what rows say against each other."""
    return contradictions(parse(as_sheets(*rows), zones=Zones.only()).rows)


def test_rows_that_agree_have_nothing_to_say() -> None:
    """Spelling and blanks are no contradiction: merged cells are read as blanks."""
    assert (
        found(
            row(decision_number="2023.01"),
            row(label="02", beneficiary="COMMUNE DE BAVINCHOVE", decision_number=""),
            row(label="03", decision_number="2023.01"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("voted_cents", "21 601,00", "21\N{NARROW NO-BREAK SPACE}600,00\N{NO-BREAK SPACE}€"),
        ("cameras_funded", "5", "4"),
        ("year", "2024", "2023"),
        ("beneficiary", "Commune de Cassel", "Commune de Bavinchove"),
    ],
)
def test_two_amounts_of_one_grant_name_both_cells(key: str, value: str, said: str) -> None:
    """The later cell is the problem, the earlier one stands beside it."""
    (problem,) = found(row(), row(label="02", **{key: value}))

    assert problem.code == "cell.contradicts"
    assert problem.where.endswith("3")
    assert problem.parameters["first"].endswith("2")
    assert problem.parameters["said"] == said


def test_other_grants_may_say_otherwise() -> None:
    """Amounts are compared within one file number."""
    assert found(row(), row(label="02", file_number="23-COM-002", voted_cents="1")) == []


def test_two_codes_of_one_site_contradict() -> None:
    """A station has one UIC."""
    (problem,) = found(row(uic="87281139"), row(label="02", uic="87342014"))

    assert (problem.code, problem.value) == ("cell.contradicts", "87342014")
    assert problem.parameters["said"] == "87281139"


def test_the_same_camera_twice_names_both_cells() -> None:
    """Case and accents do not make another camera; another site does."""
    (problem,) = found(row(), row(label="01 EGLISE"), row(site="Mairie"))

    assert (problem.code, problem.where) == ("camera.twice", "feuille!J3")
    assert problem.parameters == {"first": "feuille!J2"}


def test_what_could_not_be_read_is_not_compared() -> None:
    """A cell that is wrong already contradicts nobody."""
    assert found(row(), row(label="02", voted_cents="?"), row(label="", site="")) == []


def test_blanks_are_filled_from_the_rows_beside() -> None:
    """A grant says a thing once, in any of its rows."""
    rows = parse(
        as_sheets(row(paid_cents=""), row(label="02", paid_cents="5"), row(label="03")),
        zones=Zones.only(),
    ).rows

    assert merged(rows, "paid_cents") == 500
    assert merged(rows, "siren") is None


def test_a_camera_is_known_by_site_and_label() -> None:
    """The key under which the register is searched."""
    (one,) = parse(as_sheets(row()), zones=Zones.only()).rows

    assert camera_key(one) == ("59054", "commune", "place de l eglise", "01 eglise")
