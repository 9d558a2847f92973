"""
A small region of simulated cameras with faults, served by real processes and scraped.

`CAMERAS` says who is there and what befalls whom; `ScrapedRegion` is what runs.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from probes.simulator import Device, Fault, Simulation
from registry.clock import utc_now, whole_second
from registry.db import SessionFactory, open_engine, session_factory, session_scope, upgrade
from registry.fleet.models import Camera, Credential, Site, SiteKind
from registry.fleet.vault import Vault
from registry.monitoring.models import MaintenanceWindow
from registry.settings import config_folder, migrations_folder
from tests import factories
from tests.config.conftest import Prometheus, free_port, prometheus
from tests.flows.demo_region import ROOT, variables

PROMETHEUS = config_folder() / "prometheus"
# Shorter intervals would come near the second in which verdicts are handed on: a hold
# of a few seconds would run out between two pages.
INTERVAL_SECONDS, TIMEOUT_SECONDS, PAGE_SECONDS, SCRAPE_SECONDS = 4, 1, 1, 1
# Rules wait minutes and hours: their `for` is divided by this, so that an hour takes ten
# seconds; ages that they compare with are divided by less (300 s become 15 s).
FOR_DIVISOR, AGE_DIVISOR = 360, 20
START_SECONDS = 60
PASSWORD = "Sept mots pour une caméra 7"


@dataclass(frozen=True, slots=True)
class Simulated:
    """A camera: its site, its fault from the start, and what it is registered with."""

    name: str
    site: str
    fault: Fault = Fault.NONE
    password: str = PASSWORD


CAMERAS = (
    Simulated("well", "lively"),
    Simulated("flapping", "lively"),
    Simulated("late clock", "lively", Fault.SLOW_CLOCK),
    Simulated("another unit", "lively", Fault.OTHER_SERIAL),
    Simulated("locked out", "half", password="not this one"),
    Simulated("dead", "half", Fault.REFUSE),
    Simulated("alone", "dark", Fault.REFUSE),
    Simulated("worked on", "planned"),
    # The register loses the addresses of these two for most of the time.
    Simulated("lost, up", "lost"),
    Simulated("lost, down", "lost", Fault.REFUSE),
)


@dataclass(slots=True)
class Cameras:
    """The simulated cameras, on a loop in a thread of its own."""

    simulation: Simulation
    loop: asyncio.AbstractEventLoop

    def become(self, name: str, fault: Fault) -> None:
        """Give a camera a fault, or take it away; return when it is done."""
        (place,) = (place for place, each in enumerate(CAMERAS) if each.name == name)
        change = self.simulation.cameras[place].become(fault)
        asyncio.run_coroutine_threadsafe(change, self.loop).result(START_SECONDS)


@dataclass(slots=True)
class ScrapedRegion:
    """What runs, and where its rows are; `ids` are of cameras, `sites` public ones."""

    sessions: SessionFactory
    prometheus: Prometheus
    cameras: Cameras
    ids: Mapping[str, int]
    sites: Mapping[str, str]
    processes: Mapping[str, subprocess.Popen[bytes]]

    def lose_addresses(self, names: Iterable[str]) -> None:
        """Let the register lose where some cameras are."""
        self._address(names, "")

    def find_addresses(self, names: Iterable[str]) -> None:
        """Let the register know again where some cameras are."""
        self._address(names, "127.0.0.1")

    def _address(self, names: Iterable[str], host: str) -> None:
        ids = [self.ids[name] for name in names]
        with session_scope(self.sessions) as session:
            moved = update(Camera).where(Camera.id.in_(ids))
            session.execute(moved.values(host=host, changed_at=utc_now()))

    def plan(self, name: str, begins_at: datetime, ends_at: datetime) -> None:
        """Plan work on a whole site."""
        with session_scope(self.sessions) as session:
            site_id = session.scalars(select(Site.id).filter_by(public_id=self.sites[name])).one()
            session.add(
                MaintenanceWindow(
                    site_id=site_id,
                    starts_at=begins_at,
                    ends_at=ends_at,
                    reason="test",
                    author="test",
                    entered_at=utc_now(),
                )
            )

    def pause_monitor(self, *, stop: bool) -> None:
        """Stop the monitor in its tracks, or let it go on."""
        self.processes["monitor"].send_signal(signal.SIGSTOP if stop else signal.SIGCONT)

    def end(self, name: str) -> int:
        """End a process and return its exit code."""
        self.processes[name].terminate()
        return self.processes[name].wait(START_SECONDS)


@contextmanager
def scraped_region(folder: Path, database_url: str = "") -> Iterator[ScrapedRegion]:
    """
    Run cameras, monitor, web server and Prometheus, all on loopback.

    The database has no table yet; without a URL it is a file in the folder.
    """
    database_url = database_url or f"sqlite:///{folder / 'vigiparc.db'}"
    with ExitStack() as stack:
        cameras = stack.enter_context(_simulation())
        engine = open_engine(database_url)
        stack.callback(engine.dispose)
        upgrade(engine, migrations_folder())
        sessions = session_factory(engine)
        now = whole_second(utc_now())
        with session_scope(sessions) as session:
            vault, ports = Vault.open(folder / "vigiparc.keys"), cameras.simulation.ports
            ids, sites = _register(session, ports, vault, now)
        web_port = free_port()
        processes = {
            name: stack.enter_context(_process(name, folder, web_port, database_url))
            for name in ("serve", "monitor")
        }
        server = stack.enter_context(prometheus(_configuration(folder, web_port), folder))
        yield ScrapedRegion(sessions, server, cameras, ids, sites, processes)


@contextmanager
def _simulation() -> Iterator[Cameras]:
    """Run the cameras in a thread of their own."""
    running: list[Cameras] = []
    ready, stop = threading.Event(), threading.Event()
    devices = [
        Device(serial=f"SN-{place}", fault=each.fault, password=PASSWORD)
        for place, each in enumerate(CAMERAS)
    ]

    async def simulate() -> None:
        async with Simulation(devices) as simulation:
            running.append(Cameras(simulation, asyncio.get_running_loop()))
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(simulate(),))
    thread.start()
    ready.wait(START_SECONDS)
    try:
        yield running[0]
    finally:
        stop.set()
        thread.join()


def _register(
    session: Session, ports: list[int], vault: Vault, now: datetime
) -> tuple[dict[str, int], dict[str, str]]:
    """Register sites and cameras under a grant; return their identifiers by name."""
    grant = factories.make_grant(session, cameras_funded=len(CAMERAS))
    kinds = {"lively": SiteKind.COMMUNE, "half": SiteKind.STATION}
    sites = {
        name: factories.make_site(session, kind=kinds.get(name, SiteKind.COMMUNE))
        for name in dict.fromkeys(each.site for each in CAMERAS)
    }
    cameras = {}
    for place, (each, port) in enumerate(zip(CAMERAS, ports, strict=True)):
        site = sites[each.site]
        camera = factories.make_camera(
            session, site=site, grant=grant, port=port, serial=f"SN-{place}"
        )
        camera.credential = Credential(
            username="admin", sealed_password=vault.seal(each.password), changed_at=now
        )
        cameras[each.name] = camera.id
    return cameras, {name: site.public_id for name, site in sites.items()}


@contextmanager
def _process(
    name: str, folder: Path, web_port: int, database_url: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our processes, quicker than for people."""
    quick = {
        "VIGIPARC_STORAGE__DATABASE_URL": database_url,
        "VIGIPARC_WEB__PORT": str(web_port),
        "VIGIPARC_PROBES__INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "VIGIPARC_PROBES__LONGEST_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "VIGIPARC_PROBES__TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
        "VIGIPARC_PROBES__NETWORKS": '["127.0.0.0/8"]',
        "VIGIPARC_METRICS__SNAPSHOT_SECONDS": str(PAGE_SECONDS),
        "VIGIPARC_METRICS__CAMERA_SECONDS": str(PAGE_SECONDS),
        "VIGIPARC_METRICS__AVAILABILITY_SECONDS": "2",
    }
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "registry", name],
            env=variables(folder, **quick),
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGCONT)
                process.terminate()
                process.wait(START_SECONDS)


