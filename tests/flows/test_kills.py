"""`kill -9` of the monitor: nothing is lost but time that nobody saw."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from typing import TypeAlias

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.clock import utc_now
from registry.db import SessionFactory, session_factory, session_scope, upgrade
from registry.fleet.vault import Vault
from registry.monitoring.models import (
    Dialect,
    Message,
    MonitorLease,
    Notice,
    Snapshot,
    Standing,
    Transition,
)
from registry.monitoring.rules.notices import Happening
from registry.monitoring.service.subscriptions import Wish, subscribe
from registry.monitoring.uptime import Span
from registry.settings import migrations_folder
from tests import factories
from tests.config.conftest import free_port
from tests.flows.demo_region import ROOT, eventually, variables
from tests.flows.ledgers import Counters, counters, hold_the_record, known_seconds, second
from tests.monitoring.telling import samples

# Each life takes some seconds: .ci/run asks for the fifty.
KILLS = int(os.environ.get("TEST_KILLS", "6"))
CAMERAS = 8
# A verdict of each camera every two seconds holds for five; a late tick adds to both.
INTERVAL_SECONDS, LONGEST_HOLD = 2, 7
# A busy machine takes its time.
START_SECONDS = 300
# The herald first speaks after five seconds: some lives must be long enough for it.
SHORT, LONG, LONG_EVERY = (0.0, 2.5), (4.0, 6.5), 4
# Now and then nobody is there for longer than a verdict holds.
AWAY_SECONDS, AWAY_EVERY = 8.0, 5
EARLY_EVERY = 5
# How long cameras fall and come back; nobody waits for its end.
PLANNED_SECONDS = 600


Letters: TypeAlias = defaultdict[str, list[bytes]]


class Hook(BaseHTTPRequestHandler):
    """Takes every message, and keeps what came under which key."""

    taken: Letters

    def do_POST(self) -> None:
        """Keep a message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken[self.headers["Idempotency-Key"]].append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


@dataclass(slots=True)
class Gap:
    """A time in which no monitor lived, and until when each camera's last verdict held."""

    held_until: dict[int, int]
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Starter:
    """The process that starts monitors, and ends them: see `tests.flows.monitors`."""

    process: subprocess.Popen[str]

    def start(self, log: Path) -> int:
        """Start a monitor, and return its process."""
        return self._command(f"start {log}")

    def kill(self, monitor: int) -> None:
        """Kill a monitor."""
        self._command(f"kill {monitor}")

    def end(self, monitor: int) -> int:
        """Ask a monitor to end, and return its exit code."""
        return self._command(f"end {monitor}")

    def _command(self, line: str) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@dataclass(slots=True)
class Monitors:
    """The monitors that live and die one after the other, and the times between them."""

    sessions: SessionFactory
    starter: Starter
    log: Path
    living: int = 0
    gaps: list[Gap] = field(default_factory=list)

    def start(self, *, wait: bool) -> None:
        """Start a monitor, and wait until it has written something."""
        begun = utc_now()
        if self.gaps:
            self.gaps[-1].ended = second(begun)
        self.living = self.starter.start(self.log)
        assert not wait or eventually(lambda: self._wrote_after(begun), seconds=START_SECONDS)

    def kill(self) -> None:
        """Kill the monitor, and free its lease as whoever knows that it is dead."""
        self.starter.kill(self.living)
        with session_scope(self.sessions) as session:
            # It would lapse by itself, but not within the seconds of a life.
            session.execute(delete(MonitorLease))
            rows = session.scalars(select(Standing))
            held = {row.camera_id: second(row.last_at) + row.hold_seconds for row in rows}
        self.gaps.append(Gap(held))

    def _wrote_after(self, begun: datetime) -> bool:
        with self.sessions() as session:
            last = session.scalar(select(func.max(Standing.last_at)))
        return last is not None and last > begun


@contextmanager
def hook() -> Iterator[tuple[str, Letters]]:
    """Run a web server that takes messages; give its address and what it took."""
    taken: Letters = defaultdict(list)
    web = ThreadingHTTPServer(("127.0.0.1", 0), type("Calls", (Hook,), {"taken": taken}))
    thread = Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{web.server_port}/vigiparc", taken
    web.shutdown()
    web.server_close()


@contextmanager
def simulator(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run `vigiparc simulate`: six cameras fall and come back, each at its own pace."""
    faults = [
        {"fault": "refuse", "devices": [place], "after_seconds": at, "for_seconds": 4 + place % 3}
        for place in range(CAMERAS - 2)
        for at in range(place, PLANNED_SECONDS, 9 + place)
    ]
    plan = folder / "faults.json"
    plan.write_text(json.dumps(faults))
    options = ("--cameras", str(CAMERAS), "--addresses", "--base-port", str(port))
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "registry", "simulate", *options, "--faults", str(plan)],
        env=variables(folder),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert any("are listening" in line for line in process.stderr)
        try:
            yield process
        finally:
            process.kill()


def quick_settings(engine: Engine, folder: Path) -> dict[str, str]:
    """Return the environment of monitors of this database that do everything at once."""
    quick = {
        "STORAGE__DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "PROBES__NETWORKS": '["127.0.0.0/8"]',
        "PROBES__INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "PROBES__LONGEST_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "PROBES__TIMEOUT_SECONDS": str(INTERVAL_SECONDS),
        "METRICS__SNAPSHOT_SECONDS": "1",
        "NOTICES__GATHER_SECONDS": "0",
        "NOTICES__FLAPPING_CHANGES": "100",
        "NOTICES__FLAPPING_MINUTES": "1",
    }
    return variables(folder, **{f"VIGIPARC_{key}": value for key, value in quick.items()})


@contextmanager
def monitors(engine: Engine, folder: Path) -> Iterator[Starter]:
    """Have monitors of this database ready to be started."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.flows.monitors"],
        env=quick_settings(engine, folder),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Starter(process)
        finally:
            process.communicate()


