"""Notes what has befallen cameras, in the transaction that wrote it, for whoever must be told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, insert
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.models import Transition
from registry.monitoring.rules import OutageMove
from registry.monitoring.rules.notices import Happening
from registry.monitoring.service.trail import table_of


def note_transitions(
    session: Session, moves: Sequence[tuple[int, OutageMove]], *, at: datetime
) -> None:
    """
    Keep the moves of outages until it is decided who is told.

    A move stands beside the camera that it befell, in the order of events.
    """
    if not moves:
        return
    table = table_of(Transition)
    plain = {"at": bindparam("at", type_=BigInteger())}
    session.execute(
        insert(table).values(plain),
        [
            {
                "camera_id": camera_id,
                "happening": happening_of(move),
                "health": move.health,
                "reason": move.reason,
                "at": move.at,
                "noted_at": at,
                "planned_at": None,
            }
            for camera_id, move in moves
        ],
    )


def happening_of(move: OutageMove) -> Happening:
    """Name what a move of an outage means to a reader."""
    if move.opened:
        return Happening.OPENED
    if not move.closed:
        return Happening.CHANGED
    # An outage may also end because nobody knows any more: that is no recovery.
    return Happening.LOST if move.health is Health.UNKNOWN else Happening.RECOVERED
