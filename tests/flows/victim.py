"""
A monitor that is killed again and again, in the middle of whatever it does.

Run as a process of its own, because it forks: each child writes verdicts as fast as it
can until the parent sends it SIGKILL. The parent prints what the database holds then.
"""

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, func, select

from probes.verdict import Health, Reason, Verdict
from registry.db import open_engine, session_factory
from registry.fleet.models import Camera
from registry.monitoring.models import SiteCounter, Standing
from registry.monitoring.rules import Scheduled
from registry.monitoring.runner.clerk import Clerk, Errands

PACE = timedelta(seconds=10)
HOLD_SECONDS = 25
START_SECONDS = 20
FIRST = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def main() -> None:
    """Live and die as often as the arguments say: URL, log, kills, seed."""
    url, log, kills, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    random = Random(seed)  # noqa: S311 - moments of death, not secrets
    # The children inherit statements that are compiled already: they work at once.
    engine = open_engine(url)
    live(engine, log, random, rounds=4)
    for number in range(kills):
        engine.dispose()
        child = os.fork()
        if child == 0:
            live(engine, log, Random(seed * 1_000 + number))  # noqa: S311 - invented verdicts
        wait_until_it_works(log)
        time.sleep(random.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sys.stdout.write(json.dumps(counters(engine)) + "\n")


def wait_until_it_works(log: Path) -> None:
    """Let the child come to its first verdicts: to kill it before would prove nothing."""
    before = log.stat().st_size if log.exists() else 0
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if log.exists() and log.stat().st_size > before:
            return
        time.sleep(0.005)


def live(engine: Engine, log: Path, random: Random, *, rounds: int = 1 << 30) -> None:
    """Write verdicts, round after round; the log tells every instant that was tried."""
    sessions = session_factory(engine)
    with sessions() as session:
        cameras = list(session.scalars(select(Camera.id)))
        last = session.scalar(select(func.max(Standing.last_at)))
    # Long enough for the dead one's lease to run out, sometimes longer than its holds.
    at = FIRST if last is None else last + timedelta(seconds=random.choice((16, 20, 40)))
    clerk = Clerk(sessions, f"victim-{os.getpid()}", patience=2)
    with log.open("a") as tried:
        for _ in range(rounds):
            tried.write(f"{int(at.timestamp())}\n")
            tried.flush()
            clerk.turn(Errands([said(camera, at, random) for camera in cameras]), at=at)
            at += PACE


def said(camera_id: int, at: datetime, random: Random) -> Scheduled:
    """Return a verdict; two in three are good."""
    health = random.choice((Health.UP, Health.UP, Health.DOWN, Health.UNREACHABLE))
    reasons = {
        Health.DOWN: Reason.CONNECT_TIMEOUT,
        Health.UNREACHABLE: Reason.GATEWAY_DOWN,
    }
    return Scheduled(Verdict(camera_id, at, health, reasons.get(health)), PACE.total_seconds())


def counters(engine: Engine) -> dict[str, int]:
    """Read every counter."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(SiteCounter.site_id, SiteCounter.state, SiteCounter.seconds)
        ).all()
    return {f"{site_id} {state}": seconds for site_id, state, seconds in rows}


if __name__ == "__main__":
    main()
