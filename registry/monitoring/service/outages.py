"""What people add to an outage: who cares for it, comments, a ticket, whether it counts."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry import journal
from registry.db import claim_writing
from registry.errors import Conflict, Invalid, NotFound, Problem
from registry.monitoring.models import Outage, OutageComment
from registry.monitoring.rules.outages import Exclusion

NOTE_LENGTH = 400
COMMENT_LENGTH = 1_000
TICKET_LENGTH = 60
JUDGEMENT_LENGTH = 400


def acknowledge(
    session: Session, outage_id: int, *, actor: str, at: datetime, note: str = ""
) -> Outage:
    """
    Note that somebody has seen an outage and takes care of it.

    Raises:
        NotFound: There is no such outage.
        Conflict: Somebody has acknowledged it before.
        Invalid: The note is too long.
    """
    outage = _held(session, outage_id)
    if outage.acknowledged_at is not None:
        raise Conflict(f"outage {outage_id} was acknowledged by {outage.acknowledged_by}")
    said = note.strip()
    _require_short("note", said, NOTE_LENGTH)
    outage.acknowledged_at, outage.acknowledged_by, outage.note = at, actor, said
    journal.write(
        session,
        at=at,
        actor=actor,
        action="outage.acknowledge",
        subject=f"outage:{outage_id}",
        after={"note": said},
    )
    return outage


def comment(
    session: Session, outage_id: int, *, text: str, actor: str, at: datetime
) -> OutageComment:
    """
    Add a comment to an outage, for good.

    Raises:
        NotFound: There is no such outage.
        Invalid: The comment is empty or too long.
    """
    outage = _held(session, outage_id)
    written = _text("text", text, COMMENT_LENGTH)
    added = OutageComment(outage_id=outage.id, author=actor, written_at=at, text=written)
    session.add(added)
    session.flush()
    journal.write(
        session,
        at=at,
        actor=actor,
        action="outage.comment",
        subject=f"outage:{outage_id}",
        after={"comment": added.id, "text": written},
    )
    return added


def set_ticket(session: Session, outage_id: int, *, ticket: str, actor: str, at: datetime) -> None:
    """
    Keep the number under which somebody repairs; an empty one takes it back.

    Raises:
        NotFound: There is no such outage.
        Invalid: The number is too long.
    """
    outage = _held(session, outage_id)
    wanted = ticket.strip()
    _require_short("ticket", wanted, TICKET_LENGTH)
    if wanted == outage.ticket:
        return
    before, outage.ticket = outage.ticket, wanted
    journal.write(
        session,
        at=at,
        actor=actor,
        action="outage.ticket",
        subject=f"outage:{outage_id}",
        before={"ticket": before},
        after={"ticket": wanted},
    )


def judge(  # noqa: PLR0913 - a judgement, its reason, and who gives it when
    session: Session,
    outage_id: int,
    *,
    excluded_for: Exclusion | None,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    """
    Say that an outage does not count against whoever maintains the camera, or that it does.

    No interval and no uptime moves: the contract's account alone does.

    Args:
        session: Where the outage is kept.
        outage_id: Which one.
        excluded_for: Why it does not count; none when it does.
        reason: In words, what proves it; asked for either way.
        actor: Who judges.
        at: Now.

    Raises:
        NotFound: There is no such outage.
        Invalid: No reason is given, or it is too long.
    """
    outage = _held(session, outage_id)
    judgement = _text("judgement", reason, JUDGEMENT_LENGTH)
    before = {"excluded_for": outage.excluded_for, "judgement": outage.judgement}
    outage.excluded_for = excluded_for
    outage.judgement = judgement
    outage.judged_by = actor
    outage.judged_at = at
    journal.write(
        session,
        at=at,
        actor=actor,
        action="outage.judge",
        subject=f"outage:{outage_id}",
        before=before,
        after={"excluded_for": excluded_for, "judgement": judgement},
        reason=judgement,
    )


def _held(session: Session, outage_id: int) -> Outage:
    """Return an outage that nobody else may change meanwhile: what it was is journaled too."""
    claim_writing(session)
    outage = session.get(Outage, outage_id, with_for_update=True, populate_existing=True)
    if outage is None:
        raise NotFound(f"outage {outage_id}")
    return outage


def _text(where: str, typed: str, limit: int) -> str:
    text = typed.strip()
    if not text:
        raise Invalid([Problem("required", where)])
    _require_short(where, text, limit)
    return text


def _require_short(where: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid([Problem("too_long", where, text[:40], {"limit": str(limit)})])
