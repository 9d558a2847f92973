"""What the database refuses of sums and lives, written past every service."""

from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import PaymentKind
from tests.conftest import ON_POSTGRESQL
from tests.factories import make_grant, make_payment

PAY = """
INSERT INTO payments (grant_id, kind, rank, asked_on, paid_on, paid_cents, reference)
VALUES (:grant, :kind, :rank, '2024-06-03', '2024-06-03', :cents, '')
"""
STEP = """
INSERT INTO grant_events (grant_id, rank, status, happened_on, decision_number, author, reason,
    recorded_at)
VALUES (:grant, 2, 'notified', '2023-12-01', '', 'sql', '', '2023-12-01 12:00:00+00:00')
"""


@pytest.fixture
def grant(session: Session) -> int:
    """Write a grant of 10,000 euros, on which 9,000 are paid and 500 flowed back."""
    grant = make_grant(session, voted_cents=1_000_000, eligible_cents=3_000_000)
    make_payment(session, grant, 900_000, kind=PaymentKind.ADVANCE)
    make_payment(session, grant, 50_000, kind=PaymentKind.REPAYMENT)
    session.commit()
    return grant.id


def refused(engine: Engine, statement: str, **said: object) -> bool:
    """Try a statement past the services, and tell whether the database refused it."""
    try:
        with engine.begin() as connection:
            connection.execute(text(statement), said)
    except IntegrityError:
        return True
    return False


def pay(engine: Engine, grant: int, cents: int, kind: str = "interim", rank: int = 1) -> bool:
    """Try a payment, and tell whether the database refused it."""
    return refused(engine, PAY, grant=grant, kind=kind, rank=rank, cents=cents)


def test_no_payment_goes_beyond_the_vote(engine: Engine, grant: int) -> None:
    """To the cent, repayments taken off; what flows back is never too much here."""
    assert pay(engine, grant, 150_001)
    assert not pay(engine, grant, 150_000)
    assert pay(engine, grant, 1, rank=2)
    assert not pay(engine, grant, 100, "repayment", rank=2)


def test_no_payment_grows_beyond_the_vote(engine: Engine, grant: int) -> None:
    """Nor becomes another kind, nor moves to a grant that cannot bear it."""
    change = "UPDATE payments SET {what} WHERE grant_id = :grant AND kind = :kind"

    assert refused(engine, change.format(what="paid_cents = 1050001"), grant=grant, kind="advance")
    assert refused(engine, change.format(what="paid_cents = NULL, paid_on = NULL"), grant=grant,
                   kind="repayment") is False  # fmt: skip
    assert not pay(engine, grant, 100_000)
    assert refused(engine, "UPDATE payments SET paid_cents = 1 WHERE kind = 'none'") is False


def test_a_repayment_that_others_rely_on_stays(engine: Engine, grant: int) -> None:
    """Taken out, it would leave more paid than voted."""
    assert not pay(engine, grant, 150_000)

    assert refused(engine, "DELETE FROM payments WHERE kind = 'repayment'")
    assert not refused(engine, "DELETE FROM payments WHERE kind = 'interim'")
    assert not refused(engine, "DELETE FROM payments WHERE kind = 'repayment'")


def test_a_vote_does_not_shrink_below_what_is_paid(engine: Engine, grant: int) -> None:
    """To the cent."""
    vote = "UPDATE grants SET voted_cents = :cents WHERE id = :grant"

    assert refused(engine, vote, cents=849_999, grant=grant)
    assert not refused(engine, vote, cents=850_000, grant=grant)


@pytest.mark.parametrize(
    ("eligible", "project", "is_refused"),
    [(999_999, None, True), (1_000_000, None, False), (None, 999_999, True), (None, None, False)],
)
def test_no_vote_goes_beyond_its_base(
    engine: Engine, grant: int, eligible: int | None, project: int | None, *, is_refused: bool
) -> None:
    """The eligible base, or else the cost of the whole project; a rate over 100 % cannot be."""
    change = "UPDATE grants SET eligible_cents = :base, project_cents = :cost WHERE id = :grant"

    assert refused(engine, change, base=eligible, cost=project, grant=grant) is is_refused


def test_a_grant_lives_one_life(engine: Engine, grant: int) -> None:
    """A second step opens only when the first has ended."""
    end = "UPDATE grant_events SET ended_on = :day WHERE grant_id = :grant"

    assert refused(engine, STEP, grant=grant)
    assert not refused(engine, end, day=date(2023, 12, 1), grant=grant)
    assert not refused(engine, STEP, grant=grant)
    assert refused(
        engine, "UPDATE grant_events SET ended_on = NULL WHERE grant_id = :grant", grant=grant
    )


@pytest.fixture
def impatient(engine: Engine) -> Engine:
    """Return the database; SQLite has one writer, and nothing to race against."""
    if not ON_POSTGRESQL:
        pytest.skip("SQLite has one writer at a time")
    return engine


def test_two_payments_at_once_do_not_both_fit(impatient: Engine, grant: int) -> None:
    """The second waits for the first, and then sees it."""
    said = {"grant": grant, "kind": "interim", "cents": 100_000}
    with impatient.connect() as first, impatient.connect() as second:
        first.execute(text(PAY), {**said, "rank": 1})
        second.execute(text("SET LOCAL lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            second.execute(text(PAY), {**said, "rank": 2})
        second.rollback()
        first.commit()

    assert pay(impatient, grant, 100_000, rank=2)