def register(session: Session, port: int, vault: Vault, address: str) -> None:
    """Register the simulated cameras, on three sites, and somebody who wants to know."""
    sites = [factories.make_site(session) for _ in range(3)]
    for place in range(CAMERAS):
        camera = factories.make_camera(session, site=sites[place % len(sites)], port=port)
        camera.host = f"127.1.0.{place + 1}"
    wish = Wish(name="Astreinte", address=address)
    subscribe(session, wish, vault=vault, actor="user:1", at=utc_now())


def page_counters(session: Session) -> dict[tuple[str, ...], float]:
    """Read the counters as a scrape would: from the page that was rendered last."""
    packed = session.scalar(select(Snapshot.packed).filter_by(page="sites", dialect=Dialect.TEXT))
    if packed is None:
        return {}
    return samples(gzip.decompress(packed), "vigiparc_site_camera_state_seconds_total")


def hold_the_gaps(session: Session, gaps: Sequence[Gap]) -> None:
    """See that nothing is told of the time between the hold of a verdict and the next life."""
    for gap in gaps:
        for camera_id, held_until in gap.held_until.items():
            assert known_seconds(session, camera_id, Span(held_until, gap.ended)) == 0


def hold_the_messages(session: Session, taken: Letters) -> None:
    """See that every beginning and every end reached its reader, repeats under their key."""
    told = session.execute(
        select(Transition.id, Message.key)
        .outerjoin(Notice, Notice.transition_id == Transition.id)
        .outerjoin(Message, Message.id == Notice.message_id)
        .where(Transition.happening != Happening.CHANGED, Transition.planned_at.is_not(None))
    ).all()
    assert told
    assert all(Counter(row.id for row in told)[row.id] == 1 for row in told)
    assert {row.key for row in told} <= taken.keys()
    assert all(len(set(bodies)) == 1 for bodies in taken.values())
    assert sum(len(bodies) - 1 for bodies in taken.values()) <= KILLS


@pytest.mark.parametrize("seed", [7])
def test_kills_cost_nothing_but_unknown_time(empty: Engine, tmp_path: Path, seed: int) -> None:
    """
    A real monitor dies again and again, in the middle of whatever it does.

    After each death: the partition sums, nothing is told beyond a verdict's hold, no
    counter has fallen, no outage is doubled; in the end no notice is lost.
    """
    upgrade(empty, migrations_folder())
    random, port = Random(seed), free_port()  # noqa: S311 - moments of death, not secrets
    with ExitStack() as stack:
        address, taken = stack.enter_context(hook())
        starter = stack.enter_context(monitors(empty, tmp_path))
        running = Monitors(session_factory(empty), starter, tmp_path / "monitors.log")
        with session_scope(running.sessions) as session:
            register(session, port, Vault.open(tmp_path / "vigiparc.keys"), address)
        cameras = stack.enter_context(simulator(tmp_path, port))
        before: Counters = {}
        scraped: dict[tuple[str, ...], float] = {}
        for number in range(KILLS):
            # One in five dies before it has written anything.
            early = number % EARLY_EVERY == EARLY_EVERY - 1
            running.start(wait=not early)
            moment = random.uniform(*(LONG if number % LONG_EVERY == 0 else SHORT))
            sys.stdout.write(f"seed {seed}, kill {number}: {moment:.3f} s, early: {early}\n")
            time.sleep(moment)
            running.kill()
            with running.sessions() as session:
                hold_the_record(session, now=utc_now(), longest_hold=LONGEST_HOLD)
                hold_the_gaps(session, running.gaps[:-1])
                after, page = counters(session), page_counters(session)
            assert all(after[name] >= seconds for name, seconds in before.items())
            assert all(page[name] >= seconds for name, seconds in scraped.items())
            before, scraped = after, page
            if number % AWAY_EVERY == 0:
                time.sleep(AWAY_SECONDS)
        running.start(wait=True)
        cameras.kill()
        assert eventually(lambda: everything_is_told(running.sessions), seconds=START_SECONDS)
        assert starter.end(running.living) == 0
        with running.sessions() as session:
            hold_the_record(session, now=utc_now(), longest_hold=LONGEST_HOLD)
            hold_the_gaps(session, running.gaps)
            hold_the_messages(session, taken)


def everything_is_told(sessions: SessionFactory) -> bool:
    """Tell whether every camera has fallen for good, and nobody is left to be told."""
    with sessions() as session:
        up = session.scalar(select(func.count()).where(Standing.health != Health.DOWN))
        unplanned = session.scalar(select(func.count()).where(Transition.planned_at.is_(None)))
        unbundled = session.scalar(select(func.count()).where(Notice.message_id.is_(None)))
        unsent = session.scalar(select(func.count()).where(Message.sent_at.is_(None)))
    return not (up or unplanned or unbundled or unsent)
