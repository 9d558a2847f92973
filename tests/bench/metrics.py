"""
Measures a scrape of 5,000 sites and 100,000 cameras, and what it takes to render them.

With generate_latest beside our own hand, in the same run and on the same series.
"""

import argparse
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
from pathlib import Path
from time import perf_counter, process_time

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from registry.audit.exposition import GrantWriter
from registry.clock import utc_now, whole_second
from registry.db import SessionFactory, open_engine, session_factory, upgrade
from registry.monitoring.exposition import Board, SiteWriter, page_of
from registry.monitoring.exposition.cameras import camera_blocks
from registry.monitoring.exposition.snapshots import pack
from registry.monitoring.models import Dialect
from registry.monitoring.runner import Gauges, Printer
from registry.settings import load, migrations_folder
from tests.bench.region import CAMERAS, GRANTS, SITES, populate, write_rollups
from tests.config.conftest import free_port

START_SECONDS = 60
# Each web process opens its database at its first request; that is no scrape.
WARM_UP = 10
# As many cameras as are probed between two pages, one a minute each.
PROBED_SHARE = 60


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
        press = _Press(session_factory(engine))
        figures = press.print_at_pace(repeats)
        with _web_server(Path(folder), url) as port:
            scrapes = _scrape(port, press, number=100 if quick else 500)
        series_figures = _shards_beside_client(press.board, repeats)
        engine.dispose()
    return {
        "database": url.split(":")[0],
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

    def __init__(self, sessions: SessionFactory) -> None:
        """Keep the writers: their caches live as long as the monitor does."""
        settings = load()
        metrics, self._judging = settings.metrics, settings.audit.renew_seconds
        self._pace = metrics.snapshot_seconds
        self._camera_pace = metrics.camera_seconds
        self._renewal = metrics.availability_seconds
        self._sessions = sessions
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
        )
        self.raw, self.gzip_bytes = b"", 0

    def print_once(self) -> float:
        """Print what is due after one pace of time; return the CPU that it took."""
        began = process_time()
        at = whole_second(utc_now())
        self.board.touch(range(1, 1 + round(CAMERAS / PROBED_SHARE * self._pace)))
        self._printer.print_pages(at=at)
        return process_time() - began

    def print_at_pace(self, repeats: int) -> dict[str, float]:
        """
        Measure each kind of printing, and from them the share of a core at a steady pace.

        The sites' page is printed every few seconds, the cameras' less often, and once
        a minute everything is read anew and the ratios are renewed.
        """
        judging = self._cpu(self._judge_grants)
        everything = self._cpu(lambda: self._printer.print_pages(at=whole_second(utc_now())))
        sites = statistics.median(self.print_once() for _ in range(repeats))
        wall = perf_counter()
        self.print_once()
        wall = perf_counter() - wall
        cameras = self._cpu(lambda: self._printer.print_cameras(whole_second(utc_now())))
        share = sites / self._pace + cameras / self._camera_pace + judging / self._judging
        renewal = max(0.0, everything - sites - cameras)
        self._measure_page()
        return {
            "render_seconds": round(sites, 3),
            "render_wall_seconds": round(wall, 3),
            "render_with_ratios_seconds": round(renewal, 3),
            "camera_pages_seconds": round(cameras, 3),
            "judge_grants_seconds": round(judging, 3),
            "core_share": round(share + renewal / self._renewal, 3),
            "core_share_ratios": round(renewal / self._renewal, 3),
            "staleness_seconds_max": round(self._pace + wall, 2),
        }

    def _judge_grants(self) -> None:
        with self._sessions() as session:
            list(self._grants(session, at=whole_second(utc_now())))

    @staticmethod
    def _cpu(work: Callable[[], object]) -> float:
        began = process_time()
        work()
        return process_time() - began

    def _measure_page(self) -> None:
        at = whole_second(utc_now())
        with self._sessions() as session:
            writers = *self._writers, self._gauges
            blocks = [each for write in writers for each in write(session, at=at)]
        self.raw = page_of(blocks, Dialect.TEXT)
        self.gzip_bytes = len(pack(blocks, Dialect.TEXT)[0])


def _shards_beside_client(board: Board, repeats: int) -> dict[str, float]:
    """Write one shard by our hand and by generate_latest, alternating, and compare."""
    ours, theirs = [], []
    seats = list(board.shard(0))
    blocks = list(camera_blocks(seats))
    page = page_of(blocks, Dialect.TEXT)
    registry = _client_registry(page)
    for _ in range(repeats):
        began = process_time()
        packed, _ = pack(camera_blocks(seats), Dialect.TEXT)
        ours.append(process_time() - began)
        began = process_time()
        page_of(camera_blocks(seats), Dialect.TEXT)
        plain = process_time() - began
        began = process_time()
        generate_latest(registry)
        theirs.append((process_time() - began) / plain)
    series = _series(page)
    return {
        "shard_series": series,
        "shard_seconds": round(statistics.median(ours) * 100_000 / series, 4),
        "shard_raw_bytes": len(page),
        "shard_gzip_bytes": len(packed),
        "ratio_generate_latest": round(statistics.median(theirs), 1),
    }


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
