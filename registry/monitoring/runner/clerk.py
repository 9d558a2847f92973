"""The monitor's dealings with the database, in the one thread that writes."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from probes.verdict import Verdict
from registry import journal
from registry.db import SessionFactory, session_scope
from registry.fleet.queries import ProbeInput, probe_inputs
from registry.fleet.service import pin_certificate
from registry.monitoring.exposition import Board
from registry.monitoring.queries.memories import read_memories
from registry.monitoring.rules import Scheduled
from registry.monitoring.rules.memory import Memory
from registry.monitoring.runner.night import Night
from registry.monitoring.service import (
    Keeping,
    answer_probe_request,
    claim_lease,
    lapse_silent,
    note_transitions,
    record,
    release_lease,
    retain,
    roll,
    take_probe_requests,
    write_alone,
)

_LOG = logging.getLogger(__name__)

RENEW_AFTER = timedelta(seconds=4)
RELOAD_AFTER = timedelta(seconds=3)
LAPSE_AFTER = timedelta(seconds=120)
DEFAULT_KEEPING = Keeping(hours_days=40, camera_days=400)
DEFAULT_NIGHT = Night(1, 5)
# A change is stamped before its transaction commits: look a little further back.
OVERLAP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Errands:
    """What the loop hands over: verdicts, answers to wishes, steps of the wall clock."""

    verdicts: Sequence[Scheduled] = ()
    answers: Sequence[tuple[int, Verdict]] = ()
    steps: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What the loop gets back; `holds_lease` is False while another monitor works."""

    holds_lease: bool
    dropped: int = 0
    wishes: Sequence[tuple[int, int]] = ()
    cameras: Sequence[ProbeInput] = ()
    memories: Mapping[int, Memory] = field(default_factory=dict)


class Clerk:
    """Writes what the loop hands over, and reads what has changed in the register."""

    def __init__(  # noqa: PLR0913 - what jobs.py sets
        self,
        sessions: SessionFactory,
        holder: str,
        *,
        patience: int,
        keeping: Keeping = DEFAULT_KEEPING,
        night: Night = DEFAULT_NIGHT,
        board: Board | None = None,
    ) -> None:
        """
        Work for the monitor that calls itself `holder`; tell the board what was written.

        What is kept no longer is removed at `night`.
        """
        self._board = board
        self._sessions = sessions
        self._keeping = keeping
        self._night = night
        self._holder = holder
        self._patience = patience
        self._renewed_at: datetime | None = None
        self._loaded_at: datetime | None = None
        self._lapsed_at: datetime | None = None
        self._rolls = False
        self._retains = False

    def turn(self, errands: Errands, *, at: datetime) -> News:
        """
        Do one turn of work; either all that was handed over is kept, or an error rises.

        Without the lease nothing is written: another monitor keeps the books.
        """
        if not self._holds_lease(at):
            self._loaded_at = None
            return News(holds_lease=False, dropped=len(errands.verdicts))
        with session_scope(self._sessions) as session:
            write_alone(session)
            report = record(session, errands.verdicts, patience=self._patience)
            note_transitions(session, report.moves, report.signs, at=at)
            if self._is_time_to_lapse(at):
                # It looks at what was told last: what these verdicts say must be among it.
                lapsed = lapse_silent(session, at=at)
                note_transitions(session, lapsed.moves, lapsed.signs, at=at)
                self._rolls = self._retains = True
            for scheduled in errands.verdicts:
                if scheduled.verdict.certificate:
                    _pin(session, scheduled.verdict, at=at)
            for request_id, verdict in errands.answers:
                answer_probe_request(session, request_id, verdict=verdict.to_dict(), at=at)
            for seconds in errands.steps:
                _note_step(session, seconds, at=at)
            wishes = take_probe_requests(session, at=at)
        if self._board is not None:
            self._board.touch(each.verdict.key for each in errands.verdicts)
        if self._rolls:
            self._rolls = self._apart(lambda session: roll(session, at=at, keeping=self._keeping))
        elif self._retains and self._night.began_at(at):
            self._retains = self._apart(
                lambda session: retain(session, at=at, interval_days=self._keeping.interval_days)
            )
        cameras, memories = self._changes(at)
        return News(
            holds_lease=True,
            dropped=report.dropped,
            wishes=wishes,
            cameras=cameras,
            memories=memories,
        )

    def release(self) -> None:
        """Give the lease back, at a clean end."""
        with session_scope(self._sessions) as session:
            release_lease(session, self._holder)

    def _holds_lease(self, at: datetime) -> bool:
        """Renew the lease in good time, or reach for it."""
        if self._renewed_at is not None and at - self._renewed_at < RENEW_AFTER:
            return True
        with session_scope(self._sessions) as session:
            holds = claim_lease(session, self._holder, at=at)
        self._renewed_at = at if holds else None
        return holds

    def _is_time_to_lapse(self, at: datetime) -> bool:
        """Look for silent cameras now and then; at a start they first get their chance."""
        if self._lapsed_at is None:
            self._lapsed_at = at
        if at - self._lapsed_at < LAPSE_AFTER:
            return False
        self._lapsed_at = at
        return True

    def _apart(self, turn: Callable[[Session], bool]) -> bool:
        """
        Do a turn of what may wait, in a transaction of its own; tell whether there is more.

        On PostgreSQL it sees one state of the register. Where somebody changes the past
        meanwhile, or the database is away, the verdicts are written all the same: the
        next turn tries again.
        """
        try:
            with session_scope(self._sessions) as session:
                if session.get_bind().dialect.name == "postgresql":
                    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                return turn(session)
        except OperationalError as error:
            _LOG.warning("sums and removals wait: %s", error)
            return True

    def _changes(self, at: datetime) -> tuple[Sequence[ProbeInput], Mapping[int, Memory]]:
        """Read the cameras that have changed since the last look; at first, all."""
        if self._loaded_at is not None and at - self._loaded_at < RELOAD_AFTER:
            return (), {}
        since = None if self._loaded_at is None else self._loaded_at - OVERLAP
        with self._sessions() as session:
            cameras = probe_inputs(session, changed_since=since)
            memories = read_memories(session) if since is None else {}
        self._loaded_at = at
        return cameras, memories


def _pin(session: Session, verdict: Verdict, *, at: datetime) -> None:
    pin_certificate(session, verdict.key, certificate=verdict.certificate, at=at, actor="monitor")


def _note_step(session: Session, seconds: float, *, at: datetime) -> None:
    journal.write(
        session,
        at=at,
        actor="monitor",
        action="clock.step",
        subject="monitor",
        after={"seconds": round(seconds, 3)},
    )
