"""Renders the metrics pages at their own pace, in a thread of its own."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy.orm import Session

from registry.clock import Conversion, same_instant
from registry.db import SessionFactory, session_scope
from registry.errors import Conflict
from registry.monitoring.exposition import (
    SITES_PAGE,
    Board,
    CameraWriter,
    Writer,
    forget_other_shards,
    publish,
    render,
    version_of,
)
from registry.monitoring.models import Heartbeat
from registry.monitoring.runner.gauges import Gauges
from registry.monitoring.service import LEASE_NAME, beat

_LOG = logging.getLogger(__name__)


class Printer:
    """Prints the page of sites, with what every subject has to say there, and the cameras'."""

    def __init__(  # noqa: PLR0913 - the parts that jobs.py puts together
        self,
        sessions: SessionFactory,
        writers: Sequence[Writer],
        gauges: Gauges,
        board: Board,
        *,
        holder: str,
        camera_seconds: float,
        on_the_wall: Conversion = same_instant,
    ) -> None:
        """
        Print `writers` in their order, and the service's own metrics last.

        The board is refreshed by the writer of sites; camera pages are printed from it
        every `camera_seconds`. Pages and heartbeats are dated by the wall clock, as those
        who judge their age do.
        """
        self._sessions = sessions
        self._writers = (*writers, gauges)
        self._gauges = gauges
        self._write_cameras = CameraWriter(board)
        self._holder = holder
        self._camera_pace = timedelta(seconds=camera_seconds)
        self._on_the_wall = on_the_wall
        self._cameras_at: datetime | None = None
        self._started_at: datetime | None = None

    def print_pages(self, *, at: datetime) -> None:
        """Render what is due as it stands, keep it as the next snapshots, and say so."""
        began = perf_counter()
        with self._sessions() as session:
            after = version_of(session, SITES_PAGE)
            blocks = render(session, self._writers, at=at)
        try:
            with session_scope(self._sessions) as session:
                dated = self._on_the_wall(at)
                publish(session, SITES_PAGE, blocks, at=dated, after=after)
                self._beat(session, dated)
        except Conflict as conflict:
            _LOG.warning("a page was left to another monitor: %s", conflict)
            return
        self._gauges.rendered(perf_counter() - began)
        if self._cameras_at is None or at - self._cameras_at >= self._camera_pace:
            self.print_cameras(at)

    def _beat(self, session: Session, at: datetime) -> None:
        """Leave a heartbeat, for whoever asks whether a monitor is at work."""
        self._started_at = self._started_at or at
        vitals = self._gauges.vitals
        beat(
            session,
            Heartbeat(
                name=LEASE_NAME,
                holder=self._holder,
                version=self._gauges.version,
                started_at=self._started_at,
                beat_at=at,
                lag_seconds=vitals.lag_seconds,
                in_flight=vitals.in_flight,
                attempts=vitals.attempts,
                dropped=vitals.dropped,
            ),
        )

    def print_cameras(self, at: datetime) -> None:
        """Keep the page of each shard; one transaction each, so that nobody waits long."""
        names = []
        for name, blocks in self._write_cameras():
            names.append(name)
            with session_scope(self._sessions) as session:
                publish(session, name, blocks, at=self._on_the_wall(at))
        with session_scope(self._sessions) as session:
            forget_other_shards(session, names)
        self._cameras_at = at
