"""Payments in the register: under the vote, whatever comes and in whichever order."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.errors import Conflict, Invalid, NotFound
from registry.funding.models import Grant, GrantStatus, PaperKind, Payment, PaymentKind
from registry.funding.service import PaymentValues, declare_paid, remove_payment, save_payment
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.factories import make_document, make_grant, make_payment

DAY = date(2024, 6, 3)


@pytest.fixture
def signed(now: datetime) -> Signature:
    """Return an officer's signature."""
    return Signature(actor="user:2", at=now, reason="Mandat 1204")


@pytest.fixture
def grant(session: Session) -> Grant:
    """Return a grant of 12,000 euros on 40,000."""
    return make_grant(session, voted_cents=1_200_000, eligible_cents=4_000_000)


def values(kind: PaymentKind, cents: int | None, **said: object) -> PaymentValues:
    """Return a payment made on one day, or only asked for."""
    day = None if cents is None else DAY
    plain = PaymentValues(kind=kind, asked_on=DAY, certified_on=day, paid_on=day, paid_cents=cents)
    return replace(plain, **said)  # type: ignore[arg-type]  # one helper for every field


def test_a_payment_is_asked_certified_and_paid(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """One row that grows, each change of it in the journal."""
    asked = PaymentValues(kind=PaymentKind.ADVANCE, asked_on=DAY, asked_cents=300_000)
    payment = save_payment(session, grant, asked, signed=signed)
    assert grant.paid_cents == 0

    paid = replace(asked, certified_on=DAY, paid_on=DAY, paid_cents=300_000, reference="1204")
    same = save_payment(session, grant, paid, signed=signed, payment=payment)

    assert same is payment
    assert (grant.paid_cents, len(grant.payments)) == (300_000, 1)
    entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [each.action for each in entries] == ["payment.add", "payment.edit"]
    assert '"paid_cents": 300000' in entries[1].after
    assert entries[1].reason == "Mandat 1204"


def test_a_payment_beyond_the_vote_is_refused_and_nothing_is_written(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """The figures are said: what is paid already, and the most that may be."""
    make_payment(session, grant, 1_000_000)

    with pytest.raises(Invalid) as error:
        save_payment(
            session,
            grant,
            values(PaymentKind.BALANCE, 200_001, expense_cents=4_000_000),
            signed=signed,
        )

    first = error.value.problems[0]
    assert (first.code, first.value) == ("payment.beyond", "200001")
    assert first.parameters == {"already_cents": "1000000", "most_cents": "1200000"}
    assert grant.paid_cents == 1_000_000
    assert session.scalars(select(JournalEntry)).all() == []


def test_a_payment_may_grow_to_the_vote(session: Session, grant: Grant, signed: Signature) -> None:
    """A change is judged beside the other payments, not beside its former self."""
    kind = PaymentKind.BALANCE
    payment = save_payment(
        session, grant, values(kind, 1_100_000, expense_cents=4_000_000), signed=signed
    )

    save_payment(
        session,
        grant,
        values(kind, 1_200_000, expense_cents=4_000_000),
        signed=signed,
        payment=payment,
    )

    assert grant.paid_cents == 1_200_000


def test_interim_payments_are_numbered(session: Session, grant: Grant, signed: Signature) -> None:
    """First, second, third, as they come."""
    made = [
        save_payment(session, grant, values(PaymentKind.INTERIM, 100), signed=signed)
        for _ in range(3)
    ]

    assert [payment.rank for payment in made] == [1, 2, 3]


def test_a_second_balance_is_a_conflict(session: Session, grant: Grant, signed: Signature) -> None:
    """The balance is paid once; another one has to change the first."""
    balance = values(PaymentKind.BALANCE, 100, expense_cents=4_000_000)
    save_payment(session, grant, balance, signed=signed)

    with pytest.raises(Conflict, match="there already"):
        save_payment(session, grant, balance, signed=signed)


def test_the_same_again_is_no_change(session: Session, grant: Grant, signed: Signature) -> None:
    """A form sent twice leaves one entry."""
    said = values(PaymentKind.INTERIM, 100)
    payment = save_payment(session, grant, said, signed=signed)

    save_payment(session, grant, said, signed=signed, payment=payment)

    assert len(session.scalars(select(JournalEntry)).all()) == 1


def test_nothing_is_paid_under_a_grant_that_was_not_voted(
    session: Session, signed: Signature
) -> None:
    """Nor under one that was cancelled; what flows back still may."""
    grant = make_grant(session, status=GrantStatus.CANCELLED)
    make_payment(session, grant, 100)

    with pytest.raises(Invalid) as error:
        save_payment(session, grant, values(PaymentKind.INTERIM, 1), signed=signed)

    assert [each.code for each in error.value.problems] == ["payment.status"]
    save_payment(session, grant, values(PaymentKind.REPAYMENT, 100), signed=signed)
    assert grant.paid_cents == 0


def test_a_payment_entered_by_mistake_is_taken_out(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """With a reason; the journal keeps what it said."""
    payment = save_payment(session, grant, values(PaymentKind.INTERIM, 100), signed=signed)

    remove_payment(session, grant, payment, signed=signed)

    assert (grant.paid_cents, grant.payments) == (0, [])
    last = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert last is not None
    assert last.action == "payment.remove"
    assert '"paid_cents": 100' in last.before


def test_a_payment_with_papers_or_a_repayment_behind_it_stays(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """Its papers would hang in the air, and more would have flowed back than was paid."""
    payment = make_payment(session, grant, 100, kind=PaymentKind.INTERIM)
    make_payment(session, grant, 60, kind=PaymentKind.REPAYMENT)
    make_document(session, grant, PaperKind.INVOICE).payment_id = payment.id
    session.flush()

    with pytest.raises(Invalid) as error:
        remove_payment(session, grant, payment, signed=replace(signed, reason=""))

    assert [each.code for each in error.value.problems] == [
        "required",
        "payment.has_papers",
        "repayment.beyond",
    ]
    assert error.value.problems[-1].parameters == {"already_cents": "0"}


def test_a_payment_of_another_grant_is_not_found(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """No grant touches the money of another."""
    theirs = make_payment(session, make_grant(session), 100)

    with pytest.raises(NotFound):
        remove_payment(session, grant, theirs, signed=signed)


def totals(grant: Grant) -> dict[PaymentKind, int | None]:
    """Return what each payment of a grant comes to."""
    return {payment.kind: payment.paid_cents for payment in grant.payments}


def test_an_import_declares_a_total(session: Session, grant: Grant) -> None:
    """What it holds beyond the payments entered one by one is the declared payment."""
    make_payment(session, grant, 300_000, kind=PaymentKind.ADVANCE)

    assert declare_paid(grant, 1_000_000)
    assert totals(grant) == {PaymentKind.ADVANCE: 300_000, PaymentKind.DECLARED: 700_000}
    assert not declare_paid(grant, 1_000_000)
    assert declare_paid(grant, 300_000)
    session.flush()
    session.expire_all()
    assert grant.paid_cents == 300_000


@pytest.mark.parametrize(
    ("total", "code"), [(1_200_001, "payment.beyond"), (299_999, "paid.below")]
)
def test_a_total_that_contradicts_the_register_is_refused(
    session: Session, grant: Grant, total: int, code: str
) -> None:
    """More than was voted, or less than the payments that are there."""
    make_payment(session, grant, 300_000, kind=PaymentKind.ADVANCE)

    with pytest.raises(Invalid) as error:
        declare_paid(grant, total)

    (problem,) = error.value.problems
    assert (problem.code, problem.value) == (code, str(total))
    assert problem.parameters == {"most_cents": "1200000", "already_cents": "300000"}
    assert totals(grant) == {PaymentKind.ADVANCE: 300_000}


def test_a_new_grant_has_no_payment_row_for_nothing(session: Session, grant: Grant) -> None:
    """A total of zero is the absence of payments."""
    assert not declare_paid(grant, 0)
    assert session.scalars(select(Payment)).all() == []


def test_of_two_payments_at_once_one_is_told(
    session: Session, sessions: SessionFactory, grant: Grant, signed: Signature
) -> None:
    """Whoever comes second is judged beside what the first has paid, not beside what it read."""
    session.commit()
    said = values(PaymentKind.INTERIM, 900_000)
    with sessions() as other:
        theirs = other.get_one(Grant, grant.id)
        assert theirs.payments == []
        other.rollback()
        save_payment(session, grant, said, signed=signed)
        session.commit()

        with pytest.raises(Invalid) as error:
            save_payment(other, theirs, said, signed=signed)

    assert error.value.problems[0].code == "payment.beyond"
    assert error.value.problems[0].parameters["already_cents"] == "900000"
