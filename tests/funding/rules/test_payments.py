"""What may be paid: under the vote, in the order of dates, pro rata at the balance."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Problem
from registry.funding.rules import (
    Limits,
    PaymentFacts,
    PaymentKind,
    Terms,
    agreed_rate,
    balance_due_cents,
    net_cents,
    payment_problems,
    repayment_due_cents,
)

TODAY = date(2024, 9, 2)
MAY, JUNE, JULY = date(2024, 5, 2), date(2024, 6, 3), date(2024, 7, 1)
LIMITS = Limits(voted_cents=1_200_000, rate=Fraction(3, 10), terms=Terms(), today=TODAY)


def paid(kind: PaymentKind, cents: int, **known: object) -> PaymentFacts:
    """Return a payment that was asked, certified and paid."""
    plain = PaymentFacts(
        kind=kind, asked_on=MAY, certified_on=JUNE, paid_on=JULY, paid_cents=cents,
        expense_cents=4_000_000 if kind is PaymentKind.BALANCE else None,
    )  # fmt: skip
    return replace(plain, **known)  # type: ignore[arg-type]  # one helper for every field


def problems(
    payment: PaymentFacts, *others: PaymentFacts, terms: Terms | None = None
) -> tuple[Problem, ...]:
    """Return what stands against a payment of a grant of 12,000 euros."""
    return payment_problems(payment, others, replace(LIMITS, terms=terms or Terms()))


def test_a_payment_beyond_the_vote_is_refused_with_the_figures() -> None:
    """Ten thousand are paid, two thousand are left: 2,000.01 is a cent too much."""
    before = paid(PaymentKind.DECLARED, 1_000_000)
    assert problems(paid(PaymentKind.BALANCE, 200_000), before) == ()
    found = problems(paid(PaymentKind.BALANCE, 200_001), before)
    assert [(each.code, each.where, each.value) for each in found] == [
        ("payment.beyond", "paid_cents", "200001"),
        ("payment.beyond_due", "paid_cents", "200001"),
    ]
    assert found[0].parameters == {"already_cents": "1000000", "most_cents": "1200000"}


def test_payments_before_the_balance_stay_under_their_share() -> None:
    """80 % in all where the campaign says nothing, else what it says."""
    advance = paid(PaymentKind.ADVANCE, 400_000)

    assert problems(paid(PaymentKind.INTERIM, 560_000), advance) == ()
    (usual,) = problems(paid(PaymentKind.INTERIM, 560_001), advance)
    assert (usual.code, usual.parameters["most_cents"]) == ("payment.interim_share", "960000")
    half = Terms(advance_share=Decimal("0.3"), interim_share=Decimal("0.5"))
    (early,) = problems(paid(PaymentKind.ADVANCE, 360_001), terms=half)
    assert (early.code, early.parameters["percent"]) == ("payment.advance_share", "30.0")
    assert problems(paid(PaymentKind.ADVANCE, 360_000), terms=half) == ()


def test_dates_come_in_the_order_of_the_procedure() -> None:
    """Certified before it was asked: both dates are named."""
    (problem,) = problems(paid(PaymentKind.INTERIM, 1, asked_on=JULY, certified_on=MAY))

    assert (problem.code, problem.where, problem.value) == (
        "date.before",
        "certified_on",
        "2024-05-02",
    )
    assert problem.parameters == {"first": "2024-07-01", "step": "asked_on"}
    skipped = paid(PaymentKind.INTERIM, 1, certified_on=None, asked_on=JULY, paid_on=JUNE)
    assert [each.where for each in problems(skipped)] == ["paid_on"]


def test_nothing_is_paid_tomorrow() -> None:
    """A date to come is an intention, not a payment."""
    future = paid(PaymentKind.INTERIM, 1, paid_on=date(2024, 9, 3))

    assert [each.code for each in problems(future)] == ["date.future"]


def test_a_day_and_its_amount_belong_together() -> None:
    """Paid without an amount, or an amount without a day, says only half."""
    no_amount = problems(paid(PaymentKind.INTERIM, 0, paid_cents=None))
    no_day = problems(paid(PaymentKind.INTERIM, 5, paid_on=None))

    assert [(each.code, each.where) for each in (*no_amount, *no_day)] == [
        ("required", "paid_cents"),
        ("required", "paid_on"),
    ]
    declared = PaymentFacts(kind=PaymentKind.DECLARED, paid_cents=5)
    assert problems(declared) == ()


def test_a_certified_balance_says_what_was_really_spent() -> None:
    """The balance follows the real expense: without it nothing can be certified."""
    found = problems(paid(PaymentKind.BALANCE, 0, expense_cents=None))

    assert [(each.code, each.where) for each in found] == [("required", "expense_cents")]


def test_the_balance_is_held_to_what_the_real_expense_makes_due() -> None:
    """Spent 30,000 instead of 40,000: 9,000 are due, 8,000 of them paid already."""
    before = paid(PaymentKind.INTERIM, 800_000)
    spent_less = paid(PaymentKind.BALANCE, 100_000, expense_cents=3_000_000)

    assert problems(spent_less, before) == ()
    (problem,) = problems(replace(spent_less, paid_cents=100_001), before)
    assert (problem.code, problem.parameters) == (
        "payment.beyond_due",
        {"already_cents": "800000", "most_cents": "900000"},
    )


def test_no_more_flows_back_than_was_paid() -> None:
    """A repayment has something to repay."""
    (problem,) = problems(paid(PaymentKind.REPAYMENT, 101), paid(PaymentKind.INTERIM, 100))

    assert (problem.code, problem.parameters["already_cents"]) == ("repayment.beyond", "100")


@pytest.mark.parametrize("name", ["asked_cents", "expense_cents", "paid_cents"])
def test_no_amount_is_below_zero(name: str) -> None:
    """What flows back is a repayment, not a negative payment."""
    found = problems(paid(PaymentKind.INTERIM, 1, **{name: -1}))

    assert ("amount.negative", name) in [(each.code, each.where) for each in found]


def test_what_flows_back_is_taken_off() -> None:
    """100 paid, 40 back: 60."""
    assert net_cents([paid(PaymentKind.BALANCE, 100), paid(PaymentKind.REPAYMENT, 40)]) == 60


@pytest.mark.parametrize(
    ("rate", "voted", "eligible", "terms", "expected"),
    [
        (Decimal("0.25"), 100, 1_000, Terms(), Fraction(1, 4)),
        (None, 100, 300, Terms(), Fraction(1, 3)),
        (None, 100, None, Terms(rate=Decimal("0.3")), Fraction(3, 10)),
        (None, 100, 1_000, Terms(rate=Decimal("0.3"), cap_cents=100), Fraction(3, 10)),
        (None, 99, 1_000, Terms(rate=Decimal("0.3"), cap_cents=100), Fraction(99, 1_000)),
        (None, 100, None, Terms(), None),
    ],
)
def test_the_rate_of_the_balance(
    rate: Decimal | None, voted: int, eligible: int | None, terms: Terms, expected: Fraction | None
) -> None:
    """The decision's own; else the campaign's where the cap made the amount; else the ratio."""
    assert agreed_rate(rate, voted_cents=voted, eligible_cents=eligible, terms=terms) == expected


@given(
    voted=st.integers(0, 10**12),
    eligible=st.integers(1, 10**12),
    spent=st.integers(0, 2 * 10**12),
)
def test_the_balance_is_pro_rata_and_never_up(voted: int, eligible: int, spent: int) -> None:
    """Never above the vote, never above the rate, and the whole vote for the whole expense."""
    rate = Fraction(voted, eligible)

    due = balance_due_cents(voted, rate=rate, expense_cents=spent)

    assert due is not None
    assert due <= voted
    assert due <= rate * spent
    assert min(Fraction(voted), rate * spent) - due < 1
    assert balance_due_cents(voted, rate=rate, expense_cents=eligible) == voted


def test_what_was_paid_too_much_is_owed_back() -> None:
    """Known once the amount due is known."""
    assert repayment_due_cents(1_000, 900) == 100
    assert repayment_due_cents(900, 1_000) == 0
    assert repayment_due_cents(900, None) == 0
