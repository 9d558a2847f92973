"""Grants of before keep their status, their money and their rules through the change."""

from datetime import date

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from registry.db import session_factory
from registry.funding.models import Grant
from registry.settings import migrations_folder
from tests.factories import make_camera

BEFORE, AFTER = "0011", "0013"
PROGRAMME = """
INSERT INTO programmes (id, code, name, authority, frame, since, source)
VALUES (1, 'communes', 'Communes', 'Région', 'CPER', 2022, 'brief')
"""
CAMPAIGN = """
INSERT INTO campaigns (id, programme_id, year, name, rate, cap_cents, population_below,
    first_equipment_only, excludes_aided_year_before, groupings_eligible, opens_on, closes_on,
    source)
VALUES (1, 1, 2023, '2023', 3350, 3000000, 20000, :yes, :no, :yes, :opens, NULL, 'page')
"""
BODY = """
INSERT INTO beneficiaries (id, kind, name, normalised_name, siren, insee)
VALUES (1, 'commune', 'Bavinchove', 'bavinchove', NULL, '59054')
"""
GRANT = """
INSERT INTO grants (id, file_number, campaign_id, beneficiary_id, decision_number, decided_on,
    purpose, eligible_cents, voted_cents, paid_cents, cameras_funded, status, population,
    population_year)
VALUES (:id, :file, 1, 1, '2023.1', :decided, 'bourg', 4000000, 1200000, :paid, 4, :status, 966,
    2023)
"""


def go(engine: Engine, direction: str, revision: str) -> None:
    """Bring a database to a revision, up or down."""
    with engine.connect() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrations_folder()))
        getattr(command, direction)(config, revision)
        connection.commit()


@pytest.fixture
def before(empty: Engine) -> Engine:
    """Return a database of the revision before, with three grants and a camera."""
    go(empty, "upgrade", BEFORE)
    with empty.begin() as connection:
        for statement in (PROGRAMME, BODY):
            connection.execute(text(statement))
        days = {"opens": date(2023, 3, 13), "yes": True, "no": False}
        connection.execute(text(CAMPAIGN), days)
        for id_, status, paid in ((1, "voted", 0), (2, "applied", 0), (3, "settled", 1_000_050)):
            grant = {"id": id_, "file": f"23-{id_}", "status": status, "paid": paid}
            connection.execute(text(GRANT), {**grant, "decided": date(2023, 11, 23)})
    return empty


def rows(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    """Return what a statement finds, as plain tuples."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_nothing_is_lost_on_the_way_up(before: Engine) -> None:
    """The status is the first step, the amount paid a declared payment, columns are rules."""
    go(before, "upgrade", AFTER)

    assert rows(before, "SELECT id, status, purpose, population FROM grants ORDER BY id") == [
        (1, "voted", "bourg", 966),
        (2, "filed", "bourg", 966),
        (3, "settled", "bourg", 966),
    ]
    steps = "SELECT grant_id, rank, status, CAST(happened_on AS VARCHAR), author FROM grant_events"
    assert rows(before, f"{steps} ORDER BY grant_id") == [
        (1, 1, "voted", "2023-11-23", "migration:0013"),
        (2, 1, "filed", None, "migration:0013"),
        (3, 1, "settled", None, "migration:0013"),
    ]
    assert rows(before, "SELECT grant_id, kind, paid_cents FROM payments") == [
        (3, "declared", 1_000_050)
    ]
    assert rows(before, "SELECT code, value, source FROM campaign_rules ORDER BY code") == [
        ("cap", "3000000", "page"),
        ("first_equipment_only", "yes", "page"),
        ("groupings_eligible", "yes", "page"),
        ("not_aided_before", "no", "page"),
        ("opens_on", "2023-03-13", "page"),
        ("population_below", "20000", "page"),
        ("rate", "0.335", "page"),
    ]


def test_the_way_down_gives_back_what_was(before: Engine) -> None:
    """Sums become columns again, later steps the nearest of those that were known."""
    everything = (
        "SELECT id, status, paid_cents, population FROM grants ORDER BY id",
        (
            "SELECT rate, cap_cents, population_below, first_equipment_only,"
            " excludes_aided_year_before, groupings_eligible, CAST(opens_on AS VARCHAR), closes_on"
            " FROM campaigns"
        ),
    )
    was = [rows(before, statement) for statement in everything]
    go(before, "upgrade", AFTER)
    with before.begin() as connection:
        connection.execute(text("UPDATE grants SET status = 'certified' WHERE id = 3"))

    go(before, "downgrade", BEFORE)

    is_now = [rows(before, statement) for statement in everything]
    assert is_now[0] == [*was[0][:2], (3, "commissioned", 1_000_050, 966)]
    assert is_now[1] == was[1]


def test_references_to_grants_hold_through_the_rebuilding(before: Engine) -> None:
    """What points at a grant still points at it, and is held to it afterwards."""
    with before.begin() as connection:
        connection.execute(text("INSERT INTO regions VALUES ('32', 'Hauts-de-France')"))
        connection.execute(text("INSERT INTO departments VALUES ('59', 'Nord', '32')"))
        connection.execute(
            text(
                "INSERT INTO communes (insee, name, search_name, department_code)"
                " VALUES ('59054', 'Bavinchove', 'bavinchove', '59')"
            )
        )
    go(before, "upgrade", "head")

    with session_factory(before)() as session:
        make_camera(session, grant=session.get_one(Grant, 1))
        session.commit()

    go(before, "downgrade", BEFORE)
    go(before, "upgrade", "head")

    assert rows(before, "SELECT grant_id FROM cameras") == [(1,)]
    if before.dialect.name == "sqlite":
        assert rows(before, "PRAGMA foreign_keys") == [(1,)]
        assert rows(before, "PRAGMA foreign_key_check") == []
