"""Measures a scrape of 5,000 sites and 100,000 cameras, and what it takes to render them."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter

from registry.audit.exposition import GrantWriter
from registry.clock import utc_now, whole_second
from registry.db import SessionFactory, open_engine, session_factory, session_scope, upgrade
from registry.monitoring.exposition import SITES_PAGE, SiteWriter, Writer, publish, render
from registry.monitoring.runner import Gauges
from registry.settings import migrations_folder
from tests.bench.region import CAMERAS, SITES, populate
from tests.config.conftest import free_port

START_SECONDS = 60
# Each web process opens its database at its first request; that is no scrape.
WARM_UP = 10


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:  # noqa: ARG001 - every bench's signature
    """Build the region, render it several times, scrape it through the real web server."""
    with tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as folder:
        database = Path(folder) / "vigiparc.db"
        engine = open_engine(f"sqlite:///{database}")
        upgrade(engine, migrations_folder())
        sessions = session_factory(engine)
        now = whole_second(utc_now())
        intervals = populate(engine, now)
        page = _Page(sessions)
        first = page.render(now)
        renders = [page.render(utc_now()) for _ in range(2 if quick else 10)]
        with _web_server(Path(folder)) as port:
            scrapes = _scrape(port, page, number=100 if quick else 500)
        engine.dispose()
    return {
        "scrape_seconds_p99": round(_p99(scrapes), 4),
        "scrape_seconds_median": round(statistics.median(scrapes), 4),
        "render_seconds": round(statistics.median(renders), 3),
        "render_with_ratios_seconds": round(first, 3),
        "raw_bytes": page.raw_bytes,
        "gzip_bytes": page.gzip_bytes,
        "series": page.series,
        "sites": SITES,
        "cameras": CAMERAS,
        "intervals": intervals,
        "scrapes": len(scrapes),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class _Page:
    """The page as the monitor prints it, and its size."""

    def __init__(self, sessions: SessionFactory) -> None:
        """Keep the writers: their caches live as long as the monitor does."""
        self._sessions = sessions
        self._writers: list[Writer] = [SiteWriter(3_600), GrantWriter(3_600), Gauges("bench")]
        self._raw = b""
        self.gzip_bytes = 0

    @property
    def raw_bytes(self) -> int:
        """The size of the page as it is before it is packed."""
        return len(self._raw)

    @property
    def series(self) -> int:
        """How many samples are on the page."""
        return sum(not line.startswith(b"#") for line in self._raw.splitlines())

    def render(self, at: datetime) -> float:
        """Render and publish once; return how long it took."""
        began = perf_counter()
        with self._sessions() as session:
            self._raw = render(session, self._writers, at=at)
        self._publish(self._raw, at)
        return perf_counter() - began

    def publish_again(self, at: datetime) -> None:
        """Publish a page that differs, as the next one would."""
        self._publish(self._raw + f"# {at.isoformat()}\n".encode(), at)

    def _publish(self, raw: bytes, at: datetime) -> None:
        with session_scope(self._sessions) as session:
            self.gzip_bytes = len(publish(session, SITES_PAGE, raw, at=at).packed)


@contextmanager
def _web_server(folder: Path) -> Iterator[int]:
    """Serve the database through the real web server, in processes of its own."""
    port = free_port()
    environment = os.environ | {
        "VIGIPARC_STORAGE__FOLDER": str(folder),
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


def _scrape(port: int, page: _Page, *, number: int) -> list[float]:
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
            page.publish_again(utc_now())
        began = perf_counter()
        status, body = _one_scrape(port)
        times.append(perf_counter() - began)
        if status != http.HTTPStatus.OK or len(body) < page.gzip_bytes // 2:
            raise RuntimeError(f"a scrape failed: {status}, {len(body)} bytes")
    return times


def _one_scrape(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[98]
