"""Keeps many probes in flight, and never too many for one site or one device."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

from probes.engine.limits import Limits
from probes.engine.prober import Prober, WallClock, utc_now
from probes.explain import Trace
from probes.target import Requests, Target
from probes.verdict import Health, Reason, Verdict

_LOG = logging.getLogger(__name__)


class Engine:
    """
    Probes many devices at once, and never waits for one.

    Made on a running loop. At most one probe is in flight per device address;
    a target whose key is already waiting or in flight is not taken twice.
    """

    def __init__(
        self, requests: Requests, limits: Limits | None = None, *, clock: WallClock = utc_now
    ) -> None:
        """Start with nothing to do."""
        self.limits = limits or Limits()
        self._prober = Prober(requests, self.limits, clock)
        self._ready: deque[Target] = deque()
        self._parked: dict[object, deque[Target]] = {}
        self._busy: dict[object, int] = {}
        self._keys: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._verdicts: deque[Verdict] = deque()
        self._closed = False
        self._loop = asyncio.get_running_loop()

    @property
    def in_flight(self) -> int:
        """How many probes run now."""
        return len(self._tasks)

    @property
    def backlog(self) -> int:
        """How many targets wait for a place."""
        return len(self._keys) - len(self._tasks)

    def feed(self, targets: Iterable[Target]) -> None:
        """Take targets; they start at once, or as soon as there is a place."""
        for target in targets:
            if target.key not in self._keys and not self._closed:
                self._keys.add(target.key)
                self._ready.append(target)
        self._start()

    def drain(self) -> list[Verdict]:
        """Give the verdicts that are ready, in the order in which they came."""
        ready = list(self._verdicts)
        self._verdicts.clear()
        return ready

    async def close(self) -> None:
        """Stop all probes; what has no verdict yet gets none."""
        self._closed = True
        self._ready.clear()
        self._parked.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._prober.close()
        self._keys.clear()

    def _start(self) -> None:
        """Start what may start; park what its site or device holds back."""
        while self._ready and len(self._tasks) < self.limits.in_flight:
            target = self._ready.popleft()
            places = _places(target)
            full = self._full(places)
            if full is not None:
                self._parked.setdefault(full, deque()).append(target)
                continue
            for place in places:
                self._busy[place] = self._busy.get(place, 0) + 1
            task = self._loop.create_task(self._run(target, places))
            self._tasks.add(task)
            task.add_done_callback(self._finish)

    def _full(self, places: tuple[object, ...]) -> object | None:
        """Give the place that keeps a target waiting, if one does."""
        if self._busy.get(places[0]):
            return places[0]
        for site in places[1:]:
            if self._busy.get(site, 0) >= self.limits.in_flight_per_site:
                return site
        return None

    async def _run(self, target: Target, places: tuple[object, ...]) -> None:
        """Probe one target and make room for the next."""
        try:
            verdict = await self._prober.probe(target, Trace())
        except Exception:  # noqa: BLE001 - the engine outlives every bug
            # A camera without a verdict would wait for ever for its next probe.
            _LOG.exception("probe of target %s came to nothing", target.key)
            at = utc_now().replace(microsecond=0)
            verdict = Verdict(target.key, at, Health.UNKNOWN, Reason.INTERNAL)
        finally:
            self._keys.discard(target.key)
            for place in places:
                self._leave(place)
        self._verdicts.append(verdict)

    def _finish(self, task: asyncio.Task[None]) -> None:
        """Start what the end of a probe makes room for."""
        self._tasks.discard(task)
        self._start()

    def _leave(self, place: object) -> None:
        """Free a place and call the first who can take it."""
        self._busy[place] -= 1
        if not self._busy[place]:
            del self._busy[place]
        waiting = self._parked.get(place)
        while waiting:
            target = waiting.popleft()
            full = self._full(_places(target))
            if full is None:
                self._ready.appendleft(target)
                break
            self._parked.setdefault(full, deque()).append(target)
        if not waiting:
            self._parked.pop(place, None)


def _places(target: Target) -> tuple[object, ...]:
    """List the places that a probe takes: its device's, and one of its site's."""
    return (target.device,) if target.site == "" else (target.device, (target.site,))
