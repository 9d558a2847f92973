"""A page with something of everything on it, and a real Prometheus that reads it."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue, Verdict
from registry.audit.exposition import GrantWriter
from registry.clock import utc_now, whole_second
from registry.db import SessionFactory
from registry.fleet.models import Site, SiteKind
from registry.monitoring.exposition import Board, SiteWriter, render
from registry.monitoring.models import Dialect, SiteState
from registry.monitoring.rules import Scheduled
from registry.monitoring.runner import Gauges
from registry.monitoring.service import record
from registry.monitoring.service.counters import add_seconds
from tests import factories
from tests.monitoring.telling import NASTY, UNIT, page_of

PATIENCE_SECONDS = 40


def populate(session: Session) -> Site:
    """Add two sites under a grant: one with every sort of camera, one dark."""
    grant = factories.make_grant(session, cameras_funded=6)
    factories.make_commune(session).name = NASTY
    site = factories.make_site(session)
    dark = factories.make_site(session, insee="62041", kind=SiteKind.STATION)
    now = whole_second(utc_now())
    for place, health, issues in (
        (site, Health.UP, []),
        (site, Health.UP, [Issue.CLOCK_SKEW]),
        (site, Health.DOWN, []),
        (site, Health.UNREACHABLE, []),
        (dark, Health.DOWN, []),
    ):
        camera = factories.make_camera(session, site=place, grant=grant)
        identity = UNIT if health is Health.UP else None
        verdict = Verdict(
            camera.id,
            now,
            health,
            issues=frozenset(issues),
            identity=identity,
            clock_offset_seconds=9.0 if issues else None,
        )
        record(session, [Scheduled(verdict, 3_600)], patience=2)
    return site


@pytest.fixture
def pages(sessions: SessionFactory) -> Callable[[], bytes]:
    """Return what renders a page; time passes from one to the next."""
    with sessions() as session, session.begin():
        site_id = populate(session).id
    gauges = Gauges("0.0")
    lock = threading.Lock()

    def next_page() -> bytes:
        with lock, sessions() as session, session.begin():
            add_seconds(session, {(site_id, state): 5 for state in SiteState})
            writers = SiteWriter(Board(reload_seconds=0), 0), GrantWriter(0), gauges
            return page_of(render(session, writers, at=utc_now()), Dialect.TEXT)

    return next_page


@contextmanager
def serving(page: Callable[[], bytes]) -> Iterator[int]:
    """Serve fresh pages on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        """Answers every GET with a page."""

        def do_GET(self) -> None:
            """Answer a scrape."""
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            self.wfile.write(page())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # A page writes: whoever still makes one is waited for, before the database is emptied.
    server.daemon_threads = False
    with running(server) as port:
        yield port


@contextmanager
def running(server: HTTPServer) -> Iterator[int]:
    """Let a server answer in a thread of its own; gives its port."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Prometheus:
    """A server of its own that answers queries."""

    def __init__(self, port: int) -> None:
        """Speak to the server on a port of loopback."""
        self._port = port

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an instant query."""
        address = f"http://127.0.0.1:{self._port}/api/v1/query?{urlencode({'query': expression})}"
        with urlopen(address, timeout=10) as reply:
            answer = json.load(reply)
        assert answer["status"] == "success"
        return list(answer["data"]["result"])

    def wait_for(self, expression: str) -> list[dict[str, Any]]:
        """Ask until there is a sample that is a number; a fresh server needs seconds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        found: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            try:
                found = self.query(expression)
            except OSError:
                found = []
            if found and all(sample["value"][1] != "NaN" for sample in found):
                return found
            time.sleep(0.5)
        pytest.fail(f"no data for: {expression} (last answer: {found})")


@contextmanager
def prometheus(config: Path, folder: Path) -> Iterator[Prometheus]:
    """Run a real Prometheus on loopback, or skip where there is none."""
    binary = shutil.which("prometheus")
    if binary is None:
        pytest.skip("no prometheus on this machine (Debian: prometheus)")
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            [
                binary,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Prometheus(port)
        finally:
            process.terminate()
            process.wait(timeout=20)
