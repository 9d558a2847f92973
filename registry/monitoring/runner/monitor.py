"""
The monitor's loop: feed what is due, take what is ready, hand it to the clerk.

A tick never waits, neither for a probe nor for the database. While the clerk is busy
verdicts gather; what he could not write stays for his next turn, up to a bound.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy.exc import OperationalError

from probes.engine import Engine
from probes.verdict import Health, Reason, Verdict
from registry.clock import STEP_SECONDS, SteadyClock, whole_second
from registry.monitoring.agenda import Agenda
from registry.monitoring.rules import Scheduled
from registry.monitoring.runner.canary import Canaries
from registry.monitoring.runner.clerk import Clerk, Errands, News
from registry.monitoring.runner.gauges import Gauges
from registry.monitoring.service import AnotherWrites

_LOG = logging.getLogger(__name__)

MAX_WAITING = 200_000
# Told what the cameras answered, and when, right after it came.
Listener: TypeAlias = Callable[[Sequence[Scheduled], datetime], None]
# A look at every camera (30 ms for 100,000) finds which zones there are; they seldom change.
ZONES_AFTER = timedelta(seconds=30)
# A locked or absent database, or another monitor that writes, is worth waiting for; a batch
# that the database refuses is not.
WORTH_WAITING = (OperationalError, AnotherWrites)
MAX_REFUSALS = 3


class Monitor:
    """One monitor: its agenda, its engine, its clerk, and what waits between them."""

    def __init__(  # noqa: PLR0913 - the parts that jobs.py puts together
        self,
        agenda: Agenda,
        engine: Engine,
        clerk: Clerk,
        gauges: Gauges,
        canaries: Canaries,
        *,
        listeners: Sequence[Listener] = (),
        clock: SteadyClock,
        thread: Executor,
        most_waiting: int = MAX_WAITING,
    ) -> None:
        """
        Start idle: the first tick reaches for the lease and reads the register.

        At most `most_waiting` verdicts are kept for a database that does not take them.
        """
        self._agenda = agenda
        self._engine = engine
        self._clerk = clerk
        self._gauges = gauges
        self._canaries = canaries
        self._listeners = listeners
        self._clock = clock
        self._thread = thread
        self._most_waiting = most_waiting
        self._verdicts: list[Scheduled] = []
        self._answers: list[tuple[int, Verdict]] = []
        self._steps: list[float] = []
        self._wishes: defaultdict[int, list[int]] = defaultdict(list)
        self._turn: asyncio.Task[None] | None = None
        self._refusals = 0
        self._ticked_at = clock()
        self._zones_at: datetime | None = None
        self._told_step = 0.0
        self._told_lease: bool | None = None
        self.holds_lease = False

    async def tick(self) -> None:
        """Look what is due and what is ready; never wait for either."""
        self._mind_steps()
        at = self._ticked_at = self._clock()
        lag_seconds = self._feed(at) if self.holds_lease else 0.0
        self._take(self._engine.drain(), at=at)
        self._gauges.ticked(at=at, in_flight=self._engine.in_flight, lag_seconds=lag_seconds)
        if self._turn is None or self._turn.done():
            self._turn = asyncio.create_task(self._take_turn())

    async def close(self) -> None:
        """Stop probing, write what is ready, give the lease back."""
        if self._turn is not None:
            await self._turn
        self._take(self._engine.drain(), at=self._clock())
        await self._engine.close()
        await self._canaries.close()
        if self.holds_lease:
            await self._take_turn()
            await asyncio.get_running_loop().run_in_executor(self._thread, self._clerk.release)

    def _feed(self, at: datetime) -> float:
        """Feed the engine with what is due; return how late the latest of it is."""
        errands, hopeless = self._agenda.due(at=at)
        self._keep(hopeless)
        self._engine.feed(errand.target for errand in errands)
        return self._agenda.late_seconds

    def _take(self, verdicts: Iterable[Verdict], *, at: datetime) -> None:
        """Take the engine's verdicts, and answer with them whoever asked for one."""
        found = []
        for verdict in self._canaries.judge(verdicts, at=at):
            self._gauges.probed(verdict, zone=self._agenda.zone_of(verdict.key), at=at)
            scheduled = self._agenda.answered(verdict)
            if scheduled is not None:
                found.append(scheduled)
            for request_id in self._wishes.pop(verdict.key, ()):
                self._answers.append((request_id, verdict))
        self._keep(found)
        for listener in self._listeners:
            listener(found, at)

    def _keep(self, verdicts: Iterable[Scheduled]) -> None:
        """Keep verdicts for the clerk; beyond the bound the oldest are given up."""
        self._verdicts.extend(verdicts)
        surplus = len(self._verdicts) - self._most_waiting
        if surplus > 0:
            del self._verdicts[:surplus]
            self._gauges.dropped(surplus)
            _LOG.error("gave up %d verdicts that could not be written", surplus)

    async def _take_turn(self) -> None:
        """Hand over what waits, in the thread that writes, and take in the news."""
        errands = Errands(self._verdicts, self._answers, self._steps)
        self._verdicts, self._answers, self._steps = [], [], []
        loop = asyncio.get_running_loop()
        at = self._clock()
        try:
            news = await loop.run_in_executor(
                self._thread, lambda: self._clerk.turn(errands, at=at)
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the loop and its verdicts go on
            self._put_back(errands, error)
        else:
            self._refusals = 0
            self._hear(news, at=at)

    def _put_back(self, errands: Errands, error: Exception) -> None:
        """Keep what could not be written, unless the database will never take it."""
        _LOG.warning("a batch of %d verdicts was not written: %s", len(errands.verdicts), error)
        self._refusals += not isinstance(error, WORTH_WAITING)
        if self._refusals >= MAX_REFUSALS:
            self._refusals = 0
            self._gauges.dropped(len(errands.verdicts))
            _LOG.error("gave up %d verdicts", len(errands.verdicts), exc_info=error)
            return
        later, self._verdicts = self._verdicts, list(errands.verdicts)
        self._keep(later)
        self._answers = [*errands.answers, *self._answers]
        self._steps = [*errands.steps, *self._steps]

    def _hear(self, news: News, *, at: datetime) -> None:
        """Take in what the clerk brought back."""
        if news.holds_lease is not self._told_lease:
            self._told_lease = news.holds_lease
            if news.holds_lease:
                _LOG.info("this monitor is at work")
            else:
                _LOG.warning("another monitor is at work: this one waits")
        self.holds_lease = news.holds_lease
        self._gauges.dropped(news.dropped)
        self._agenda.update(news.cameras, news.memories, at=at)
        if self._zones_at is None or at - self._zones_at >= ZONES_AFTER:
            self._gauges.awaits(self._agenda.zones(at=at), at=at)
            self._zones_at = at
        for request_id, camera_id in news.wishes:
            if self._agenda.hurry(camera_id, at=at):
                self._wishes[camera_id].append(request_id)
            else:
                unknown, reason = Health.UNKNOWN, Reason.NOT_CONFIGURED
                verdict = Verdict(camera_id, whole_second(at), unknown, reason)
                self._answers.append((request_id, verdict))

    def _mind_steps(self) -> None:
        """
        Look whether the wall clock was set, and say so in the journal.

        Forward, the time that was skipped is nobody's: every camera is unknown from
        the tick before on. Backward, our own clock goes on; no instant ever goes back.
        """
        moved = self._clock.step()
        if abs(moved - self._told_step) <= STEP_SECONDS:
            return
        set_by = moved - self._told_step
        self._told_step = min(moved, 0.0)
        self._steps.append(set_by)
        _LOG.warning("the wall clock was set by %.1f s", set_by)
        if moved > 0:
            at = whole_second(self._ticked_at) + timedelta(seconds=1)
            self._keep(self._agenda.all_unknown(Reason.CLOCK_STEP, at=at))
