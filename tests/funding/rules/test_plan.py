"""Who pays what: over 80 % of public money is seen, over 100 % cannot be."""

from decimal import Decimal
from fractions import Fraction

from registry.funding.rules import (
    PUBLIC_SHARE,
    Funder,
    LineState,
    Share,
    plan_of,
    plan_problems,
    rate_problems,
)


def granted(funder: Funder, cents: int) -> Share:
    """Return a line that was granted as asked."""
    return Share(funder, LineState.GRANTED, asked_cents=cents, granted_cents=cents)


def test_shares_are_of_the_cost_of_the_project() -> None:
    """30 % from the region, 50 % from the State: exactly 80 %, which is allowed."""
    plan = plan_of([granted(Funder.FIPD, 500)], grant_cents=300, cost_cents=1_000)

    assert plan.public_share == Fraction(8, 10)
    assert not plan.share_exceeds(PUBLIC_SHARE)
    over = plan_of([granted(Funder.FIPD, 501)], grant_cents=300, cost_cents=1_000)
    assert over.share_exceeds(PUBLIC_SHARE)


def test_without_a_cost_the_plan_itself_is_the_whole() -> None:
    """With the owner's money known, the shares add up to one."""
    plan = plan_of([granted(Funder.OWN, 100)], grant_cents=300, cost_cents=None)

    assert (plan.total_cents, plan.public_share) == (400, Fraction(3, 4))
    assert plan_of([], grant_cents=300, cost_cents=None).public_share is None
    assert not plan_of([], grant_cents=300, cost_cents=None).share_exceeds(Decimal("0.8"))


def test_what_was_asked_counts_until_it_is_answered() -> None:
    """Aid that may still come is counted; refused aid is not."""
    lines = [
        Share(Funder.DETR, LineState.ASKED, asked_cents=200),
        Share(Funder.DSIL, LineState.REFUSED, asked_cents=900),
        Share(Funder.EPCI, LineState.GRANTED, asked_cents=100, granted_cents=40),
    ]

    assert plan_of(lines, grant_cents=300, cost_cents=1_000).public_cents == 540


def test_the_owners_money_is_not_public_aid() -> None:
    """What a commune pays itself does not count against it."""
    plan = plan_of([granted(Funder.OWN, 700)], grant_cents=300, cost_cents=1_000)

    assert (plan.public_cents, plan.own_cents) == (300, 700)


def test_more_public_money_than_the_project_costs_is_refused() -> None:
    """Over 80 % is a finding; over 100 % is refused with its figures."""
    allowed = plan_of([granted(Funder.FIPD, 700)], grant_cents=300, cost_cents=1_000)
    assert plan_problems(allowed) == ()

    beyond = plan_of([granted(Funder.FIPD, 701)], grant_cents=300, cost_cents=1_000)
    (problem,) = plan_problems(beyond)
    assert (problem.code, problem.value) == ("plan.beyond", "1001")
    assert problem.parameters == {"most_cents": "1000", "grant_cents": "300", "aid_cents": "701"}


def test_a_rate_over_the_whole_is_refused() -> None:
    """More voted than is eligible cannot be; exactly as much can."""
    assert rate_problems(1_000, 1_000) == ()
    assert rate_problems(1_000, None) == ()
    (problem,) = rate_problems(1_001, 1_000)
    assert (problem.code, problem.value, problem.parameters) == (
        "rate.beyond",
        "1001",
        {"most_cents": "1000"},
    )
