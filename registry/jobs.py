"""The monitor process: puts its parts together, and the few clockwork jobs it runs by."""

import asyncio
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex

import uvloop
from apscheduler.schedulers.asyncio import (  # type: ignore[import-untyped]
    AsyncIOScheduler,
)

from probes.engine import Engine, Limits
from probes.onvif.contract import load_requests
from probes.onvif.inventory import Library
from probes.transport.tls import Contexts
from registry.audit.exposition import GrantWriter
from registry.audit.rules import Thresholds
from registry.clock import SteadyClock
from registry.db import SessionFactory, open_engine, session_factory
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.journal import ORIGIN, Channel, Origin
from registry.monitoring.agenda import Agenda
from registry.monitoring.exposition import Board, SiteWriter
from registry.monitoring.notify import Herald, MailServer, Manners
from registry.monitoring.rules.notices import Flapping
from registry.monitoring.runner import Canaries, Canary, Clerk, Gauges, Monitor, Printer
from registry.monitoring.runner.night import Night
from registry.monitoring.runner.rtsp import VideoWatch
from registry.monitoring.runner.surveyor import Survey, Surveyor
from registry.monitoring.service import Keeping
from registry.settings import Settings

_LOG = logging.getLogger(__name__)

TICK_SECONDS = 1
TELL_SECONDS = 5
SURVEY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the clockwork winds: each of these does one turn at a time."""

    monitor: Monitor
    printer: Printer
    herald: Herald
    surveyor: Surveyor
    video: VideoWatch
    clock: SteadyClock


def run_monitor(settings: Settings, *, stop: threading.Event | None = None) -> None:
    """
    Probe and write until SIGTERM or SIGINT comes, or `stop` is set.

    Signals are minded only where no `stop` is given, for they reach the main thread
    alone. Verdicts that are ready are written before the end.
    """
    uvloop.run(_monitor(settings, stop))


async def _monitor(settings: Settings, stop: threading.Event | None) -> None:
    """Run the clockwork beside the engine, on this loop."""
    ended = asyncio.Event()
    if stop is None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    scheduler = AsyncIOScheduler(timezone="UTC")
    async with _parts(settings) as parts:
        monitor, clock = parts.monitor, parts.clock

        def print_page() -> None:
            if monitor.holds_lease:
                parts.printer.print_pages(at=clock())

        def tell() -> None:
            if monitor.holds_lease:
                parts.herald.turn(at=clock())

        async def survey() -> None:
            if monitor.holds_lease:
                await parts.surveyor.tick()
                await parts.video.tick()

        often = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        scheduler.add_job(monitor.tick, "interval", seconds=TICK_SECONDS, **often)
        pace = settings.metrics.snapshot_seconds
        scheduler.add_job(print_page, "interval", seconds=pace, **often)
        scheduler.add_job(tell, "interval", seconds=TELL_SECONDS, **often)
        scheduler.add_job(survey, "interval", seconds=SURVEY_SECONDS, **often)
        # What is loaded stays: no full collection need walk over it again.
        gc.freeze()
        scheduler.start()
        try:
            await _until(ended, stop)
        finally:
            scheduler.shutdown(wait=False)


async def _until(ended: asyncio.Event, stop: threading.Event | None) -> None:
    """Wait for the end, from whichever side it comes."""
    if stop is None:
        await ended.wait()
        return
    await asyncio.to_thread(stop.wait)


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[_Parts]:
    """Put the monitor together, and take it apart in order."""
    probes = settings.probes
    clock = SteadyClock()
    database = open_engine(settings.database_url)
    sessions = session_factory(database, {ORIGIN: Origin(Channel.MONITOR)})
    gauges = Gauges(version("vigiparc"), clock.on_the_wall)
    renewed, name = settings.metrics.availability_seconds, _name()
    board = Board()
    printer = Printer(
        sessions,
        [SiteWriter(board, renewed), _grant_writer(settings)],
        gauges,
        board,
        holder=name,
        camera_seconds=settings.metrics.camera_seconds,
        on_the_wall=clock.on_the_wall,
    )
    agenda = _agenda(settings)
    engine = _engine(settings, clock)
    canaries = _canaries(settings, agenda)
    kept = settings.rollups
    keeping = Keeping(kept.hours_days, kept.camera_days, settings.record.interval_days)
    night = Night(settings.inventory.from_hour, settings.inventory.until_hour)
    clerk = Clerk(
        sessions, name, patience=probes.patience, keeping=keeping, night=night, board=board
    )
    most = settings.inventory.threads
    with (
        ThreadPoolExecutor(1, thread_name_prefix="clerk") as thread,
        ThreadPoolExecutor(most, thread_name_prefix="survey") as threads,
    ):
        surveyor = Surveyor(
            agenda,
            _survey(settings, clock),
            sessions,
            night,
            threads=threads,
            most=most,
            writer=thread,
        )
        pace = settings.inventory.rtsp_seconds
        video = VideoWatch(agenda, sessions, pace_seconds=pace, clock=clock, writer=thread)
        heard = (surveyor.heard, video.heard)
        monitor = Monitor(
            agenda, engine, clerk, gauges, canaries, listeners=heard, clock=clock, thread=thread
        )
        try:
            yield _Parts(monitor, printer, _herald(settings, sessions), surveyor, video, clock)
        finally:
            await surveyor.close()
            await video.close()
            await monitor.close()
    database.dispose()


def _agenda(settings: Settings) -> Agenda:
    """Make the agenda, empty."""
    probes = settings.probes
    return Agenda(
        Vault.open(settings.key_file),
        interval_seconds=probes.interval_seconds,
        timeout_seconds=probes.timeout_seconds,
        zones=Zones(settings.networks_by_zone),
        longest_seconds=probes.longest_interval_seconds,
    )


def _engine(settings: Settings, clock: SteadyClock) -> Engine:
    """Make the engine, and the questions that it asks."""
    probes = settings.probes
    limits = Limits(
        in_flight=probes.in_flight,
        in_flight_per_site=probes.in_flight_per_site,
        in_flight_per_subnet=probes.in_flight_per_subnet,
        clock_skew_seconds=probes.clock_skew_seconds,
        slow_seconds=probes.slow_seconds,
    )
    requests = load_requests(Path(probes.wsdl_folder) if probes.wsdl_folder else None)
    return Engine(requests, limits, clock=clock)


def _canaries(settings: Settings, agenda: Agenda) -> Canaries:
    """Make the canary of each zone."""
    probes = settings.probes
    return Canaries(
        {
            name: Canary(
                zone.canary_host,
                zone.canary_port,
                networks=zone.networks,
                interval_seconds=probes.interval_seconds,
                timeout_seconds=probes.timeout_seconds,
            )
            for name, zone in settings.every_zone.items()
        },
        agenda.zone_of,
    )


def _survey(settings: Settings, clock: SteadyClock) -> Survey:
    """Put together what asks devices at length."""
    wsdl_folder = settings.probes.wsdl_folder
    return Survey(
        Library(wsdl_folder or None), settings.inventory.timeout_seconds, clock, Contexts()
    )


def _herald(settings: Settings, sessions: SessionFactory) -> Herald:
    """Put together what tells people of outages."""
    wanted = settings.notices
    server = MailServer(
        wanted.smtp_host,
        wanted.smtp_port,
        wanted.smtp_security,
        wanted.smtp_username,
        wanted.smtp_password.get_secret_value(),
        wanted.sender,
    )
    flapping = Flapping(wanted.flapping_changes, wanted.flapping_minutes * 60)
    return Herald(
        sessions,
        Vault.open(settings.key_file),
        server,
        Manners(wanted.gather_seconds, flapping, settings.probes.longest_interval_seconds),
        public_url=wanted.public_url,
    )


def _grant_writer(settings: Settings) -> GrantWriter:
    audit = settings.audit
    return GrantWriter(
        settings.metrics.availability_seconds,
        judge_seconds=audit.renew_seconds,
        thresholds=Thresholds(silent_days=audit.silent_days),
    )


def _name() -> str:
    """Return a name for this monitor that no other has, even after a restart."""
    return f"{socket.gethostname()}:{os.getpid()}:{token_hex(4)}"
