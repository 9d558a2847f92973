"""Notes what has befallen cameras, in the transaction that wrote it, for whoever must be told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, insert
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.models import Transition
from registry.monitoring.queries.notices import begun_again, left_open
from registry.monitoring.rules import OutageMove
from registry.monitoring.rules.notices import LEAVINGS, Happening, Sign
from registry.monitoring.service.trail import table_of


def note_transitions(
    session: Session,
    moves: Sequence[tuple[int, OutageMove]],
    signs: Sequence[tuple[int, Sign]] = (),
    *,
    at: datetime,
) -> None:
    """
    Keep the moves of outages, and the signs of cameras, until it is decided who is told.

    Each stands beside the camera that it befell, in the order of events.
    """
    rows = [
        (camera_id, happening_of(move), move.health, move.reason, move.at)
        for camera_id, move in moves
    ]
    rows += [(camera_id, sign.happening, sign.health, None, sign.at) for camera_id, sign in signs]
    if not rows:
        return
    table = table_of(Transition)
    plain = {"at": bindparam("at", type_=BigInteger())}
    session.execute(
        insert(table).values(plain),
        [
            {
                "camera_id": camera_id,
                "happening": happening,
                "health": health,
                "reason": reason,
                "at": second,
                "noted_at": at,
                "planned_at": None,
            }
            for camera_id, happening, health, reason, second in rows
        ],
    )


def leavings(session: Session, *, at: datetime, before: int) -> list[tuple[int, Sign]]:
    """
    Return how other units and refused logins end at cameras that were taken out of service.

    Nobody looks there any more, so no verdict will ever say it. See `left_open`.
    """
    now = int(at.timestamp())
    return [
        (camera_id, Sign(now, LEAVINGS[begun], Health.UNKNOWN))
        for camera_id, begun in left_open(session, at=at, before=before)
    ]


def returns(session: Session, *, at: datetime) -> list[tuple[int, Sign]]:
    """
    Return what begins anew at cameras that are back in service: it never ended there.

    No verdict will say it, for to the record nothing has changed. See `begun_again`.
    """
    return [
        (camera_id, Sign(int(answered_at.timestamp()), beginning, Health.UP))
        for camera_id, beginning, answered_at in begun_again(session, at=at)
    ]


def happening_of(move: OutageMove) -> Happening:
    """Name what a move of an outage means to a reader."""
    if move.opened:
        return Happening.OPENED
    if not move.closed:
        return Happening.CHANGED
    # An outage may also end because nobody knows any more: that is no recovery.
    return Happening.LOST if move.health is Health.UNKNOWN else Happening.RECOVERED
