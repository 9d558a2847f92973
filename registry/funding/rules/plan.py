"""Who pays what of a project, and whether public money pays too much of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from registry.errors import Problem

# The owner of a project keeps at least 20 % of its public funding (CGCT, L1111-10 III).
PUBLIC_SHARE = Decimal("0.8")


class Funder(StrEnum):
    """Who pays beside the region; OWN is the beneficiary itself."""

    FIPD = "fipd"
    DETR = "detr"
    DSIL = "dsil"
    DEPARTMENT = "department"
    EPCI = "epci"
    EUROPE = "europe"
    OTHER = "other"
    OWN = "own"


class LineState(StrEnum):
    """What became of the money that was asked of a co-funder."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a plan: who, how much, and whether it is certain."""

    funder: Funder
    state: LineState
    asked_cents: int = 0
    granted_cents: int = 0

    @property
    def cents(self) -> int:
        """What the line brings: granted where it is, asked where it is still open."""
        if self.state is LineState.REFUSED:
            return 0
        return self.granted_cents if self.state is LineState.GRANTED else self.asked_cents


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A project's financing: its cost before tax, and what each side brings in cents.

    `public_cents` is what public bodies other than the owner give, the region's
    grant included; aid asked and not refused counts, because it may come.
    """

    cost_cents: int | None
    grant_cents: int
    aid_cents: int
    own_cents: int

    @property
    def public_cents(self) -> int:
        """The public money that is not the owner's."""
        return self.grant_cents + self.aid_cents

    @property
    def total_cents(self) -> int | None:
        """What the shares are of: the cost, or what the plan adds up to; None without both."""
        if self.cost_cents:
            return self.cost_cents
        return self.public_cents + self.own_cents if self.own_cents else None

    @property
    def public_share(self) -> Fraction | None:
        """The exact share that public money pays; None where the whole is not known."""
        total = self.total_cents
        return Fraction(self.public_cents, total) if total else None

    def share_exceeds(self, limit: Decimal) -> bool:
        """Tell whether public money pays more than a limit of the project."""
        share = self.public_share
        return share is not None and share > Fraction(limit)


def plan_of(shares: Iterable[Share], *, grant_cents: int, cost_cents: int | None) -> Plan:
    """Add up a financing plan."""
    lines = list(shares)
    own = sum(line.cents for line in lines if line.funder is Funder.OWN)
    aid = sum(line.cents for line in lines if line.funder is not Funder.OWN)
    return Plan(cost_cents, grant_cents, aid, own)


def plan_problems(plan: Plan) -> tuple[Problem, ...]:
    """
    Refuse a plan in which public money pays more than the whole project.

    Over 80 % is a finding of the audit: the prefect may allow it, and what was
    voted was voted. Over 100 % cannot be.
    """
    if plan.cost_cents and plan.public_cents > plan.cost_cents:
        said = {
            "most_cents": str(plan.cost_cents),
            "grant_cents": str(plan.grant_cents),
            "aid_cents": str(plan.aid_cents),
        }
        return (Problem("plan.beyond", "granted_cents", str(plan.public_cents), said),)
    return ()


def rate_problems(voted_cents: int, eligible_cents: int | None) -> tuple[Problem, ...]:
    """Refuse a grant above its own eligible base: a rate over 100 % cannot be."""
    if eligible_cents is not None and voted_cents > eligible_cents:
        said = {"most_cents": str(eligible_cents)}
        return (Problem("rate.beyond", "voted_cents", str(voted_cents), said),)
    return ()
