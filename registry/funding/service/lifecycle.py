"""Takes grants from step to step, and back from a step that was entered by mistake."""

from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.funding.models import Grant, GrantEvent, GrantStatus
from registry.funding.queries import progress_of
from registry.funding.rules import Step, move_problems
from registry.funding.service.holding import flushed, hold
from registry.funding.service.signing import long_texts
from registry.journal import sign
from registry.signature import Signature


def move_grant(session: Session, grant: Grant, step: Step, *, signed: Signature) -> GrantEvent:
    """
    Take a grant to its next step, with the date, the decision and the reason.

    A vote also writes its number and its date on the grant.

    Raises:
        Invalid: The step is impossible from here, or lacks a paper, an amount or a
            date; every problem says which, and an impossible step says what is possible.
        Conflict: Somebody else moved the grant meanwhile.
    """
    hold(session, grant, "status", "events")
    problems = [*signed.problems(), *move_problems(progress_of(grant), step, today=signed.today)]
    numbers = {"decision_number": step.decision_number}
    problems += long_texts(numbers, {"decision_number": 60})
    if problems:
        raise Invalid(problems)
    number = step.decision_number.strip()
    before: dict[str, object] = {"status": grant.status}
    after: dict[str, object] = {"status": step.to, "on": step.on, "decision_number": number}
    with flushed(session, conflict=_moved(grant)):
        event = _take(session, grant, step, signed)
        if step.to is GrantStatus.VOTED:
            before |= {"decision_number": grant.decision_number, "decided_on": grant.decided_on}
            after["decided_on"] = step.on
            grant.decision_number, grant.decided_on = number, step.on
    sign(session, signed, "grant.move", f"grant:{grant.file_number}", before=before, after=after)
    return event


def take_back(session: Session, grant: Grant, *, signed: Signature) -> GrantStatus:
    """
    Undo the last step of a grant, entered by mistake; return where it stands again.

    The step leaves the grant's life and stays in the journal. A vote takes its number
    and its date with it, unless the grant says others by now.

    Raises:
        Invalid: No reason is given, or the grant has taken no step yet.
    """
    hold(session, grant, "status", "events")
    problems = list(signed.problems())
    if len(grant.events) <= 1:
        problems.append(Problem("move.first", "status", str(grant.status)))
    if problems:
        raise Invalid(problems)
    last, before_it = grant.events[-1], grant.events[-2]
    number, day = last.decision_number, last.happened_on
    said = {"status": last.status, "on": day, "decision_number": number}
    with flushed(session, conflict=_moved(grant)):
        grant.events.remove(last)
        session.delete(last)
        # It leaves first: the database holds a grant to one open step.
        session.flush()
        before_it.ended_on = None
        grant.status = before_it.status
        decision = (grant.decision_number, grant.decided_on)
        if last.status is GrantStatus.VOTED and decision == (number, day):
            grant.decision_number, grant.decided_on = "", None
    after = {"status": grant.status}
    sign(session, signed, "grant.take_back", f"grant:{grant.file_number}", before=said, after=after)
    return grant.status


def _take(session: Session, grant: Grant, step: Step, signed: Signature) -> GrantEvent:
    rank = 1
    if grant.events:
        last = grant.events[-1]
        last.ended_on, rank = step.on, last.rank + 1
        # The step before is closed first: the database holds a grant to one open step.
        session.flush()
    event = GrantEvent(
        rank=rank,
        status=step.to,
        happened_on=step.on,
        decision_number=step.decision_number.strip(),
        author=signed.actor,
        reason=signed.reason.strip(),
        recorded_at=signed.at,
    )
    grant.events.append(event)
    grant.status = step.to
    return event


def _moved(grant: Grant) -> str:
    return f"grant {grant.file_number} was moved meanwhile; read it again"
