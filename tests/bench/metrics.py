"""
Measures a scrape of 5,000 sites and 100,000 cameras, and what it takes to render them.

With generate_latest beside our own hand, in the same run and on the same series.
"""

import argparse
import gzip
import http.client
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from registry.audit.exposition import GrantWriter
from registry.clock import utc_now, whole_second
from registry.db import SessionFactory, open_engine, session_factory, session_scope, upgrade
from registry.monitoring.exposition import Board, SiteWriter
from registry.monitoring.exposition.board import RELOAD_SECONDS
from registry.monitoring.exposition.cameras import camera_blocks, sheets_of
from registry.monitoring.exposition.pieces import LEVEL
from registry.monitoring.exposition.snapshots import pack
from registry.monitoring.models import Dialect
from registry.monitoring.runner import Gauges, Printer
from registry.settings import load, migrations_folder
from tests.bench.processes import Clock, processor_clock
from tests.bench.region import CAMERAS, GRANTS, SITES, populate, write_rollups
from tests.config.conftest import free_port

START_SECONDS = 60
# Each web process opens its database at its first request; that is no scrape.
WARM_UP = 10
INTERVAL_SECONDS = 60
# Pages of sites between two camera pages, as they are shipped.
SHARD_PACES = 4
# What record() leaves of verdicts, for a part of the cameras.
_MOVE = text(
    "UPDATE standings SET last_at = :at, clock_offset_seconds = clock_offset_seconds + 0.001,"
    " health = CASE WHEN camera_id > :first THEN health WHEN health = 'up' THEN 'down' ELSE 'up'"
    " END WHERE camera_id BETWEEN :first AND :last"
)
_COUNT = text(
    "UPDATE site_counters SET seconds = seconds + 60 WHERE state = 'up' AND site_id IN"
    " (SELECT site_id FROM cameras WHERE id BETWEEN :first AND :last)"
)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Build the region, render it several times, scrape it through the real web server."""
    repeats = 3 if quick else 10
    with tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as folder:
        url = arguments.database or f"sqlite:///{Path(folder) / 'vigiparc.db'}"
        engine = open_engine(url)
        upgrade(engine, migrations_folder())
        now = whole_second(utc_now())
        intervals = populate(engine, now)
        write_rollups(engine, now)
        press = _Press(session_factory(engine), processor_clock(engine))
        figures = press.print_at_pace(repeats)
        with _web_server(Path(folder), url) as port:
            scrapes = _scrape(port, press, number=100 if quick else 500)
        series_figures = _shards_beside_client(press, repeats)
        engine.dispose()
    return {
        "database": engine.dialect.name,
        "scrape_seconds_p99": round(_p99(scrapes), 4),
        "scrape_seconds_median": round(statistics.median(scrapes), 4),
        **figures,
        **series_figures,
        "raw_bytes": len(press.raw),
        "gzip_bytes": press.gzip_bytes,
        "series": _series(press.raw),
        "sites": SITES,
        "cameras": CAMERAS,
        "grants": GRANTS,
        "intervals": intervals,
        "scrapes": len(scrapes),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class _Press:
    """The pages as the monitor prints them, by the settings that are shipped."""

    def __init__(self, sessions: SessionFactory, clock: Clock) -> None:
        """Keep the writers: their caches live as long as the monitor does."""
        settings = load()
        metrics, self._judging = settings.metrics, settings.audit.renew_seconds
        self._pace = metrics.snapshot_seconds
        self._camera_pace = metrics.camera_seconds
        self._renewal = metrics.availability_seconds
        self._sessions, self._clock = sessions, clock
        self.board = Board()
        self._grants = GrantWriter(self._renewal, judge_seconds=self._judging)
        self._writers = SiteWriter(self.board, self._renewal), self._grants
        self._gauges = Gauges("bench")
        self._printer = Printer(
            sessions,
            self._writers,
            self._gauges,
            self.board,
            holder="bench",
            camera_seconds=self._camera_pace,
            # Time goes by faster here than outside, and a page of the future is refused.
            on_the_wall=lambda _instant: utc_now(),
        )
        self.raw, self.gzip_bytes = b"", 0
        self._at = whole_second(utc_now())
        self._probed = 0

    def live(self, seconds: float) -> None:
        """
        Let time pass: write what its verdicts would, and tell the board.

        All but one say what they said before; that one's camera fell or came back.
        """
        self._at += timedelta(seconds=seconds)
        number = round(CAMERAS / INTERVAL_SECONDS * seconds)
        first, last = self._probed + 1, self._probed + number
        self._probed = last % (CAMERAS - number)
        known = {"first": first, "last": last, "at": int(self._at.timestamp())}
        with session_scope(self._sessions) as session:
            session.execute(_MOVE, known)
            session.execute(_COUNT, known)
        self.board.touch(range(first, last + 1))

    def print_once(self) -> float:
        """Print what is due after one pace of time; return the CPU that it took."""
        self.live(self._pace)
        return self._cpu(lambda: self._printer.print_pages(at=self._at))

    def print_at_pace(self, repeats: int) -> dict[str, float]:
        """
        Measure each kind of printing, and from them the share of a core at a steady pace.

        The sites' page is printed every few seconds, the cameras' less often; the ratios
        are renewed once a minute, and now and then everything is read anew.
        """
        judging = self._cpu(self._judge_grants)
        self._printer.print_pages(at=self._at)
        sites = statistics.median(self.print_once() for _ in range(repeats))
        wall = perf_counter()
        self.print_once()
        wall = perf_counter() - wall
        cameras = statistics.median(self._print_cameras() for _ in range(repeats))
        renewal = statistics.median(self._after(self._renewal) for _ in range(repeats))
        renewal -= sites + cameras
        reload = self._after(RELOAD_SECONDS) - renewal - sites - cameras
        self._measure_page()
        shares = {
            "core_share_sites": sites / self._pace,
            "core_share_cameras": cameras / self._camera_pace,
            "core_share_ratios": renewal / self._renewal,
            "core_share_reload": reload / RELOAD_SECONDS,
            "core_share_judging": judging / self._judging,
        }
        return {
            "render_seconds": round(sites, 3),
            "render_wall_seconds": round(wall, 3),
            "render_ratios_seconds": round(renewal, 3),
            "reload_seconds": round(reload, 3),
            "camera_pages_seconds": round(cameras, 3),
            "judge_grants_seconds": round(judging, 3),
            "core_share": round(sum(shares.values()), 3),
            **{name: round(share, 4) for name, share in shares.items()},
            "staleness_seconds_max": round(self._pace + wall, 2),
        }

    def _print_cameras(self) -> float:
        """Print the camera pages after their pace of time; return the CPU that it took."""
        for _ in range(round(self._camera_pace / self._pace)):
            self.print_once()
        return self._cpu(lambda: self._printer.print_cameras(self._at))

    def _after(self, seconds: float) -> float:
        """Print everything that is due after a longer time; return the CPU that it took."""
        self.live(self._pace)
        self._at += timedelta(seconds=seconds)
        return self._cpu(lambda: self._printer.print_pages(at=self._at))

    def _judge_grants(self) -> None:
        with self._sessions() as session:
            list(self._grants(session, at=self._at))

    def _cpu(self, work: Callable[[], object]) -> float:
        began = self._clock()
        work()
        return self._clock() - began

    def _measure_page(self) -> None:
        with self._sessions() as session:
            writers = *self._writers, self._gauges
            blocks = [each for write in writers for each in write(session, at=self._at)]
        packed, _ = pack(blocks, Dialect.TEXT)
        self.raw, self.gzip_bytes = gzip.decompress(packed), len(packed)


def _shards_beside_client(press: _Press, repeats: int) -> dict[str, float]:
    """
    Write one shard by our hand and by generate_latest, alternating, and compare.

    Ours from nothing, and as it is printed: what is as it was is kept from before. All
    are packed, at the same level.
    """
    ours, kept, theirs = [], [], []
    seats = press.board.shard(0)
    sheets = sheets_of(seats)
    packed, _ = pack(camera_blocks(sheets), Dialect.TEXT)
    page = gzip.decompress(packed)
    registry = _client_registry(page)
    for _ in range(repeats):
        began = process_time()
        pack(camera_blocks(sheets_of(seats)), Dialect.TEXT)
        ours.append(process_time() - began)
        for _ in range(SHARD_PACES):
            press.print_once()
        began = process_time()
        pack(camera_blocks(sheets), Dialect.TEXT)
        kept.append(process_time() - began)
        began = process_time()
        gzip.compress(generate_latest(registry), LEVEL)
        theirs.append(process_time() - began)
    scale = 100_000 / _series(page)
    return {
        "shard_series": _series(page),
        "shard_seconds": round(statistics.median(ours) * scale, 4),
        "shard_kept_seconds": round(statistics.median(kept) * scale, 4),
        "shard_raw_bytes": len(page),
        "shard_gzip_bytes": len(packed),
        "ratio_generate_latest": _ratio(theirs, kept),
        "ratio_generate_latest_anew": _ratio(theirs, ours),
    }


def _ratio(theirs: list[float], ours: list[float]) -> float:
    """Give the median of what theirs costs over ours, pair by pair."""
    return round(statistics.median(a / b for a, b in zip(theirs, ours, strict=True)), 1)


def _client_registry(page: bytes) -> CollectorRegistry:
    """Hold the series of a page in children of prometheus-client, as an exporter would."""
    registry = CollectorRegistry()
    for family in text_string_to_metric_families(page.decode()):
        names = sorted(family.samples[0].labels)
        gauge = Gauge(family.name, family.documentation, names, registry=registry)
        for sample in family.samples:
            gauge.labels(**sample.labels).set(sample.value)
    return registry


@contextmanager
def _web_server(folder: Path, url: str) -> Iterator[int]:
    """Serve the database through the real web server, in processes of its own."""
    port = free_port()
    environment = os.environ | {
        "VIGIPARC_STORAGE__FOLDER": str(folder),
        "VIGIPARC_STORAGE__DATABASE_URL": url,
        "VIGIPARC_WEB__PORT": str(port),
        "VIGIPARC_LOGS__LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "registry", "serve"], env=environment)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no web server on port {port}")


def _scrape(port: int, press: _Press, *, number: int) -> list[float]:
    """
    Scrape as Prometheus does, compressed and to the last byte.

    Every tenth scrape meets a page that was rendered just before, so both what a
    process remembers and what it has to read are in the figures.
    """
    for _ in range(WARM_UP):
        _one_scrape(port)
    times = []
    for place in range(number):
        if place % 10 == 0:
            press.print_once()
        began = perf_counter()
        status, body = _one_scrape(port)
        times.append(perf_counter() - began)
        if status != http.HTTPStatus.OK or len(body) < press.gzip_bytes // 2:
            raise RuntimeError(f"a scrape failed: {status}, {len(body)} bytes")
    return times


def _one_scrape(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Accept-Encoding": "gzip", "Accept": "application/openmetrics-text"}
        connection.request("GET", "/metrics", headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def _series(page: bytes) -> int:
    return sum(not line.startswith(b"#") for line in page.splitlines())


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]
