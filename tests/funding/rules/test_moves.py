"""A step is refused for a reason that an officer can mend: a paper, a date, an amount."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from registry.errors import Problem
from registry.funding.rules import (
    MOVES,
    GrantStatus,
    PaperKind,
    PaymentFacts,
    PaymentKind,
    Progress,
    Step,
    Terms,
    move_problems,
)

TODAY = date(2024, 9, 2)
SINCE = date(2024, 3, 1)
LATER = date(2024, 4, 1)
BALANCE = PaymentFacts(
    kind=PaymentKind.BALANCE,
    asked_on=LATER,
    expense_cents=4_000_000,
    certified_on=LATER,
    paid_on=LATER,
    paid_cents=1_200_000,
)


def at(status: GrantStatus, **known: object) -> Progress:
    """Return a grant of 12,000 euros on 40,000 that has come to a step with every paper."""
    plain = Progress(
        status=status,
        since=SINCE,
        voted_cents=1_200_000,
        rate=Fraction(3, 10),
        papers=frozenset(PaperKind),
        payments=(),
        terms=Terms(),
    )
    return replace(plain, **known)  # type: ignore[arg-type]  # one helper for every field


def problems(
    progress: Progress, to: GrantStatus, on: date = LATER, decision: str = "2024.1"
) -> tuple[Problem, ...]:
    """Try a step and return what stands against it."""
    return move_problems(progress, Step(to=to, on=on, decision_number=decision), today=TODAY)


def codes(found: tuple[Problem, ...]) -> list[str]:
    """Return the codes of some problems."""
    return [each.code for each in found]


def test_an_impossible_step_says_what_is_possible() -> None:
    """From voted a grant is notified, or leaves; it is never settled at once."""
    (problem,) = problems(at(GrantStatus.VOTED), GrantStatus.SETTLED)

    assert (problem.code, problem.value) == ("move.impossible", "settled")
    assert problem.parameters == {
        "from": "voted",
        "possible": "notified, lapsed, cancelled, abandoned",
    }


@pytest.mark.parametrize("status", list(GrantStatus))
def test_whatever_is_not_on_the_map_is_refused(status: GrantStatus) -> None:
    """All 22 x 22 moves: those on the map are judged, every other is impossible."""
    for to in GrantStatus:
        impossible = "move.impossible" in codes(problems(at(status), to))
        assert impossible == (to not in MOVES[status])


def test_dates_out_of_order_name_both() -> None:
    """A notification dated before its vote: both days are said, and whose the first is."""
    (problem,) = problems(at(GrantStatus.VOTED), GrantStatus.NOTIFIED, on=SINCE - timedelta(days=1))

    assert (problem.code, problem.where, problem.value) == ("date.before", "on", "2024-02-29")
    assert problem.parameters == {"first": "2024-03-01", "step": "voted"}


def test_a_step_may_fall_on_the_day_of_the_one_before_and_on_today() -> None:
    """Voted and notified on one day; nothing of tomorrow."""
    voted = at(GrantStatus.VOTED)

    assert problems(voted, GrantStatus.NOTIFIED, on=SINCE) == ()
    assert problems(voted, GrantStatus.NOTIFIED, on=TODAY) == ()
    tomorrow = problems(voted, GrantStatus.NOTIFIED, on=TODAY + timedelta(days=1))
    assert codes(tomorrow) == ["date.future"]


def test_a_step_without_a_known_date_before_it_is_free() -> None:
    """What was carried over without a day holds nobody back."""
    carried = at(GrantStatus.VOTED, since=None)

    assert problems(carried, GrantStatus.NOTIFIED, on=date(2020, 1, 1)) == ()


def test_an_application_falls_within_the_window() -> None:
    """Filed before the campaign opens, or after it has closed, it is refused with both days."""
    draft = at(GrantStatus.DRAFT, terms=Terms(opens_on=date(2024, 3, 15), closes_on=LATER))

    assert problems(draft, GrantStatus.FILED, on=LATER) == ()
    (late,) = problems(draft, GrantStatus.FILED, on=LATER + timedelta(days=1))
    assert (late.code, late.parameters) == (
        "date.window",
        {"opens": "2024-03-15", "closes": "2024-04-01"},
    )


def test_a_vote_needs_its_number_and_its_amount() -> None:
    """What was voted, and by which decision."""
    examined = at(GrantStatus.INSTRUCTED, voted_cents=0)

    found = problems(examined, GrantStatus.VOTED, decision=" ")

    assert [(each.code, each.where) for each in found] == [
        ("required", "decision_number"),
        ("vote.missing", "voted_cents"),
    ]


@pytest.mark.parametrize(
    ("status", "to", "paper"),
    [
        (GrantStatus.DRAFT, GrantStatus.FILED, PaperKind.APPLICATION),
        (GrantStatus.NOTIFIED, GrantStatus.AGREEMENT, PaperKind.AGREEMENT),
        (GrantStatus.COMMISSIONED, GrantStatus.RECEIVED, PaperKind.ACCEPTANCE_REPORT),
    ],
)
def test_the_missing_paper_is_named(status: GrantStatus, to: GrantStatus, paper: PaperKind) -> None:
    """No acceptance without its report; with it the step is free."""
    (problem,) = problems(at(status, papers=frozenset()), to)

    assert problem.code == "paper.missing"
    assert problem.parameters == {"paper": paper, "step": to}
    assert problems(at(status), to) == ()


@pytest.mark.parametrize(
    ("status", "to", "kind", "what"),
    [
        (GrantStatus.STARTED, GrantStatus.ADVANCE, "advance", "paid"),
        (GrantStatus.STARTED, GrantStatus.INTERIM, "interim", "paid"),
        (GrantStatus.RECEIVED, GrantStatus.BALANCE_ASKED, "balance", "asked"),
    ],
)
def test_the_missing_payment_is_named(
    status: GrantStatus, to: GrantStatus, kind: str, what: str
) -> None:
    """An advance is a step of the grant once it is a payment."""
    (problem,) = problems(at(status), to)

    assert (problem.code, problem.parameters) == ("payment.missing", {"kind": kind, "what": what})


def test_a_balance_that_was_asked_is_not_certified_yet() -> None:
    """The service done is certified by somebody, on a day."""
    asked = replace(BALANCE, certified_on=None, paid_on=None, paid_cents=None)

    (problem,) = problems(at(GrantStatus.BALANCE_ASKED, payments=(asked,)), GrantStatus.CERTIFIED)

    assert problem.parameters == {"kind": "balance", "what": "certified"}


@pytest.mark.parametrize(
    ("paid_cents", "found"),
    [(1_200_000, []), (1_199_999, ["settlement.short"]), (1_200_001, ["settlement.over"])],
)
def test_a_grant_is_settled_at_what_is_due_to_the_cent(paid_cents: int, found: list[str]) -> None:
    """A cent too little is owed, a cent too much comes back."""
    paid = replace(BALANCE, paid_cents=paid_cents)

    said = problems(at(GrantStatus.CERTIFIED, payments=(paid,)), GrantStatus.SETTLED)

    assert codes(said) == found


@pytest.mark.parametrize(
    ("expense_cents", "rate", "found"),
    [
        (None, Fraction(3, 10), ("expense.missing", "expense_cents")),
        (4_000_000, None, ("rate.missing", "rate")),
    ],
)
def test_without_the_real_expense_or_a_rate_nothing_is_settled(
    expense_cents: int | None, rate: Fraction | None, found: tuple[str, str]
) -> None:
    """Pro rata of what nobody has said cannot be told, and which of the two it is can."""
    paid = replace(BALANCE, expense_cents=expense_cents)

    said = problems(at(GrantStatus.CERTIFIED, payments=(paid,), rate=rate), GrantStatus.SETTLED)

    assert [(each.code, each.where) for each in said] == [found]


def test_a_repayment_is_closed_once_the_money_is_back() -> None:
    """What was paid beyond what is due flows back, then the file is closed."""
    spent_less = replace(BALANCE, expense_cents=3_000_000)
    back = PaymentFacts(kind=PaymentKind.REPAYMENT, paid_on=LATER, paid_cents=300_000)

    open_ = problems(at(GrantStatus.REPAYMENT, payments=(spent_less,)), GrantStatus.CLOSED)
    done = problems(at(GrantStatus.REPAYMENT, payments=(spent_less, back)), GrantStatus.CLOSED)

    assert codes(open_) == ["settlement.over"]
    assert open_[0].parameters == {"paid_cents": "1200000", "due_cents": "900000"}
    assert done == ()


def test_nothing_paid_is_nothing_to_pay_back() -> None:
    """A grant that lapsed before any payment just ends."""
    assert codes(problems(at(GrantStatus.LAPSED), GrantStatus.REPAYMENT)) == ["repayment.nothing"]
    paid = at(GrantStatus.LAPSED, payments=(BALANCE,))
    assert problems(paid, GrantStatus.REPAYMENT) == ()
