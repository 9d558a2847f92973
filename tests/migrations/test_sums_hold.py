"""The database holds sums from revision 0023 on, and says what stands in its way."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from registry.errors import Conflict
from tests.migrations.test_grant_sums import BODY, PROGRAMME, go, rows

CAMPAIGN = """
INSERT INTO campaigns (id, programme_id, year, name, source) VALUES (1, 1, 2023, '2023', 'page')
"""
GRANT = """
INSERT INTO grants (id, file_number, campaign_id, beneficiary_id, decision_number, purpose,
    eligible_cents, voted_cents, cameras_funded, status)
VALUES (:id, :file, 1, 1, '', '', :base, :voted, 4, 'voted')
"""
PAYMENT = """
INSERT INTO payments (grant_id, kind, rank, paid_cents, reference)
VALUES (:grant, 'declared', 1, :cents, '')
"""


@pytest.fixture
def before(empty: Engine) -> Engine:
    """Return a database of the revision before, with a grant that holds."""
    go(empty, "upgrade", "0022")
    with empty.begin() as connection:
        for statement in (PROGRAMME, BODY, CAMPAIGN):
            connection.execute(text(statement))
        connection.execute(text(GRANT), {"id": 1, "file": "23-1", "base": 500, "voted": 100})
        connection.execute(text(PAYMENT), {"grant": 1, "cents": 100})
    return empty


def test_the_database_refuses_from_then_on_and_not_before(before: Engine) -> None:
    """Up, down and up again: nothing of the grants is lost on the way."""
    was = rows(before, "SELECT * FROM grants")
    go(before, "upgrade", "0023")
    for statement in (
        "UPDATE payments SET paid_cents = 101",
        "UPDATE grants SET voted_cents = 99",
        "UPDATE grants SET eligible_cents = 99",
    ):
        with pytest.raises(IntegrityError), before.begin() as connection:
            connection.execute(text(statement))
    assert rows(before, "SELECT * FROM grants") == was

    go(before, "downgrade", "0022")
    with before.begin() as connection:
        connection.execute(text("UPDATE payments SET paid_cents = 101"))
        connection.execute(text("UPDATE payments SET paid_cents = 100"))
    go(before, "upgrade", "0023")

    assert rows(before, "SELECT * FROM grants") == was


@pytest.mark.parametrize(("base", "paid"), [(99, 0), (500, 101)])
def test_grants_that_do_not_hold_are_named(before: Engine, base: int, paid: int) -> None:
    """The upgrade changes nothing: what is right, an officer knows."""
    with before.begin() as connection:
        connection.execute(text(GRANT), {"id": 2, "file": "23-2", "base": base, "voted": 100})
        connection.execute(text(PAYMENT), {"grant": 2, "cents": paid})

    with pytest.raises(Conflict, match=r"1 grants were voted .*: 23-2$"):
        go(before, "upgrade", "0023")

    assert rows(before, "SELECT version_num FROM alembic_version") == [("0022",)]
