"""Changes grants, and keeps in the journal what they were before."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from registry import journal
from registry.errors import Invalid, Problem
from registry.funding.models import Grant, GrantStatus


@dataclass(frozen=True, slots=True)
class GrantEdit:
    """What an officer may change of a grant by hand; amounts voted come from decisions."""

    status: GrantStatus
    paid_cents: int
    decision_number: str
    decided_on: date | None


def edit_grant(  # noqa: PLR0913 - what, why, by whom and when are four things
    session: Session, grant: Grant, edit: GrantEdit, *, reason: str, actor: str, at: datetime
) -> bool:
    """
    Change a grant and journal what it was before; tell whether anything changed.

    Raises:
        Invalid: More would be paid than was voted, or no reason is given.
    """
    problems = []
    if not 0 <= edit.paid_cents <= grant.voted_cents:
        limit = {"most": str(grant.voted_cents)}
        problems.append(Problem("paid_range", "paid", str(edit.paid_cents), limit))
    if not reason.strip():
        problems.append(Problem("required", "reason"))
    if problems:
        raise Invalid(problems)
    before = asdict(
        GrantEdit(grant.status, grant.paid_cents, grant.decision_number, grant.decided_on)
    )
    changes = {name: value for name, value in asdict(edit).items() if value != before[name]}
    if not changes:
        return False
    for name, value in changes.items():
        setattr(grant, name, value)
    journal.write(
        session,
        at=at,
        actor=actor,
        action="grant.edit",
        subject=f"grant:{grant.file_number}",
        before={name: before[name] for name in changes},
        after=changes,
        reason=reason.strip(),
    )
    return True
