"""
Measures a national fleet at its own pace: as many probes a second, whatever becomes of them.

A dark camera is one that drops every packet, so its probes last to their deadline. The
courses, each the beginning of its keys:

1. `burst_`: 10,000 cameras asked in one moment, all dark; then in one moment, all back.
2. `outage_`: the same cameras, known by now, at the nation's pace: all dark up to the
   middle of the course, all back from then on.
3. `first_`: 100,000 cameras, a tenth of them dark, of which the engine knows nothing yet:
   the first minute after a start.
4. Without a beginning: the next minute, and every other.
5. `half_dark_`: half of them dark.
"""

import argparse
import asyncio
import gc
import resource
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle, islice
from pathlib import Path
from time import monotonic

import uvloop

from probes.engine import Engine, Limits
from probes.onvif.contract import load_requests
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Identity, Reason
from tests.bench.probes import LOOPBACK, Ports, cpu_seconds, fake_device

FLEET = 100_000
OUTAGE_FLEET = 10_000
PER_SECOND = 1667
TICK_SECONDS = 0.1
DEADLINE_SECONDS = 5.0
LIMITS = Limits(in_flight=OUTAGE_FLEET, in_flight_per_site=16)


@dataclass(slots=True)
class Course:
    """What has been seen of one run so far."""

    started: int = 0
    up: int = 0
    dark: int = 0
    unknown: int = 0
    odd: int = 0
    lag_seconds_max: float = 0.0
    in_flight_max: int = 0
    rss_mb: float = 0.0

    def look(self, engine: Engine, *, late_seconds: float) -> None:
        """Take note of how the engine stands, and of what it has come to."""
        self.lag_seconds_max = max(self.lag_seconds_max, late_seconds)
        self.in_flight_max = max(self.in_flight_max, engine.in_flight)
        self.rss_mb = max(self.rss_mb, _rss_mb())
        for verdict in engine.drain():
            if verdict.health is Health.UP:
                self.up += 1
            elif verdict.reason is Reason.CONNECT_TIMEOUT:
                self.dark += 1
            elif verdict.health is Health.UNKNOWN:
                self.unknown += 1
            else:
                self.odd += 1


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Run the courses one after another."""
    del arguments
    seconds = 20 if quick else 60
    with fake_device() as ports:
        return uvloop.run(_measure(ports, seconds))


async def _measure(ports: Ports, seconds: int) -> dict[str, int | float | str]:
    """Give the figures of all courses."""
    requests = load_requests()
    # First, while the memory is still that of a fleet of its size.
    figures = await _small_fleet(requests, ports, seconds)
    engine = Engine(requests, LIMITS)
    # As many as can be asked once in a course.
    fleet = list(_darkened(_fleet(ports, min(FLEET, seconds * PER_SECOND)), ports, 10))
    # As the monitor does once all is loaded.
    gc.collect()
    gc.freeze()
    figures |= _named("first_", await _course(engine, cycle(fleet), seconds))
    figures |= await _course(engine, cycle(fleet), seconds)
    for place, target in enumerate(_darkened(fleet, ports, 50)):
        fleet[place] = target
    figures |= _named("half_dark_", await _course(engine, cycle(fleet), seconds))
    await engine.close()
    return figures


async def _small_fleet(
    requests: Requests, ports: Ports, seconds: int
) -> dict[str, int | float | str]:
    """Give the figures of a fleet that falls dark as a whole, and comes back as a whole."""
    engine = Engine(requests, LIMITS)
    alive = list(_fleet(ports, OUTAGE_FLEET))
    dark = list(_darkened(alive, ports, 100))
    figures = _named("burst_", await _burst(engine, dark, alive))
    half = int(seconds * PER_SECOND / 2)
    queue = chain(islice(cycle(dark), half), islice(cycle(alive), half, None))
    figures |= _named("outage_", await _course(engine, queue, seconds))
    await engine.close()
    return figures


async def _course(
    engine: Engine, queue: Iterator[Target], seconds: int
) -> dict[str, int | float | str]:
    """Start the same number of probes every tick, and wait for none."""
    course = Course()
    cpu, began = cpu_seconds(), monotonic()
    for tick in range(int(seconds / TICK_SECONDS)):
        due = began + tick * TICK_SECONDS
        await asyncio.sleep(due - monotonic())
        count = int((tick + 1) * TICK_SECONDS * PER_SECOND) - course.started
        engine.feed(islice(queue, count))
        course.started += count
        # A place that is not free at once would show here as well.
        course.look(engine, late_seconds=monotonic() - due + TICK_SECONDS * bool(engine.backlog))
    spent, took = cpu_seconds() - cpu, monotonic() - began
    spent += await _run_out(engine, course)
    return _figures(course, spent, took)


async def _burst(
    engine: Engine, dark: Sequence[Target], alive: Sequence[Target]
) -> dict[str, int | float | str]:
    """Ask all cameras at once while all are dark, then all at once when they are back."""
    course = Course()
    cpu, began = cpu_seconds(), monotonic()
    for targets in (dark, alive):
        engine.feed(targets)
        course.started += len(targets)
        while engine.in_flight or engine.backlog:
            due = monotonic() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            course.look(engine, late_seconds=monotonic() - due)
        course.look(engine, late_seconds=0.0)
    return _figures(course, cpu_seconds() - cpu, monotonic() - began)


async def _run_out(engine: Engine, course: Course) -> float:
    """Wait for the last probes; give the CPU that they took."""
    cpu = cpu_seconds()
    while engine.in_flight or engine.backlog:
        await asyncio.sleep(TICK_SECONDS)
        course.look(engine, late_seconds=0.0)
    course.look(engine, late_seconds=0.0)
    return cpu_seconds() - cpu


def _figures(course: Course, spent: float, took: float) -> dict[str, int | float | str]:
    """Put the figures of one course together."""
    return {
        "cpu_us_per_probe": round(spent / course.started * 1e6, 1),
        "core_share": round(spent / took, 3),
        "rss_mb": round(course.rss_mb, 1),
        "lag_seconds_max": round(course.lag_seconds_max, 3),
        "in_flight_max": course.in_flight_max,
        # Fewer verdicts than probes would mean that one was not taken, or got lost.
        "probes": course.started,
        "verdicts": course.up + course.dark + course.unknown + course.odd,
        "up": course.up,
        "dark": course.dark,
        # Our own fault, and said so: the loop stood still, or the machine ran out of something.
        "unknown": course.unknown,
        # None of these: wrong.
        "odd": course.odd,
    }


def _named(beginning: str, figures: dict[str, int | float | str]) -> dict[str, int | float | str]:
    """Put the name of a course before its figures."""
    return {f"{beginning}{name}": figure for name, figure in figures.items()}


def _fleet(ports: Ports, cameras: int) -> Iterator[Target]:
    """Name the fake device by an address for each camera: four a site, a subnet each."""
    expected = Identity("Simulated", "SIM-2000", "1.0.0", "SIM-000001")
    for number in range(cameras):
        site = number // 4
        yield Target(
            key=number,
            host=f"127.{1 + (site >> 8)}.{site & 255}.{1 + number % 4}",
            port=ports.alive,
            username="admin",
            password="secret",
            networks=LOOPBACK,
            site=site,
            expected=expected,
            authentication_known=Authentication.VERIFIED,
            timeout_seconds=DEADLINE_SECONDS,
        )


def _darkened(targets: Iterable[Target], ports: Ports, percent: int) -> Iterator[Target]:
    """Move a part of the cameras to the port where nobody ever answers."""
    for target in targets:
        moves = target.key % 100 < percent and target.port != ports.dark
        yield replace(target, port=ports.dark) if moves else target


def _rss_mb() -> float:
    """Give the memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
