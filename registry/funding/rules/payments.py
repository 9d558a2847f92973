"""What may be paid of a grant, and what is due in the end: pro rata, never up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from registry.errors import Problem
from registry.funding.rules.money import share_cents
from registry.funding.rules.terms import Terms

# What the interim payments may come to before the balance, where the campaign's text
# was not found: a usual clause (advance and interim payments up to 80 % in all).
USUAL_INTERIM_SHARE = Decimal("0.8")


class PaymentKind(StrEnum):
    """
    What a payment is to a grant.

    DECLARED is a total that an import knows without its dates: what is left of it
    once the payments entered one by one are taken off. REPAYMENT flows back.
    """

    ADVANCE = "advance"
    INTERIM = "interim"
    BALANCE = "balance"
    DECLARED = "declared"
    REPAYMENT = "repayment"


# The kinds of which a grant has one at most.
ONCE = frozenset({PaymentKind.ADVANCE, PaymentKind.BALANCE, PaymentKind.DECLARED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """
    One payment: what was asked, certified and paid, and when.

    `expense_cents` is the eligible expense, before tax, that the beneficiary has
    really borne, up to this request and in all.
    """

    kind: PaymentKind
    asked_on: date | None = None
    asked_cents: int | None = None
    expense_cents: int | None = None
    certified_on: date | None = None
    paid_on: date | None = None
    paid_cents: int | None = None


def net_cents(payments: Iterable[PaymentFacts]) -> int:
    """Return what was paid in all, what flowed back taken off."""
    return sum(
        -(each.paid_cents or 0) if each.kind is PaymentKind.REPAYMENT else each.paid_cents or 0
        for each in payments
    )


def agreed_rate(
    rate: Decimal | None, *, voted_cents: int, eligible_cents: int | None, terms: Terms
) -> Fraction | None:
    """
    Return the exact rate that the balance follows; None where nothing tells it.

    The rate of the decision when it is known; the campaign's where its cap, not its
    rate, made the amount; else what was voted over the eligible base.
    """
    if rate is not None:
        return Fraction(rate)
    capped = terms.cap_cents is not None and voted_cents >= terms.cap_cents
    if eligible_cents and not (capped and terms.rate is not None):
        return Fraction(voted_cents, eligible_cents)
    return None if terms.rate is None else Fraction(terms.rate)


def balance_due_cents(
    voted_cents: int, *, rate: Fraction | None, expense_cents: int | None
) -> int | None:
    """
    Return what a grant comes to once the real expense is known, rounded down.

    min(voted, rate x real eligible expense): spent less, paid less; spent more, the
    vote stands.
    """
    if rate is None or expense_cents is None:
        return None
    return min(voted_cents, share_cents(expense_cents, rate))


def repayment_due_cents(paid_cents: int, due_cents: int | None) -> int:
    """Return what the beneficiary owes back; nothing while the amount due is unknown."""
    return 0 if due_cents is None else max(0, paid_cents - due_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the payments of a grant are held to: its vote, its rate, its campaign, the day."""

    voted_cents: int
    rate: Fraction | None
    terms: Terms
    today: date


def payment_problems(
    payment: PaymentFacts, others: Iterable[PaymentFacts], limits: Limits
) -> tuple[Problem, ...]:
    """Return all that stands against a payment beside the grant's others, or nothing."""
    known = tuple(others)
    return (
        *_amount_problems(payment),
        *_order_problems(payment, limits.today),
        *_ceiling_problems(payment, known, limits),
        *_due_problems(payment, known, limits),
    )


def _amount_problems(payment: PaymentFacts) -> Iterator[Problem]:
    for name in ("asked_cents", "expense_cents", "paid_cents"):
        cents = getattr(payment, name)
        if cents is not None and cents < 0:
            yield Problem("amount.negative", name, str(cents))
    if payment.paid_on and payment.paid_cents is None:
        yield Problem("required", "paid_cents")
    if payment.kind is PaymentKind.DECLARED:
        return
    if payment.paid_cents is not None and payment.paid_on is None:
        yield Problem("required", "paid_on")
    if payment.kind is PaymentKind.BALANCE and payment.certified_on and not payment.expense_cents:
        yield Problem("required", "expense_cents")


def _order_problems(payment: PaymentFacts, today: date) -> Iterator[Problem]:
    """Asked, certified, paid: each on the day of the one before or later."""
    last: tuple[str, date] | None = None
    for name in ("asked_on", "certified_on", "paid_on"):
        day = getattr(payment, name)
        if day is None:
            continue
        if last and day < last[1]:
            yield Problem("date.before", name, str(day), {"first": str(last[1]), "step": last[0]})
        if day > today:
            yield Problem("date.future", name, str(day), {"today": str(today)})
        last = (name, day)


def _ceiling_problems(
    payment: PaymentFacts, others: tuple[PaymentFacts, ...], limits: Limits
) -> Iterator[Problem]:
    """Hold payments under the vote, and those before the balance under their share."""
    voted_cents = limits.voted_cents
    before = net_cents(others)
    total = before + net_cents([payment])
    said = {"already_cents": str(before), "most_cents": str(voted_cents)}
    if total > voted_cents:
        yield Problem("payment.beyond", "paid_cents", str(payment.paid_cents or 0), said)
    if total < 0:
        yield Problem("repayment.beyond", "paid_cents", str(payment.paid_cents or 0), said)
    share = _share_before_balance(payment.kind, limits.terms)
    if share is not None and total <= voted_cents:
        most = share_cents(voted_cents, share)
        if total > most:
            shares = {**said, "most_cents": str(most), "percent": f"{share * 100:f}"}
            code = f"payment.{payment.kind}_share"
            yield Problem(code, "paid_cents", str(payment.paid_cents or 0), shares)


def _share_before_balance(kind: PaymentKind, terms: Terms) -> Decimal | None:
    if kind is PaymentKind.ADVANCE:
        return terms.advance_share or terms.interim_share or USUAL_INTERIM_SHARE
    if kind is PaymentKind.INTERIM:
        return terms.interim_share or USUAL_INTERIM_SHARE
    return None


def _due_problems(
    payment: PaymentFacts, others: tuple[PaymentFacts, ...], limits: Limits
) -> Iterator[Problem]:
    """Hold the balance to what the real expense makes due."""
    paid_cents = payment.paid_cents or 0
    if payment.kind is not PaymentKind.BALANCE or paid_cents <= 0:
        return
    due = balance_due_cents(
        limits.voted_cents, rate=limits.rate, expense_cents=payment.expense_cents
    )
    before = net_cents(others)
    if due is not None and before + paid_cents > due:
        said = {"already_cents": str(before), "most_cents": str(due)}
        yield Problem("payment.beyond_due", "paid_cents", str(paid_cents), said)
