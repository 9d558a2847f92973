"""Keeps what was asked, certified and paid of a grant; never more than was voted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.errors import Invalid, NotFound, Problem
from registry.funding.models import Grant, Payment, PaymentKind
from registry.funding.queries import limits_of, payment_facts
from registry.funding.rules import (
    OUT_OF_ENVELOPE,
    PaymentFacts,
    Terms,
    net_cents,
    payment_problems,
)
from registry.funding.service.holding import flushed, hold
from registry.funding.service.signing import Values, amend, as_said, long_texts
from registry.journal import sign
from registry.signature import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentValues(Values):
    """One payment; amounts in whole cents, `expense_cents` the real expense in all."""

    kind: PaymentKind
    asked_on: date | None = None
    asked_cents: int | None = None
    expense_cents: int | None = None
    certified_on: date | None = None
    paid_on: date | None = None
    paid_cents: int | None = None
    reference: str = ""

    @property
    def facts(self) -> PaymentFacts:
        """The payment as the plain value that rules judge."""
        values = as_said(self)
        del values["reference"]
        return PaymentFacts(**values)


def save_payment(
    session: Session,
    grant: Grant,
    values: PaymentValues,
    *,
    signed: Signature,
    payment: Payment | None = None,
) -> Payment:
    """
    Add a payment to a grant, or change one of its payments.

    Raises:
        Invalid: No reason is given, or with every value that cannot be: a sum beyond
            the vote, a balance beyond what the real expense makes due, dates out of
            order.
        Conflict: There is a payment of this kind already, and only one may be.
    """
    hold(session, grant, "payments", "paid_cents", "voted_cents")
    beside = grant.payments
    with _written(session, grant):
        if payment is not None:
            change_payment(session, grant, payment, values, signed=signed, beside=beside)
        else:
            rank = 1 + max((each.rank for each in beside if each.kind is values.kind), default=0)
            payment = new_payment(session, grant, values, rank=rank, signed=signed, beside=beside)
            grant.payments.append(payment)
    return payment


def new_payment(  # noqa: PLR0913 - a grant and its payments, the new one, and who signs
    session: Session,
    grant: Grant,
    values: PaymentValues,
    *,
    rank: int,
    signed: Signature,
    beside: Iterable[Payment],
    terms: Terms | None = None,
) -> Payment:
    """
    Return a payment that may be added to a grant, told to the journal and not added yet.

    `beside` are the grant's payments, those that wait to be added included; `terms` are
    the rules of the grant, where they are known.

    Raises:
        Invalid: As `save_payment` does.
    """
    _refuse(grant, values, signed, beside, terms)
    subject = f"grant:{grant.file_number}"
    sign(session, signed, "payment.add", subject, after=as_said(values))
    return Payment(grant_id=grant.id, rank=rank, **as_said(values))


def change_payment(  # noqa: PLR0913 - a grant and its payments, the changed one, and who signs
    session: Session,
    grant: Grant,
    payment: Payment,
    values: PaymentValues,
    *,
    signed: Signature,
    beside: Iterable[Payment],
    terms: Terms | None = None,
) -> bool:
    """
    Change a payment as `save_payment` does, for whoever flushes thousands at once.

    Raises:
        Invalid: As there.
    """
    others = [each for each in beside if each is not payment]
    _refuse(grant, values, signed, others, terms)
    subject = f"grant:{grant.file_number}"
    return amend(session, payment, values, signed=signed, action="payment.edit", subject=subject)


def _refuse(
    grant: Grant,
    values: PaymentValues,
    signed: Signature,
    others: Iterable[Payment],
    terms: Terms | None,
) -> None:
    problems = [*signed.problems(), *_values_problems(grant, values)]
    limits = limits_of(grant, today=signed.today, terms=terms)
    problems += payment_problems(values.facts, map(payment_facts, others), limits)
    if problems:
        raise Invalid(problems)


def remove_payment(session: Session, grant: Grant, payment: Payment, *, signed: Signature) -> None:
    """
    Take a payment out that was entered by mistake; the journal keeps what it said.

    Raises:
        Invalid: No reason is given, a paper hangs on it, or less would be left than
            flowed back.
        NotFound: The payment is not of this grant.
    """
    if payment not in grant.payments:
        raise NotFound(f"grant {grant.file_number} has no such payment")
    problems = list(signed.problems())
    if any(each.payment_id == payment.id for each in grant.documents):
        problems.append(Problem("payment.has_papers", "payment"))
    others = [payment_facts(each) for each in grant.payments if each is not payment]
    if net_cents(others) < 0:
        paid = net_cents(each for each in others if each.kind is not PaymentKind.REPAYMENT)
        said = {"already_cents": str(paid)}
        problems.append(Problem("repayment.beyond", "payment", parameters=said))
    if problems:
        raise Invalid(problems)
    before = as_said(PaymentValues.of(payment))
    with _written(session, grant):
        grant.payments.remove(payment)
        session.delete(payment)
    sign(session, signed, "payment.remove", f"grant:{grant.file_number}", before=before)


def declare_paid(grant: Grant, total_cents: int) -> bool:
    """
    Bring a grant to a total that an import knows without dates; tell if it changed.

    The payments entered one by one stand; what the total holds beyond them is the
    declared payment. Nothing is flushed or journaled: the import does both.

    Raises:
        Invalid: The total is beyond the vote, or below the payments entered.
    """
    detailed = [each for each in grant.payments if each.kind is not PaymentKind.DECLARED]
    entered = net_cents(map(payment_facts, detailed))
    said = {"most_cents": str(grant.voted_cents), "already_cents": str(entered)}
    if total_cents > grant.voted_cents:
        raise Invalid([Problem("payment.beyond", "paid_cents", str(total_cents), said)])
    if total_cents < entered:
        raise Invalid([Problem("paid.below", "paid_cents", str(total_cents), said)])
    rest = total_cents - entered
    declared = next((p for p in grant.payments if p.kind is PaymentKind.DECLARED), None)
    if (declared.paid_cents if declared else 0) == rest:
        return False
    if declared is None:
        declared = Payment(kind=PaymentKind.DECLARED, rank=1)
        grant.payments.append(declared)
    declared.paid_cents = rest
    return True


def vote_problems(grant: Grant) -> tuple[Problem, ...]:
    """Refuse a vote below what is paid: for an import that says nothing of payments."""
    paid = net_cents(map(payment_facts, grant.payments))
    if paid <= grant.voted_cents:
        return ()
    said = {"paid_cents": str(paid)}
    return (Problem("vote.below_paid", "voted_cents", str(grant.voted_cents), said),)


def _values_problems(grant: Grant, values: PaymentValues) -> tuple[Problem, ...]:
    problems = long_texts(as_said(values), {"reference": 60})
    if values.paid_cents and grant.status in OUT_OF_ENVELOPE and _flows_out(values):
        said = {"status": str(grant.status)}
        return (*problems, Problem("payment.status", "paid_cents", str(values.paid_cents), said))
    return problems


def _flows_out(values: PaymentValues) -> bool:
    return values.kind is not PaymentKind.REPAYMENT


@contextmanager
def _written(session: Session, grant: Grant) -> Iterator[None]:
    """Write payments of a grant, and read anew what they come to."""
    conflict = f"grant {grant.file_number}: this payment is there already; read the grant again"
    with flushed(session, conflict=conflict):
        yield
    session.expire(grant, ["paid_cents"])
