"""From revision 0024 on nothing covers a site twice on one day, and what did is named."""

from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from registry.errors import Conflict
from tests.migrations.test_grant_sums import go, rows

PLACES = (
    "INSERT INTO regions (code, name) VALUES ('32', 'Hauts-de-France')",
    "INSERT INTO departments (code, name, region_code) VALUES ('59', 'Nord', '32')",
    """INSERT INTO communes (insee, name, search_name, department_code)
    VALUES ('59054', 'Bavinchove', 'bavinchove', '59')""",
)
SITE = """
INSERT INTO sites (id, public_id, insee, kind, name, normalised_name, address, uic, uai, zone,
    networks, gateway_host, gateway_port)
VALUES (:id, :place, '59054', 'commune', :place, :place, '', '', '', 'local', '', '', 80)
"""
CONTRACT = """
INSERT INTO maintenance_contracts (id, reference, contractor, calendar, business_hours,
    exclusions, starts_on, ends_on) VALUES (:id, :name, 'X', 'always', '', '', :start, :stop)
"""
COVER = "INSERT INTO contract_sites (contract_id, site_id) VALUES (:id, :site)"
HOURS = """
INSERT INTO power_hours (site_id, hours, from_on, until_on)
VALUES (:site, 'mon-sun 20:00-06:00', :start, :stop)
"""


@pytest.fixture
def before(empty: Engine) -> Engine:
    """Return a database of the revision before: a site, its contract, its hours of a year."""
    go(empty, "upgrade", "0023")
    with empty.begin() as connection:
        for statement in PLACES:
            connection.execute(text(statement))
        for number in (1, 2):
            connection.execute(text(SITE), {"id": number, "place": f"59054-{number:02d}"})
    contract(empty, 1, 2025, 2026)
    power(empty, 2025, 2026)
    return empty


def contract(engine: Engine, number: int, start: int, stop: int) -> None:
    """Cover the first site by a contract, from a year to the start of another."""
    span = {"start": date(start, 1, 1), "stop": date(stop, 1, 1)}
    with engine.begin() as connection:
        connection.execute(text(CONTRACT), {"id": number, "name": f"M-{number}", **span})
        connection.execute(text(COVER), {"id": number, "site": 1})


def power(engine: Engine, start: int, stop: int) -> None:
    """Feed the first site in some hours, from a year to the start of another."""
    with engine.begin() as connection:
        span = {"start": date(start, 1, 1), "stop": date(stop, 1, 1)}
        connection.execute(text(HOURS), {"site": 1, **span})


def test_the_database_refuses_from_then_on_and_not_before(before: Engine) -> None:
    """Up, down and up again; contracts and hours that follow each other stay."""
    contract(before, 2, 2026, 2027)
    power(before, 2026, 2027)
    go(before, "upgrade", "0024")
    with pytest.raises(IntegrityError):
        contract(before, 3, 2026, 2028)
    with pytest.raises(IntegrityError):
        power(before, 2024, 2028)

    go(before, "downgrade", "0023")
    power(before, 2024, 2028)
    with before.begin() as connection:
        connection.execute(text("DELETE FROM power_hours WHERE from_on = '2024-01-01'"))
    go(before, "upgrade", "0024")

    assert len(rows(before, "SELECT * FROM contract_sites")) == 2
    assert len(rows(before, "SELECT * FROM power_hours")) == 2


def test_what_does_not_hold_is_named(before: Engine) -> None:
    """The upgrade changes nothing: which of two is right, an officer knows."""
    contract(before, 2, 2025, 2027)
    power(before, 2024, 2027)

    with pytest.raises(Conflict) as refused:
        go(before, "upgrade", "0024")

    assert "1 times two maintenance contracts cover one site on one day: M-1 / M-2 (59054-01)" in (
        str(refused.value)
    )
    assert "59054-01 (2024-01-01 / 2025-01-01)" in str(refused.value)
    assert rows(before, "SELECT version_num FROM alembic_version") == [("0023",)]
