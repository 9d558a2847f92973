"""What the database refuses of grants, of their steps and of their co-funders."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import (
    Funder,
    FundingLine,
    Grant,
    GrantEvent,
    GrantStatus,
    LineState,
    PaymentKind,
)
from tests.conftest import NOON
from tests.factories import make_grant, make_payment


@pytest.mark.parametrize(
    "column", ["voted_cents", "eligible_cents", "project_cents", "cameras_funded"]
)
def test_nothing_of_a_grant_is_less_than_zero(session: Session, column: str) -> None:
    """Amounts and numbers are zero or more, whoever writes them."""
    grant = make_grant(session)
    setattr(grant, column, -1)

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_file_number_is_given_once(session: Session) -> None:
    """Every list, paper and metric names a grant by its file number."""
    make_grant(session, file_number="23-COM-001")

    with pytest.raises(IntegrityError):
        make_grant(session, file_number="23-COM-001")


def test_what_was_paid_is_the_sum_of_the_payments(session: Session) -> None:
    """Never stored: what flowed back is taken off, what is only asked adds nothing."""
    grant, other = make_grant(session), make_grant(session)
    make_payment(session, grant, 700, kind=PaymentKind.ADVANCE)
    make_payment(session, grant, 500, kind=PaymentKind.BALANCE)
    make_payment(session, grant, 200, kind=PaymentKind.REPAYMENT)
    make_payment(session, grant, None, kind=PaymentKind.INTERIM)
    session.expire_all()

    assert (grant.paid_cents, other.paid_cents) == (1_000, 0)
    assert session.scalars(select(Grant).where(Grant.paid_cents > 0)).all() == [grant]


def step(grant: Grant, **said: object) -> GrantEvent:
    """Return a second step of a grant."""
    values = {"rank": 2, "status": GrantStatus.NOTIFIED, "happened_on": date(2023, 12, 1), **said}
    return GrantEvent(grant_id=grant.id, author="test", recorded_at=NOON, **values)


def test_a_grant_stands_at_one_step(session: Session) -> None:
    """The database itself holds a grant to one open step of its life."""
    grant = make_grant(session)
    session.add(step(grant))

    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rank": 1},
        {"happened_on": None},
        {"ended_on": date(2023, 11, 30)},
    ],
    ids=str,
)
def test_a_step_has_its_rank_its_day_and_ends_after_it_began(
    session: Session, wrong: dict[str, object]
) -> None:
    """Two steps of one rank, one without a day, one that ends before it began."""
    grant = make_grant(session)
    grant.events[0].ended_on = date(2023, 12, 1)
    session.add(step(grant, **wrong))

    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "wrong",
    [
        {"asked_cents": -1},
        {"granted_cents": 5, "state": LineState.ASKED},
        {"asked_on": date(2024, 2, 1), "decided_on": date(2024, 1, 31)},
    ],
    ids=str,
)
def test_a_line_of_a_plan_is_possible(session: Session, wrong: dict[str, object]) -> None:
    """Nothing below zero, nothing given that was not granted, no answer before the question."""
    grant = make_grant(session)
    session.add(FundingLine(grant_id=grant.id, funder=Funder.DETR, **wrong))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_co_funder_has_one_line(session: Session) -> None:
    """The same State fund twice would count twice against the 80 %."""
    grant = make_grant(session)
    session.add_all([FundingLine(grant_id=grant.id, funder=Funder.DETR) for _ in range(2)])

    with pytest.raises(IntegrityError):
        session.flush()
