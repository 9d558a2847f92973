"""Keeps who else pays for a project, and what each was asked for and gave."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid, NotFound, Problem
from registry.funding.models import Funder, FundingLine, Grant, LineState
from registry.funding.rules import Plan, Share, plan_of, plan_problems
from registry.funding.service.holding import flushed, hold
from registry.funding.service.signing import Values, amend, as_said, long_texts
from registry.journal import sign
from registry.signature import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class LineValues(Values):
    """One line of a financing plan; amounts in whole cents."""

    funder: Funder
    name: str = ""
    state: LineState = LineState.ASKED
    asked_cents: int = 0
    granted_cents: int = 0
    asked_on: date | None = None
    decided_on: date | None = None
    reference: str = ""

    @property
    def share(self) -> Share:
        """The line as the plain value that rules add up."""
        return Share(self.funder, self.state, self.asked_cents, self.granted_cents)


def plan_of_grant(
    grant: Grant,
    *,
    voted_cents: int | None = None,
    cost_cents: int | None = None,
    without: FundingLine | None = None,
    and_also: Iterable[Share] = (),
) -> Plan:
    """Add up the financing plan of a grant, as it stands or as it would with a change."""
    shares = [LineValues.of(line).share for line in grant.lines if line is not without]
    return plan_of(
        [*shares, *and_also],
        grant_cents=grant.voted_cents if voted_cents is None else voted_cents,
        cost_cents=cost_cents or grant.project_cents or grant.eligible_cents,
    )


def save_line(
    session: Session,
    grant: Grant,
    values: LineValues,
    *,
    signed: Signature,
    line: FundingLine | None = None,
) -> FundingLine:
    """
    Add a line to a grant's plan, or change one of its lines.

    Raises:
        Invalid: No reason is given, or with every value that cannot be: dates out of
            order, public money beyond the cost of the project.
        Conflict: The co-funder has a line in this plan already.
    """
    hold(session, grant, "lines", "voted_cents", "eligible_cents", "project_cents")
    conflict = f"grant {grant.file_number} was changed meanwhile; read it again"
    with flushed(session, conflict=conflict):
        if line is not None:
            change_line(session, grant, line, values, signed=signed)
        else:
            line = new_line(session, grant, values, signed=signed)
            grant.lines.append(line)
    return line


def new_line(
    session: Session,
    grant: Grant,
    values: LineValues,
    *,
    signed: Signature,
    beside: Iterable[Share] = (),
) -> FundingLine:
    """
    Return a line that may be added to a plan, told to the journal and not added yet.

    `beside` are the shares that wait to be added too.

    Raises:
        Invalid: As `save_line` does.
        Conflict: The co-funder has a line in this plan already.
    """
    _refuse(grant, values, signed, beside=beside)
    subject = f"grant:{grant.file_number}"
    sign(session, signed, "funding_line.add", subject, after=as_said(values))
    return FundingLine(grant_id=grant.id, **as_said(values))


def change_line(  # noqa: PLR0913 - a plan and its line, the values, and who signs
    session: Session,
    grant: Grant,
    line: FundingLine,
    values: LineValues,
    *,
    signed: Signature,
    beside: Iterable[Share] = (),
) -> bool:
    """
    Change a line as `save_line` does, for whoever flushes thousands at once.

    Raises:
        Invalid: As there.
        Conflict: As there.
    """
    _refuse(grant, values, signed, line=line, beside=beside)
    subject = f"grant:{grant.file_number}"
    return amend(session, line, values, signed=signed, action="funding_line.edit", subject=subject)


def _refuse(
    grant: Grant,
    values: LineValues,
    signed: Signature,
    *,
    line: FundingLine | None = None,
    beside: Iterable[Share] = (),
) -> None:
    problems = [*signed.problems(), *_line_problems(values, signed.today)]
    plan = plan_of_grant(grant, without=line, and_also=[*beside, values.share])
    problems += [] if values.funder is Funder.OWN else plan_problems(plan)
    if problems:
        raise Invalid(problems)
    for other in grant.lines:
        if other is not line and (other.funder, other.name) == (values.funder, values.name):
            who = f"{values.funder} {values.name}".strip()
            raise Conflict(f"grant {grant.file_number}: {who} has a line already")


def remove_line(session: Session, grant: Grant, line: FundingLine, *, signed: Signature) -> None:
    """
    Take a line out of a plan; the journal keeps what it said.

    Raises:
        Invalid: No reason is given.
        NotFound: The line is not of this grant.
    """
    if signed.problems():
        raise Invalid(signed.problems())
    if line not in grant.lines:
        raise NotFound(f"grant {grant.file_number} has no such line")
    before = as_said(LineValues.of(line))
    grant.lines.remove(line)
    session.delete(line)
    session.flush()
    sign(session, signed, "funding_line.remove", f"grant:{grant.file_number}", before=before)


def _line_problems(values: LineValues, today: date) -> Iterator[Problem]:
    yield from long_texts(as_said(values), {"name": 120, "reference": 60})
    for name in ("asked_cents", "granted_cents"):
        cents = getattr(values, name)
        if cents < 0:
            yield Problem("amount.negative", name, str(cents))
    if values.granted_cents and values.state is not LineState.GRANTED:
        said = {"state": str(values.state)}
        yield Problem("line.not_granted", "granted_cents", str(values.granted_cents), said)
    asked, decided = values.asked_on, values.decided_on
    if asked and decided and decided < asked:
        said = {"first": str(asked), "step": "asked_on"}
        yield Problem("date.before", "decided_on", str(decided), said)
    for name in ("asked_on", "decided_on"):
        day = getattr(values, name)
        if day and day > today:
            yield Problem("date.future", name, str(day), {"today": str(today)})
