"""Measures the removal of a day's intervals at full scale: the longest that verdicts wait."""

import argparse
from datetime import timedelta
from statistics import median
from time import perf_counter

from sqlalchemy import func, select

from registry.clock import utc_now, whole_second
from registry.db import session_factory, session_scope
from registry.monitoring.models import CameraDay, Interval
from registry.monitoring.service import Keeping, retain, roll
from tests.bench.processes import processor_clock
from tests.bench.region import CAMERAS, SITES, populate
from tests.bench.store import empty_database
from tests.bench.uptime import OUTAGES

KEEPING = Keeping(hours_days=40, camera_days=400)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Build the region, sum its first days up, and remove the intervals of all but the last."""
    with empty_database(arguments.database) as engine:
        now = whole_second(utc_now())
        populate(engine, now, outages=OUTAGES)
        # The region's outages begin some days later: let each camera have one at once.
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE intervals SET ended_at = started_at + 3600"
                " WHERE started_at = (SELECT min(started_at) FROM intervals)"
            )
        sessions, clock = session_factory(engine), processor_clock(engine)
        # Summing thirty days up takes minutes: as if the first ones had just passed.
        at = now - timedelta(days=27 if quick else 26)
        for _ in range(10_000):
            with session_scope(sessions) as session:
                if not roll(session, at=at, keeping=KEEPING):
                    break
        with session_scope(sessions) as session:
            before = session.scalar(select(func.count()).select_from(Interval)) or 0
        turns, spent = [], []
        for _ in range(10_000):
            cpu, started = clock(), perf_counter()
            with session_scope(sessions) as session:
                more = retain(session, at=at, interval_days=1)
            turns.append(perf_counter() - started)
            spent.append(clock() - cpu)
            if not more:
                break
        with session_scope(sessions) as session:
            after = session.scalar(select(func.count()).select_from(Interval)) or 0
            kept = session.scalar(select(func.count()).select_from(CameraDay)) or 0
        return {
            "retain_turn_seconds_max": round(max(turns), 2),
            "retain_turn_seconds_median": round(median(turns), 2),
            "retain_turn_cpu_seconds_max": round(max(spent), 2),
            "retain_seconds": round(sum(turns), 1),
            "retain_cpu_seconds": round(sum(spent), 1),
            "turns": len(turns),
            "intervals_removed": before - after,
            "camera_days": kept,
            "cameras": CAMERAS,
            "sites": SITES,
            "database": engine.dialect.name,
        }
