"""What the database refuses of payments, whoever writes them."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import Payment, PaymentKind
from tests.factories import make_grant, make_payment

MAY, JUNE = date(2024, 5, 2), date(2024, 6, 3)


@pytest.mark.parametrize("kind", [PaymentKind.ADVANCE, PaymentKind.BALANCE, PaymentKind.DECLARED])
def test_some_payments_are_made_once(session: Session, kind: PaymentKind) -> None:
    """One advance, one balance, one declared total; interim payments as they come."""
    grant = make_grant(session)
    make_payment(session, grant, 1, kind=PaymentKind.INTERIM)
    make_payment(session, grant, 1, kind=PaymentKind.INTERIM)
    make_payment(session, grant, 1, kind=kind)

    with pytest.raises(IntegrityError):
        make_payment(session, grant, 1, kind=kind)


@pytest.mark.parametrize(
    "wrong",
    [
        {"paid_cents": -1, "paid_on": MAY},
        {"paid_cents": 1},
        {"paid_on": MAY},
        {"asked_on": JUNE, "certified_on": MAY},
        {"asked_on": JUNE, "paid_on": MAY, "paid_cents": 1},
        {"certified_on": JUNE, "paid_on": MAY, "paid_cents": 1},
    ],
    ids=str,
)
def test_a_payment_is_possible(session: Session, wrong: dict[str, object]) -> None:
    """Nothing below zero, no amount without its day, no day before the one that led to it."""
    grant = make_grant(session)
    session.add(Payment(grant_id=grant.id, kind=PaymentKind.INTERIM, **wrong))

    with pytest.raises(IntegrityError):
        session.flush()


def test_the_same_rank_is_given_once(session: Session) -> None:
    """Two interim payments of one rank would be one paid twice."""
    grant = make_grant(session)
    session.add_all([Payment(grant_id=grant.id, kind=PaymentKind.INTERIM) for _ in range(2)])

    with pytest.raises(IntegrityError):
        session.flush()
