"""Opens grants and changes what they say, and keeps in the journal what they said before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid, Problem
from registry.funding.models import Beneficiary, Campaign, Grant, GrantEvent, GrantStatus
from registry.funding.rules import plan_problems, rate_problems
from registry.funding.service.holding import flushed
from registry.funding.service.plans import plan_of_grant
from registry.funding.service.signing import Values, amend, as_said, long_texts
from registry.journal import sign
from registry.signature import Signature

_LONGEST = {"decision_number": 60, "purpose": 256, "population_source": 200}
_COUNTS = ("voted_cents", "eligible_cents", "project_cents", "cameras_funded", "population")
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantValues(Values):
    """
    What may be said of a grant, apart from who receives it under which campaign.

    Amounts are whole cents before tax; `rate` is the decision's own, exact to the
    basis point. To change some, `dataclasses.replace(GrantValues.of(grant), ...)`.
    """

    voted_cents: int
    cameras_funded: int
    decision_number: str = ""
    decided_on: date | None = None
    purpose: str = ""
    project_cents: int | None = None
    eligible_cents: int | None = None
    rate: Decimal | None = None
    population: int | None = None
    population_year: int | None = None
    population_source: str = ""


def create_grant(  # noqa: PLR0913 - a file number, three parts, and who signs
    session: Session,
    file_number: str,
    values: GrantValues,
    *,
    campaign: Campaign,
    beneficiary: Beneficiary,
    signed: Signature,
    status: GrantStatus = GrantStatus.DRAFT,
    since: date | None = None,
) -> Grant:
    """
    Open a grant's file, as a draft or wherever it has come already.

    `since` dates its first step; None where no paper says it.

    Raises:
        Invalid: With every value that cannot be.
        Conflict: The file number is in the register.
    """
    grant = new_grant(
        file_number,
        values,
        campaign=campaign,
        beneficiary=beneficiary,
        signed=signed,
        status=status,
        since=since,
    )
    known = f"grant {file_number} is in the register"
    if session.scalar(select(Grant.id).where(Grant.file_number == file_number)):
        raise Conflict(known)
    with flushed(session, conflict=known):
        session.add(grant)
    tell_opening(session, grant, signed=signed)
    return grant


def new_grant(  # noqa: PLR0913 - a file number, three parts, and who signs
    file_number: str,
    values: GrantValues,
    *,
    campaign: Campaign,
    beneficiary: Beneficiary,
    signed: Signature,
    status: GrantStatus,
    since: date | None,
) -> Grant:
    """
    Return a grant that may be opened, with its first step, not added yet.

    Raises:
        Invalid: With every value that cannot be.
    """
    problems = [*value_problems(values, today=signed.today)]
    problems += long_texts({"file_number": file_number}, {"file_number": 60})
    if not file_number.strip():
        problems.append(Problem("required", "file_number"))
    if since and since > signed.today:
        said = {"today": str(signed.today)}
        problems.append(Problem("date.future", "since", str(since), said))
    if problems:
        raise Invalid(problems)
    grant = Grant(
        file_number=file_number, campaign=campaign, beneficiary=beneficiary, **as_said(values)
    )
    begin_life(grant, status=status, since=since, signed=signed)
    return grant


def tell_opening(session: Session, grant: Grant, *, signed: Signature) -> None:
    """Keep in the journal what a new grant says."""
    values = as_said(GrantValues.of(grant))
    after = {**values, "status": grant.status, "campaign": grant.campaign.name}
    sign(session, signed, "grant.create", f"grant:{grant.file_number}", after=after)


def begin_life(grant: Grant, *, status: GrantStatus, since: date | None, signed: Signature) -> None:
    """Give a new grant its first step; an import calls it for each that it finds."""
    grant.status = status
    grant.events.append(
        GrantEvent(
            rank=1,
            status=status,
            happened_on=since,
            decision_number=grant.decision_number or "",
            author=signed.actor,
            reason=signed.reason.strip(),
            recorded_at=signed.at,
        )
    )


def update_grant(session: Session, grant: Grant, values: GrantValues, *, signed: Signature) -> bool:
    """
    Change what a grant says, with a reason; tell whether anything was different.

    Raises:
        Invalid: No reason is given, or with every value that cannot be: less voted
            than was paid, a vote dated after the step that came after it.
        Conflict: Somebody else changed it meanwhile.
    """
    conflict = f"grant {grant.file_number} was changed meanwhile; read it again"
    with flushed(session, conflict=conflict):
        return change_grant(session, grant, values, signed=signed)


def change_grant(session: Session, grant: Grant, values: GrantValues, *, signed: Signature) -> bool:
    """
    Change what a grant says as `update_grant` does, for whoever flushes thousands at once.

    Raises:
        Invalid: As there.
    """
    problems = [*signed.problems(), *value_problems(values, today=signed.today)]
    problems += _standing_problems(grant, values)
    if problems:
        raise Invalid(problems)
    subject = f"grant:{grant.file_number}"
    return amend(session, grant, values, signed=signed, action="grant.edit", subject=subject)


def value_problems(values: GrantValues, *, today: date) -> Iterator[Problem]:
    """Find what cannot be in a grant's values, whatever else is known of it."""
    yield from long_texts(as_said(values), _LONGEST)
    for name in _COUNTS:
        number = getattr(values, name)
        if number is not None and number < 0:
            yield Problem("amount.negative", name, str(number))
    rate = values.rate
    if rate is not None and not (0 < rate <= 1 and rate == round(rate, 4)):
        yield Problem("rate.range", "rate", str(rate))
    project, eligible = values.project_cents, values.eligible_cents
    yield from rate_problems(values.voted_cents, project if eligible is None else eligible)
    if project is not None and eligible is not None and eligible > project:
        said = {"most_cents": str(project)}
        yield Problem("eligible.beyond", "eligible_cents", str(eligible), said)
    if values.decided_on and values.decided_on > today:
        said = {"today": str(today)}
        yield Problem("date.future", "decided_on", str(values.decided_on), said)
    if values.population_year is not None and values.population_year not in _YEARS:
        yield Problem("year.range", "population_year", str(values.population_year))


def _standing_problems(grant: Grant, values: GrantValues) -> Iterator[Problem]:
    """Find what contradicts payments, steps and co-funders that are there already."""
    if 0 <= values.voted_cents < grant.paid_cents:
        said = {"paid_cents": str(grant.paid_cents)}
        yield Problem("vote.below_paid", "voted_cents", str(values.voted_cents), said)
    decided = values.decided_on
    for event in grant.events:
        later = event.status not in _BEFORE_VOTE and event.status is not GrantStatus.VOTED
        day = event.happened_on
        if decided and day and later and decided > day:
            said = {"second": str(day), "step": str(event.status)}
            yield Problem("date.after", "decided_on", str(decided), said)
            break
    if grant.lines:
        cost = values.project_cents or values.eligible_cents
        plan = plan_of_grant(grant, voted_cents=values.voted_cents, cost_cents=cost)
        yield from plan_problems(plan)


_BEFORE_VOTE = (
    GrantStatus.DRAFT,
    GrantStatus.FILED,
    GrantStatus.COMPLETE,
    GrantStatus.INSTRUCTED,
)
