"""Measures uptimes: a month of every camera from intervals, a year of every site from days."""

import argparse
import resource
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from registry.clock import paris_day, paris_midnight, utc_now, whole_second
from registry.db import SessionFactory, session_factory, session_scope
from registry.fleet.models import Camera
from registry.monitoring.models import RollupSpan, SiteDay
from registry.monitoring.queries.ledger import reckon
from registry.monitoring.queries.rollups import DAYS, HOURS, rolled, site_reckonings
from registry.monitoring.service import Keeping, roll
from registry.monitoring.uptime import Span
from tests.bench.processes import Clock, processor_clock
from tests.bench.region import CAMERAS, PAST_SECONDS, SITES, populate
from tests.bench.store import empty_database

# So many outages a camera make twenty stretches of its month.
OUTAGES = 9
DAYS_OF_A_YEAR = 365
CAMERAS_OF_A_SITE = CAMERAS // SITES


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Build the region, ask for a month, roll some time up, invent a year of days and ask it."""
    repeats = 1 if quick else 5
    with empty_database(arguments.database) as engine:
        now = whole_second(utc_now())
        intervals = populate(engine, now, outages=OUTAGES)
        sessions, clock = session_factory(engine), processor_clock(engine)
        month = Span(int(now.timestamp()) - PAST_SECONDS, int(now.timestamp()))
        wall, cpu = _median(sessions, clock, repeats, lambda session: _month(session, month))
        day, longest, day_cpu = _rolled_day(sessions, clock, now)
        year = _year(engine, now)
        year_wall, year_cpu = _median(
            sessions, clock, repeats, lambda session: _whole(session, year)
        )
        return {
            "uptime_30d_seconds": round(wall, 2),
            "uptime_30d_cpu_seconds": round(cpu, 2),
            "uptime_year_seconds": round(year_wall, 2),
            "uptime_year_cpu_seconds": round(year_cpu, 2),
            "roll_day_seconds": round(day, 2),
            "roll_day_cpu_seconds": round(day_cpu, 2),
            "roll_turn_seconds_max": round(longest, 2),
            "intervals": intervals,
            "site_days": SITES * DAYS_OF_A_YEAR,
            "cameras": CAMERAS,
            "sites": SITES,
            "database": engine.dialect.name,
            "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def _median(
    sessions: SessionFactory, clock: Clock, repeats: int, ask: Callable[[Session], None]
) -> tuple[float, float]:
    """Return how long a question takes, and the processor's time in it."""
    spent = []
    for _ in range(repeats):
        with sessions() as session:
            cpu, wall = clock(), perf_counter()
            ask(session)
            spent.append((perf_counter() - wall, clock() - cpu))
    return statistics.median(w for w, _ in spent), statistics.median(c for _, c in spent)


def _month(session: Session, month: Span) -> None:
    """Ask for every camera's month, and see that no second is missing."""
    found = reckon(session, [month], Camera.id)
    total = sum(reckoning.tally.total for (reckoning,) in found.values())
    if total != CAMERAS * PAST_SECONDS:
        raise RuntimeError(f"{total} seconds were found, not {CAMERAS * PAST_SECONDS}")


def _rolled_day(
    sessions: SessionFactory, clock: Clock, now: datetime
) -> tuple[float, float, float]:
    """
    Roll the first day of all up, with its checkpoints, turn by turn as the monitor does.

    Returns how long all its turns take, the longest of them, and their CPU. While a turn
    runs, verdicts wait.
    """
    turns, began = [], clock()
    keeping = Keeping(hours_days=40, camera_days=400)
    while True:
        wall = perf_counter()
        with session_scope(sessions) as session:
            roll(session, at=now, keeping=keeping)
            done = rolled(session)
        turns.append(perf_counter() - wall)
        if done.days.length:
            return sum(turns), max(turns), clock() - began


def _year(engine: Engine, now: datetime) -> Span:
    """Invent the days of a year before today, as if all had been rolled up."""
    first = paris_day(now) - timedelta(days=DAYS_OF_A_YEAR + 2)
    starts = [
        int(paris_midnight(first + timedelta(days=number)).timestamp())
        for number in range(DAYS_OF_A_YEAR + 1)
    ]
    with engine.begin() as connection:
        for table in (SiteDay, RollupSpan):
            connection.exec_driver_sql(f"DELETE FROM {table.__tablename__}")  # noqa: S608
        for start, end in pairwise(starts):
            whole = (end - start) * CAMERAS_OF_A_SITE
            connection.exec_driver_sql(
                "INSERT INTO site_days (site_id, starts_at, up, down, unreachable, unknown,"  # noqa: S608
                f" planned, transitions) SELECT id, {start}, {whole - 9000}, 5000, 3000, 1000, 0, 4"
                " FROM sites"
            )
        span = (datetime.fromtimestamp(each, UTC) for each in (starts[0], starts[-1]))
        starts_at, ends_at = span
        connection.execute(
            insert(RollupSpan),
            [{"name": name, "starts_at": starts_at, "ends_at": ends_at} for name in (DAYS, HOURS)],
        )
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE site_days")
    return Span(starts[0], starts[-1])


def _whole(session: Session, year: Span) -> None:
    found = site_reckonings(session, [year])
    if {each.tally.total for (each,) in found.values()} != {year.length * CAMERAS_OF_A_SITE}:
        message = "the year of a site has not all its seconds"
        raise RuntimeError(message)
