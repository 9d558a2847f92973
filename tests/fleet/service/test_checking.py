"""Rows held against the register's communes and campaigns."""

import pytest

from registry.fleet.rules import Zones, parse
from registry.fleet.service.checking import Check
from registry.sheets import Value
from tests.fleet.service.desk import Desk
from tests.fleet.sheets import as_sheets, row


def check(desk: Desk, *rows: dict[str, Value]) -> Check:
    """Check rows against the desk's register."""
    return Check(desk.session, parse(as_sheets(*rows), zones=Zones.only()).rows)


def test_a_right_row_passes_untouched(desk: Desk) -> None:
    """Its commune and its campaign are found."""
    found = check(desk, row(commune="BAVINCHOVE"))

    assert (found.problems, found.notes) == ([], [])
    assert found.communes["59054"].name == "Bavinchove"
    assert found.campaigns[("Vidéoprotection des communes", 2023)].year == 2023


def test_a_former_code_is_mapped_and_said(desk: Desk) -> None:
    """The site stands in the commune of today; the name on the row may be the old one."""
    found = check(desk, row(insee="59070", commune="Bermeries"))

    assert [one.insee for one in found.rows] == ["59006"]
    assert [(note.code, note.value) for note in found.notes] == [("insee.former", "59070")]


def test_an_unknown_code_suggests_the_nearest(desk: Desk) -> None:
    """By the name beside it, else by one slip of the finger, else not at all."""
    found = check(
        desk,
        row(insee="59999", commune="Bavinchove"),
        row(insee="59504", label="02"),
        row(insee="13999", label="03"),
    )

    assert [problem.parameters["near"] for problem in found.problems] == [
        "59054 Bavinchove", "59054 Bavinchove", "",
    ]  # fmt: skip
    assert {problem.code for problem in found.problems} == {"insee.unknown"}


def test_a_name_that_is_not_that_of_the_code_is_said(desk: Desk) -> None:
    """The code decides; whoever typed another name should look at it again."""
    (note,) = check(desk, row(commune="Cassel")).notes

    assert (note.code, note.value) == ("commune.differs", "Cassel")
    assert note.parameters == {"read": "Bavinchove (59054)"}


@pytest.mark.parametrize(
    ("typed", "year"),
    [
        ("videoprotection des COMMUNES", "2023"),
        ("communes", "2023"),
        ("Gares", "2022"),
        ("pôles d’échanges", "2022"),
    ],
)
def test_a_programme_is_known_by_words_that_only_it_has(desk: Desk, typed: str, year: str) -> None:
    """Its whole name, or enough of it."""
    assert check(desk, row(programme=typed, year=year)).problems == []


def test_a_programme_is_known_by_its_code(desk: Desk) -> None:
    """The code of its file."""
    campaign = check(desk, row()).campaigns[("Vidéoprotection des communes", 2023)]

    assert check(desk, row(programme=campaign.programme.code)).problems == []


@pytest.mark.parametrize("typed", ["Lycées", "des et"])
def test_an_unknown_programme_lists_the_known_ones(desk: Desk, typed: str) -> None:
    """Words of no programme, or of none alone."""
    (problem,) = check(desk, row(programme=typed)).problems

    assert problem.code == "programme.unknown"
    assert problem.parameters["known"].count(",") == 1


def test_a_year_without_campaign_lists_those_there_are(desk: Desk) -> None:
    """A grant stands under rules of its year, or under none."""
    (problem,) = check(desk, row(year="2021")).problems

    assert (problem.code, problem.value) == ("campaign.unknown", "2021")
    assert problem.parameters["known"] == "2023"


def test_a_commune_over_the_threshold_is_loaded_and_said(desk: Desk) -> None:
    """The truth may well contain it: it is flagged, not refused."""
    found = check(desk, row(insee="59271"))

    assert found.problems == []
    (note,) = found.notes
    assert note.code == "threshold"
    assert note.parameters == {"commune": "Grande Synthe", "population": "20239", "limit": "20000"}


def test_a_campaign_without_threshold_flags_nobody(desk: Desk) -> None:
    """Stations stand in large towns too."""
    assert check(desk, row(insee="59271", programme="Gares", year="2022")).notes == []
