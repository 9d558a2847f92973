"""Measures how verdicts are written: 10,000 of 100,000 cameras with 1 % changes, and for long."""

import argparse
import resource
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import Engine, func, select

from probes.verdict import Authentication, Health, Identity, Reason, Verdict
from registry.clock import utc_now, whole_second
from registry.db import SessionFactory, session_factory, session_scope
from registry.monitoring.models import Interval, Standing
from registry.monitoring.queries.standings import seconds_of
from registry.monitoring.rules import Scheduled
from registry.monitoring.service import record
from tests.bench.processes import Clock, processor_clock
from tests.bench.region import CAMERAS, populate
from tests.bench.store import empty_database

BATCH = 10_000
A_SECOND = 1_667
INTERVAL_SECONDS = 60
PATIENCE = 2
# One camera in so many fails, for two rounds: 1 % of the verdicts begin an outage, 1 %
# confirm one and 1 % end one.
ONE_IN = 100


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Build the region, write some rounds of verdicts in batches, then second by second."""
    with empty_database(arguments.database) as engine:
        now = whole_second(utc_now())
        populate(engine, now)
        sessions, clock = session_factory(engine), processor_clock(engine)
        rounds = 2 if quick else 4
        spent = [
            _timed(sessions, batch, clock) for batch in _rounds(now, BATCH, range(1, rounds + 1))
        ]
        seconds = [
            _timed(sessions, batch, clock)
            for batch in _rounds(now, A_SECOND, range(rounds + 1, rounds + (2 if quick else 3)))
        ]
        return {
            "record_10k_seconds": round(statistics.median(wall for wall, _ in spent), 3),
            "record_10k_cpu_seconds": round(statistics.median(cpu for _, cpu in spent), 3),
            "record_10k_seconds_max": round(max(wall for wall, _ in spent), 3),
            "core_share": round(statistics.mean(cpu for _, cpu in seconds), 3),
            "verdicts_a_second": A_SECOND,
            "batches": len(spent),
            "cameras": CAMERAS,
            "database": engine.dialect.name,
            **_written(engine),
            "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def _timed(sessions: SessionFactory, batch: list[Scheduled], clock: Clock) -> tuple[float, float]:
    """Write a batch and commit; return the time it took, and the processor's time."""
    cpu, wall = clock(), perf_counter()
    with session_scope(sessions) as session:
        report = record(session, batch, patience=PATIENCE)
    spent = perf_counter() - wall, clock() - cpu
    if report.dropped or report.repeated:
        raise RuntimeError(f"verdicts were passed over: {report.dropped + report.repeated}")
    return spent


def _rounds(now: datetime, size: int, rounds: range) -> Iterator[list[Scheduled]]:
    """Yield every camera's verdict of each round, in batches of this size."""
    for number in rounds:
        at = now + timedelta(seconds=number * INTERVAL_SECONDS)
        for first in range(1, CAMERAS + 1, size):
            last = min(first + size, CAMERAS + 1)
            yield [_verdict(camera_id, number, at) for camera_id in range(first, last)]


def _verdict(camera_id: int, number: int, at: datetime) -> Scheduled:
    """Return what a probe would say; one camera in fifty is down all along."""
    is_up = camera_id % 50 != 0 and (camera_id + number // 2) % ONE_IN != 1
    if not is_up:
        silent = Verdict(camera_id, at, Health.DOWN, Reason.CONNECT_TIMEOUT)
        return Scheduled(silent, INTERVAL_SECONDS)
    verdict = Verdict(
        camera_id,
        at,
        Health.UP,
        reachable=True,
        authentication=Authentication.VERIFIED,
        clock_offset_seconds=0.001 * (camera_id % 100) + 0.1 * number,
        identity=Identity("Axis", "P3245", "10.1", f"SN{camera_id}"),
    )
    return Scheduled(verdict, INTERVAL_SECONDS)


def _written(engine: Engine) -> dict[str, int]:
    """Count what the rounds have left, and see that no camera's last instant is missing."""
    with engine.connect() as connection:
        number = connection.scalar(select(func.count()).select_from(Interval))
        latest = select(func.count(func.distinct(seconds_of(Standing.last_at))))
        if connection.scalar(latest) != 1:
            message = "the last instant of some cameras was not written"
            raise RuntimeError(message)
    return {"intervals": number or 0}
