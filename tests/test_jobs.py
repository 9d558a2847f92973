"""The monitor as a process of its own: started, stopped, killed."""

import asyncio
import gzip
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from probes.simulator import Device, Simulation
from probes.verdict import Health, Reason
from registry.clock import utc_now
from registry.db import SessionFactory, session_scope
from registry.jobs import run_monitor
from registry.monitoring.exposition import SITES_PAGE
from registry.monitoring.models import Dialect, Interval, MonitorLease, Snapshot, Standing
from registry.settings import load
from tests import factories

PATIENCE_SECONDS = 40
MONITOR = """
from registry.jobs import run_monitor
from registry.settings import load

run_monitor(load())
"""


@pytest.fixture
def camera_port() -> Iterator[int]:
    """Run a simulated camera in a thread of its own."""
    ports: list[int] = []
    ready, stop = threading.Event(), threading.Event()

    async def simulate() -> None:
        async with Simulation([Device(serial="SN1")]) as simulation:
            ports.extend(simulation.ports)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(simulate(),))
    thread.start()
    ready.wait(PATIENCE_SECONDS)
    try:
        yield ports[0]
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set up a quick monitor on the test's database; its child processes inherit it."""
    variables = {
        "VIGIPARC_STORAGE__FOLDER": str(tmp_path),
        "VIGIPARC_STORAGE__DATABASE_URL": database_url,
        "VIGIPARC_PROBES__INTERVAL_SECONDS": "2",
        "VIGIPARC_PROBES__TIMEOUT_SECONDS": "1",
        "VIGIPARC_PROBES__NETWORKS": '["127.0.0.0/8"]',
        "VIGIPARC_METRICS__SNAPSHOT_SECONDS": "1",
        "VIGIPARC_METRICS__AVAILABILITY_SECONDS": "1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@contextmanager
def monitor_process() -> Iterator[subprocess.Popen[bytes]]:
    """Run a monitor beside this process; whatever happens, it does not outlive the test."""
    process = subprocess.Popen([sys.executable, "-c", MONITOR], env=os.environ.copy())  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(sessions: SessionFactory, found: Callable[[Session], object]) -> None:
    """Look into the database until something is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with sessions() as session:
            if found(session):
                return
        time.sleep(0.1)
    pytest.fail("it did not happen in time")


def add_camera(sessions: SessionFactory, port: int) -> int:
    """Register the simulated camera."""
    with session_scope(sessions) as session:
        return factories.make_camera(session, port=port, serial="SN1").id


@pytest.mark.usefixtures("settings")
def test_a_monitor_probes_prints_and_stops(sessions: SessionFactory, camera_port: int) -> None:
    """From start to stop in one process: a standing, a page, and the lease given back."""
    camera_id = add_camera(sessions, camera_port)
    stop = threading.Event()
    thread = threading.Thread(target=run_monitor, args=(load(),), kwargs={"stop": stop})
    thread.start()
    try:
        wait_until(
            sessions,
            lambda session: (
                (page := session.get(Snapshot, (SITES_PAGE, Dialect.TEXT))) is not None
                and b"vigiparc_site_availability_ratio{" in gzip.decompress(page.packed)
            ),
        )
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)

    assert not thread.is_alive()
    with sessions() as session:
        assert session.get_one(Standing, camera_id).health is Health.UP
        assert session.scalars(select(MonitorLease)).all() == []


@pytest.mark.usefixtures("settings")
def test_a_killed_monitor_leaves_unknown_beyond_its_last_hold(
    sessions: SessionFactory, camera_port: int
) -> None:
    """Kill -9 and a restart: nothing beyond the hold of the last verdict is up or down."""
    camera_id = add_camera(sessions, camera_port)
    with monitor_process() as first:
        wait_until(
            sessions,
            lambda session: (
                (row := session.get(Standing, camera_id)) is not None and row.last_at > row.began_at
            ),
        )
        first.kill()
        first.wait()
    with session_scope(sessions) as session:
        killed = session.get_one(Standing, camera_id)
        # As if its time had run out: the test need not wait for that.
        session.execute(delete(MonitorLease))
    wait_until(sessions, lambda _: utc_now() > killed.held_until + timedelta(seconds=1))

    with monitor_process() as second:
        wait_until(
            sessions,
            lambda session: session.get_one(Standing, camera_id).last_at > killed.held_until,
        )
        second.terminate()
        assert second.wait(PATIENCE_SECONDS) == 0

    with sessions() as session:
        up, lost, back, *_ = session.scalars(
            select(Interval).filter_by(camera_id=camera_id).order_by(Interval.started_at)
        ).all()
        assert session.scalars(select(MonitorLease)).all() == []
    assert (up.health, up.ended_at) == (Health.UP, killed.held_until)
    assert (lost.health, lost.reason) == (Health.UNKNOWN, Reason.NOT_PROBED)
    assert lost.ended_at == back.started_at
    assert back.health is Health.UP