def _configuration(folder: Path, web_port: int) -> Path:
    """Write the shipped files for Prometheus with our address, and in a hurry."""
    scrape = (PROMETHEUS / "scrape.yml").read_text(encoding="utf-8")
    scrape = scrape.replace("127.0.0.1:8080", f"127.0.0.1:{web_port}")
    scrape = re.sub(r"((?:scrape|evaluation)_(?:interval|timeout)): \w+", r"\1: 1s", scrape)
    scrape = scrape.replace("refresh_interval: 60s", "refresh_interval: 1s")
    (folder / "scrape.yml").write_text(scrape, encoding="utf-8")
    rules = (PROMETHEUS / "rules.yml").read_text(encoding="utf-8")
    (folder / "rules.yml").write_text(re.sub(r"(\n +interval): \w+", r"\1: 1s", rules))
    alerts = (PROMETHEUS / "alerts.yml").read_text(encoding="utf-8")
    (folder / "alerts.yml").write_text(_hurried(alerts), encoding="utf-8")
    return folder / "scrape.yml"


def _hurried(alerts: str) -> str:
    """Divide what the alerts wait for, and the ages that they compare with."""
    seconds = {"s": 1, "m": 60, "h": 3_600}

    def shorter(found: re.Match[str]) -> str:
        waits = int(found[1]) * seconds[found[2]]
        return f"for: {waits * 1_000 // FOR_DIVISOR}ms"

    alerts = re.sub(r"for: (\d+)([smh])", shorter, alerts)
    return re.sub(
        r"(_timestamp_seconds\)? > )(\d+)",
        lambda found: f"{found[1]}{int(found[2]) // AGE_DIVISOR}",
        alerts,
    )
