"""
Takes inventories beside the probes: every night, and when a camera is new or changed.

The talking is done by a few threads, for onvif-zeep knows no loop; what it brings is
written in the thread that writes.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from probes.engine.reasons import reason_of
from probes.onvif.facts import Inventory
from probes.onvif.inventory import MOST_BYTES, Library
from probes.target import Target
from probes.transport.blocking import Poster
from probes.transport.tls import Contexts
from probes.verdict import Health, Reason
from registry.db import SessionFactory, session_scope
from registry.errors import NotFound
from registry.monitoring.agenda import Agenda
from registry.monitoring.queries.surveys import common_serials, last_tries
from registry.monitoring.rules import Scheduled
from registry.monitoring.runner.night import Night
from registry.monitoring.service.surveys import keep_failed_inventory, keep_inventory

_LOG = logging.getLogger(__name__)
_LOOK_AFTER = timedelta(seconds=60)
# One costs 6 to 10 ms of CPU beside the probes: ten a second, at the clockwork's pace of
# a tick every five, are less than a tenth of a core, and 100,000 in three hours.
MOST_A_TICK = 50

Result = TypeVar("Result")
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Survey:
    """
    How one device is asked at length: the standard's files, the time that it may take.

    Args:
        library: The files, read once.
        timeout_seconds: For all answers of one device.
        clock: In aware UTC.
    """

    library: Library
    timeout_seconds: float
    clock: Clock
    contexts: Contexts
    _under_way: set[Poster] = field(default_factory=set)

    def stop(self) -> None:
        """Cut every conversation that is under way: the service is about to end."""
        for poster in list(self._under_way):
            poster.cut()

    def take(self, target: Target) -> Inventory | Reason:
        """Ask a device, in the thread that calls; give why where it cannot be asked at all."""
        poster = Poster(
            target,
            contexts=self.contexts,
            now=self.clock,
            seconds=self.timeout_seconds,
            most=MOST_BYTES,
        )
        self._under_way.add(poster)
        try:
            with poster as way:
                return self.library.take(way, target, now=self.clock)
        except Exception as error:  # noqa: BLE001 - the one table takes everything, as in the engine
            reason = reason_of(error, poster.trace.stage)
            if reason is Reason.INTERNAL:
                _LOG.exception("the inventory of camera %d failed in itself", target.key)
            return reason
        finally:
            self._under_way.discard(poster)


def keep(
    sessions: SessionFactory, camera_id: int, found: Inventory | Reason, *, at: datetime
) -> list[str]:
    """Write what came of an inventory; return the facts that have changed."""
    with session_scope(sessions) as session:
        try:
            if isinstance(found, Inventory):
                return keep_inventory(session, camera_id, found)
            keep_failed_inventory(session, camera_id, found, at=at)
        except NotFound:
            _LOG.info("camera %d is gone: its inventory is let go", camera_id)
    return []


class Surveyor:
    """Knows whose turn it is, and keeps a few inventories under way."""

    def __init__(  # noqa: PLR0913 - the parts that jobs.py puts together
        self,
        agenda: Agenda,
        survey: Survey,
        sessions: SessionFactory,
        night: Night,
        *,
        threads: Executor,
        most: int,
        writer: Executor,
    ) -> None:
        """Start with nothing under way; `most` inventories run at once."""
        self._agenda = agenda
        self._survey = survey
        self._sessions = sessions
        self._night = night
        self._threads = threads
        self._most = most
        self._writer = writer
        self._tried: dict[int, datetime] | None = None
        self._waiting: deque[int] = deque()
        self._queued: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._looked_at: datetime | None = None
        self._allowance = 0

    def heard(self, verdicts: Sequence[Scheduled], at: datetime) -> None:
        """Note who answers for the first time since the register changed it."""
        del at
        if self._tried is None:
            return
        changed = dict(self._changed_at(verdicts))
        for camera_id, changed_at in changed.items():
            tried_at = self._tried.get(camera_id)
            if tried_at is None or tried_at < changed_at:
                self._queue(camera_id)

    @property
    def running(self) -> int:
        """How many inventories are under way."""
        return len(self._running)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, nor waits."""
        return not self._running and not self._waiting

    async def tick(self) -> None:
        """Look whose turn it is, and start what there is room for."""
        at = self._survey.clock()
        if self._looked_at is None or at - self._looked_at >= _LOOK_AFTER:
            self._looked_at = at
            await self._look(at)
        self._allowance = MOST_A_TICK
        self._fill(at)

    async def close(self) -> None:
        """Cut short what is under way, and start nothing more."""
        self._waiting.clear()
        self._survey.stop()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _fill(self, at: datetime) -> None:
        """Start as many as there is room for, and as this tick still allows."""
        for _ in range(len(self._waiting)):
            if len(self._running) >= self._most or not self._allowance:
                return
            self._start(self._waiting.popleft(), at)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Make room for the next."""
        self._running.discard(task)
        self._fill(self._survey.clock())

    async def _look(self, at: datetime) -> None:
        """Read what is known, and queue whose turn of the night has come."""
        tried = self._tried
        if tried is None:
            tried = self._tried = await self._write(self._read_tries)
        self._agenda.targets.common_serials = await self._write(self._read_common_serials)
        if self._night.began_at(at) is None:
            return
        for camera_id in self._night.turns(self._agenda.in_service(at=at), tried, at=at):
            self._queue(camera_id)

    def _changed_at(self, verdicts: Sequence[Scheduled]) -> list[tuple[int, datetime]]:
        up = (each.verdict.key for each in verdicts if each.verdict.health is Health.UP)
        return [(key, found) for key in up if (found := self._agenda.changed_at(key))]

    def _queue(self, camera_id: int) -> None:
        if camera_id not in self._queued:
            self._queued.add(camera_id)
            self._waiting.append(camera_id)

    def _start(self, camera_id: int, at: datetime) -> None:
        """Start an inventory; a camera that is being probed comes again later."""
        target = self._agenda.lend(camera_id, at=at)
        if target is None:
            if self._agenda.changed_at(camera_id) is None:
                self._queued.discard(camera_id)
            else:
                self._waiting.append(camera_id)
            return
        if self._tried is not None:
            self._tried[camera_id] = at
        task = asyncio.get_running_loop().create_task(self._run(target, at))
        self._running.add(task)
        self._allowance -= 1
        task.add_done_callback(self._ended)

    async def _run(self, target: Target, at: datetime) -> None:
        """Ask one device and write what it said; whatever fails, the camera is given back."""
        loop = asyncio.get_running_loop()
        mac = ""
        try:
            found = await loop.run_in_executor(self._threads, self._survey.take, target)
            mac = found.mac if isinstance(found, Inventory) else ""
            changed = await self._write(lambda: keep(self._sessions, target.key, found, at=at))
            if changed:
                _LOG.info("camera %d has changed: %s", target.key, ", ".join(changed))
        except Exception:  # noqa: BLE001 - a database that is away loses one inventory, not the loop
            _LOG.exception("the inventory of camera %d was not written", target.key)
        finally:
            self._agenda.give_back(target.key, mac=mac)
            self._queued.discard(target.key)

    async def _write(self, work: Callable[[], Result]) -> Result:
        """Do something in the thread that writes."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    def _read_tries(self) -> dict[int, datetime]:
        with self._sessions() as session:
            return {camera_id: tried for camera_id, (tried, _) in last_tries(session).items()}

    def _read_common_serials(self) -> frozenset[str]:
        with self._sessions() as session:
            return common_serials(session)
