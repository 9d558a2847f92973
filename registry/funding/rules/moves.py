"""Decides whether a grant may take a step, and says everything that stands against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from registry.errors import Problem
from registry.funding.rules.lifecycle import MOVES, GrantStatus
from registry.funding.rules.papers import PaperKind, papers_for
from registry.funding.rules.payments import PaymentFacts, PaymentKind, balance_due_cents, net_cents
from registry.funding.rules.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of a grant when it is asked to take its next step."""

    status: GrantStatus
    since: date | None
    voted_cents: int
    rate: Fraction | None
    papers: frozenset[PaperKind]
    payments: tuple[PaymentFacts, ...]
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The step asked for: where to, dated when, by which decision."""

    to: GrantStatus
    on: date
    decision_number: str = ""


def move_problems(progress: Progress, step: Step, *, today: date) -> tuple[Problem, ...]:
    """
    Return all that stands against a step, or nothing when it may be taken.

    An impossible step is answered with those that are possible; a possible one with
    the paper, the date or the amount that it lacks.
    """
    possible = MOVES[progress.status]
    if step.to not in possible:
        said = {"from": str(progress.status), "possible": ", ".join(possible)}
        return (Problem("move.impossible", "status", str(step.to), said),)
    return (
        *_date_problems(progress, step, today),
        *_paper_problems(progress, step),
        *_money_problems(progress, step),
    )


def _date_problems(progress: Progress, step: Step, today: date) -> Iterator[Problem]:
    if progress.since is not None and step.on < progress.since:
        said = {"first": progress.since.isoformat(), "step": str(progress.status)}
        yield Problem("date.before", "on", step.on.isoformat(), said)
    if step.on > today:
        yield Problem("date.future", "on", step.on.isoformat(), {"today": today.isoformat()})
    window = (progress.terms.opens_on, progress.terms.closes_on)
    if step.to is GrantStatus.FILED and not _within(step.on, *window):
        said = {"opens": str(window[0] or ""), "closes": str(window[1] or "")}
        yield Problem("date.window", "on", step.on.isoformat(), said)


def _paper_problems(progress: Progress, step: Step) -> Iterator[Problem]:
    for kind in sorted(papers_for(step.to, progress.terms.papers) - progress.papers):
        yield Problem("paper.missing", "papers", "", {"paper": str(kind), "step": str(step.to)})
    if step.to is GrantStatus.VOTED and not step.decision_number.strip():
        yield Problem("required", "decision_number")


def _money_problems(progress: Progress, step: Step) -> Iterator[Problem]:
    """Find the amounts that a step stands on and that are not there."""
    paid = net_cents(progress.payments)
    if step.to is GrantStatus.VOTED and not progress.voted_cents:
        yield Problem("vote.missing", "voted_cents", "0")
    if step.to is GrantStatus.ADVANCE and not _paid(progress, PaymentKind.ADVANCE):
        yield Problem("payment.missing", "payments", "", {"kind": "advance", "what": "paid"})
    if step.to is GrantStatus.INTERIM and not _paid(progress, PaymentKind.INTERIM):
        yield Problem("payment.missing", "payments", "", {"kind": "interim", "what": "paid"})
    if step.to in {GrantStatus.BALANCE_ASKED, GrantStatus.CERTIFIED}:
        yield from _balance_problems(progress, step)
    if step.to is GrantStatus.SETTLED:
        yield from _settlement_problems(progress, paid)
    if step.to is GrantStatus.REPAYMENT and not paid:
        yield Problem("repayment.nothing", "payments", "0")
    if step.to is GrantStatus.CLOSED:
        yield from _closing_problems(progress, paid)


def _balance_problems(progress: Progress, step: Step) -> Iterator[Problem]:
    balance = _balance(progress)
    if balance is None:
        yield Problem("payment.missing", "payments", "", {"kind": "balance", "what": "asked"})
    elif step.to is GrantStatus.CERTIFIED and balance.certified_on is None:
        yield Problem("payment.missing", "payments", "", {"kind": "balance", "what": "certified"})


def _settlement_problems(progress: Progress, paid_cents: int) -> Iterator[Problem]:
    """Hold a settlement to what is due, not a cent more or less."""
    balance, due = _balance(progress), _due(progress)
    if balance is None or balance.expense_cents is None:
        yield Problem("expense.missing", "expense_cents")
    elif due is None:
        yield Problem("rate.missing", "rate")
    elif paid_cents != due:
        said = {"paid_cents": str(paid_cents), "due_cents": str(due)}
        code = "settlement.over" if paid_cents > due else "settlement.short"
        yield Problem(code, "payments", str(paid_cents), said)


def _closing_problems(progress: Progress, paid_cents: int) -> Iterator[Problem]:
    """Leave nothing beyond what is due with a beneficiary that paid back."""
    if progress.status is not GrantStatus.REPAYMENT:
        return
    due = _due(progress) or 0
    if paid_cents > due:
        said = {"paid_cents": str(paid_cents), "due_cents": str(due)}
        yield Problem("settlement.over", "payments", str(paid_cents), said)


def _due(progress: Progress) -> int | None:
    balance = _balance(progress)
    expense = balance.expense_cents if balance else None
    return balance_due_cents(progress.voted_cents, rate=progress.rate, expense_cents=expense)


def _balance(progress: Progress) -> PaymentFacts | None:
    return next((each for each in progress.payments if each.kind is PaymentKind.BALANCE), None)


def _paid(progress: Progress, kind: PaymentKind) -> bool:
    return any(each.kind is kind and each.paid_on for each in progress.payments)


def _within(day: date, opens: date | None, closes: date | None) -> bool:
    return (opens is None or opens <= day) and (closes is None or day <= closes)
