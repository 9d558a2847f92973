"""Keeps many probes in flight, and never too many for one site, subnet or device."""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import replace

from probes.checks.quick import Quick
from probes.engine.descriptors import afford
from probes.engine.limits import Limits
from probes.engine.prober import Prober, WallClock, utc_now
from probes.explain import Trace
from probes.guard import literal
from probes.target import Requests, Target
from probes.transport.poller import Poller
from probes.verdict import Health, Reason, Verdict

_LOG = logging.getLogger(__name__)
# The places that a probe takes: its device's, and one each of its site's and subnet's.
Places = tuple[object, ...]
_AT_ONCE = 256


class Engine:
    """
    Probes many devices at once, and never waits for one.

    Made on a running loop. At most one probe is in flight per address (on loopback,
    where the simulator's cameras live, per address and port);
    a target whose key is already waiting or in flight is not taken twice.
    """

    def __init__(
        self, requests: Requests, limits: Limits | None = None, *, clock: WallClock = utc_now
    ) -> None:
        """Start with nothing to do."""
        limits = limits or Limits()
        self.limits = replace(limits, in_flight=afford(limits.in_flight))
        self._loop = asyncio.get_running_loop()
        self._poller = Poller(self._loop)
        self._prober = Prober(requests, self.limits, clock, self._poller)
        self._ready: deque[Target] = deque()
        self._parked: dict[object, deque[Target]] = {}
        self._busy: dict[object, int] = {}
        self._keys: set[int] = set()
        self._flying: dict[int, Places] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Verdicts are put together when they are asked for: in one go that takes half as long.
        self._landed: list[Verdict | Quick] = []
        self._starting = False
        self._closed = False

    @property
    def in_flight(self) -> int:
        """How many probes run now."""
        return len(self._flying)

    @property
    def backlog(self) -> int:
        """How many targets wait for a place."""
        return len(self._keys) - len(self._flying)

    def feed(self, targets: Iterable[Target]) -> None:
        """Take targets; they start at once, or as soon as there is a place."""
        for target in targets:
            if target.key not in self._keys and not self._closed:
                self._keys.add(target.key)
                self._ready.append(target)
        self._start()

    def drain(self) -> list[Verdict]:
        """Give the verdicts that are ready, in the order in which they came."""
        ready, self._landed = self._landed, []
        return [each if isinstance(each, Verdict) else self._settled(each) for each in ready]

    async def close(self) -> None:
        """Stop all probes; what has no verdict yet gets none."""
        self._closed = True
        self._ready.clear()
        self._parked.clear()
        self._poller.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._prober.close()
        self._flying.clear()
        self._keys.clear()

    def _start(self) -> None:
        """Start what may start; park what its site, subnet or device holds back."""
        # A probe that ends as soon as it starts comes by here again.
        if self._starting:
            return
        self._starting = True
        try:
            self._fill()
        finally:
            self._starting = False

    def _fill(self) -> None:
        """Start whoever waits, as long as there are places."""
        ready, busy = self._ready, self._busy
        started = 0
        while ready and len(self._flying) < self.limits.in_flight:
            if started == _AT_ONCE:
                # A whole fleet that is fed at once must not keep answers waiting.
                self._loop.call_soon(self._start)
                break
            started += 1
            target = ready.popleft()
            places = _places(target)
            full = self._full(places)
            if full is not None:
                self._parked.setdefault(full, deque()).append(target)
                continue
            for place in places:
                busy[place] = busy.get(place, 0) + 1
            self._flying[target.key] = places
            self._launch(target)

    def _launch(self, target: Target) -> None:
        """Start one probe: without a task if it is a plain one."""
        try:
            quick = self._prober.launch(target, self._land)
            begun = quick is None or quick.start()
        except Exception:  # noqa: BLE001 - the engine outlives every bug
            self._finish(target.key, _unexplained(target.key))
            return
        if quick is None:
            self._go(target.key, self._prober.probe(target, Trace()))
        elif not begun:
            self._land(quick)

    def _land(self, quick: Quick) -> None:
        """Take the end of a plain attempt; where it is not the probe's, a task goes on."""
        if quick.resumes or quick.error is not None:
            self._go(quick.target.key, self._prober.go_on(quick))
        else:
            self._finish(quick.target.key, quick)

    def _settled(self, quick: Quick) -> Verdict:
        """Put together the verdict of an attempt that went well."""
        try:
            return self._prober.settle(quick)
        except Exception:  # noqa: BLE001 - the engine outlives every bug
            return _unexplained(quick.target.key)

    def _go(self, key: int, probe: Coroutine[object, object, Verdict]) -> None:
        """Run a probe as a task."""
        task = self._loop.create_task(self._run(key, probe))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: int, probe: Coroutine[object, object, Verdict]) -> None:
        """Bring a probe to its verdict."""
        try:
            verdict = await probe
        except Exception:  # noqa: BLE001 - the engine outlives every bug
            verdict = _unexplained(key)
        self._finish(key, verdict)

    def _finish(self, key: int, landed: Verdict | Quick) -> None:
        """Keep what a probe came to, and start what its end makes room for."""
        self._keys.discard(key)
        busy, parked = self._busy, self._parked
        for place in self._flying.pop(key):
            left = busy[place] - 1
            if left:
                busy[place] = left
            else:
                del busy[place]
            if place in parked:
                self._call(place)
        self._landed.append(landed)
        if self._ready:
            self._start()

    def _full(self, places: Places) -> object | None:
        """Give the place that keeps a target waiting, if one does."""
        busy = self._busy
        if places[0] in busy:
            return places[0]
        for place in places[1:]:
            most = (
                self.limits.in_flight_per_subnet
                if isinstance(place, str)
                else self.limits.in_flight_per_site
            )
            if busy.get(place, 0) >= most:
                return place
        return None

    def _call(self, place: object) -> None:
        """Call the first who can take a place that has become free."""
        waiting = self._parked[place]
        while waiting:
            target = waiting.popleft()
            full = self._full(_places(target))
            if full is None:
                self._ready.appendleft(target)
                break
            self._parked.setdefault(full, deque()).append(target)
        if not waiting:
            self._parked.pop(place, None)


def _places(target: Target) -> Places:
    """
    List the places that a probe takes, its device's first.

    Cameras behind one address are told apart by port and path, and asked in turn: they
    share a recorder, or a router that forwards ports, whose sockets and uplink are few.
    """
    host = target.host
    known = literal(host, target.networks)
    site = () if target.site == "" else ((target.site,),)
    if known is None:
        return ((host, 0), *site)
    device = (host, target.port) if known.is_loopback else (known.spelling or host, 0)
    return (device, *site, known.subnet)


def _unexplained(key: int) -> Verdict:
    """Give a verdict where a bug of ours left none: a camera without one would wait for ever."""
    _LOG.exception("probe of target %s came to nothing", key)
    return Verdict(key, utc_now().replace(microsecond=0), Health.UNKNOWN, Reason.INTERNAL)
