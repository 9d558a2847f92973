"""The shipped workbook: what its script gives, and what the demonstration needs of it."""

import io
from collections import Counter
from ipaddress import ip_address, ip_network

import pytest

from registry.fleet.rules import ImportRow, Zones, parse
from registry.sheets import read, write_workbook
from registry.territory import data
from tests.data.demo_workbook import PORT, WORKBOOK, pages

LOOPBACK = ip_network("127.0.0.0/8")
DEPARTMENTS = {"02", "59", "60", "62", "80"}


@pytest.fixture(scope="module")
def rows() -> list[ImportRow]:
    """Return the rows of the shipped workbook; it must be without a problem."""
    parsed = parse(read(WORKBOOK.read_bytes(), WORKBOOK.name), zones=Zones.only(LOOPBACK))
    assert parsed.problems == []
    return parsed.rows


def test_the_shipped_file_is_what_the_script_gives() -> None:
    """Cell by cell: nobody has edited it by hand."""
    target = io.BytesIO()
    write_workbook(target, pages())

    assert read(WORKBOOK.read_bytes(), "x.xlsx") == read(target.getvalue(), "x.xlsx")


def test_it_is_large_enough(rows: list[ImportRow]) -> None:
    """At least 60 sites and 400 cameras, in all five departments."""
    assert len({row.site_key for row in rows}) >= 60
    assert len(rows) >= 400
    assert {row.insee[:2] for row in rows} == DEPARTMENTS


def test_communes_are_real_and_small(rows: list[ImportRow]) -> None:
    """Under 20,000 inhabitants, but for the one that is there to be flagged."""
    known = {row["insee"]: row for row in data.communes()}
    former = {code: row["insee"] for row in known.values() for code in row["former_codes"].split()}
    of_communes = {former.get(row.insee, row.insee) for row in rows if row.year != 2019}
    towns = {code for code in of_communes if any(is_town(row, code) for row in rows)}

    assert of_communes <= known.keys()
    assert {code for code in towns if int(known[code]["population"]) >= 20_000} == {"59271"}


def is_town(row: ImportRow, code: str) -> bool:
    """Tell whether a row stands in a commune under the communes' programme."""
    return row.insee == code and "COM" in row.file_number


def test_each_camera_has_an_address_of_its_own(rows: list[ImportRow]) -> None:
    """On loopback, on the simulator's port; none where nothing is mounted; no account."""
    hosts = [row.host for row in rows if row.host]

    assert max(Counter(hosts).values()) == 1
    assert all(ip_address(host) in LOOPBACK for host in hosts)
    assert {row.port for row in rows} == {PORT, None}
    assert {row.username for row in rows} == {row.password for row in rows} == {None}


def test_published_facts_stand_as_published(rows: list[ImportRow]) -> None:
    """Numbers of cameras and amounts of the stations that the press has named."""
    cameras = Counter(row.site for row in rows)
    grants = {row.site: row for row in rows}

    assert (cameras["Libercourt"], cameras["Crépy-en-Valois"]) == (15, 17)
    assert (cameras["Maubeuge"], cameras["Jeumont"]) == (7, 9)
    assert grants["Arras (pôle d'échanges)"].voted_cents == 4_750_000
    assert (grants["Cassel"].insee, grants["Cassel"].voted_cents) == ("59054", 1_512_450)
    assert grants["Ham"].insee == "80579"
    assert sum(row.file_number == "22-GAR-010" for row in rows) == 150


def test_campaigns_are_plausible(rows: list[ImportRow]) -> None:
    """At most 30 %, at most 30,000 euros in 2023, nobody in both 2022 and 2023."""
    towns = [row for row in rows if "COM" in row.file_number]
    bodies = {year: {row.beneficiary for row in towns if row.year == year} for year in (2022, 2023)}

    assert all(row.voted_cents * 10 <= (row.eligible_cents or 0) * 3 + 10 for row in towns)
    assert all(row.voted_cents <= 3_000_000 for row in towns if row.year == 2023)
    assert bodies[2022] & bodies[2023] == set()


def test_a_funded_position_may_be_empty_or_not_commissioned(rows: list[ImportRow]) -> None:
    """Money without a unit, and a unit without a date: both are in the register's life."""
    assert [row for row in rows if row.serial is None and row.host is None]
    assert [row for row in rows if row.serial is not None and row.commissioned_on is None]


def test_there_are_two_lycees_and_a_grouping(rows: list[ImportRow]) -> None:
    """Each kind of place and of beneficiary has its page."""
    assert len({row.site_key for row in rows if row.site_kind == "lycee"}) == 2
    assert {row.beneficiary_kind for row in rows} >= {"commune", "epci", "sncf"}
