"""
Measures a page of 200 cameras with two filters, from the request to the last byte.

In one process, without a network: `p95_seconds` is the slowest of each twenty over
several pairs of filters and the pages that follow, at 100,000 cameras, 5,000 sites,
1,500 grants. The token is looked up each time, as it is for every request.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from registry import models
from registry.accounts.rules import TokenOrder
from registry.accounts.service import make_token
from registry.app import create_app
from registry.db import open_engine, session_factory, session_scope
from registry.settings import load
from tests.bench import region

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROWS = 200
ROUNDS, QUICK_ROUNDS = 40, 8
FILTERS = (
    "department=59&camera_class=public_road",
    "commissioned_on_min=2020-01-01&port=80",
    "commune=59054&commissioned_on_null=false",
    "site=59054-0007&camera_class=public_road",
    "file_number_null=false&changed_at_min=2026-01-01T00:00:00Z",
    "camera_class=public_road&sort=-changed_at",
)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float]:
    """Fill a database, ask for pages again and again, and take the 95th percentile."""
    seconds: list[float] = []
    with _database(arguments.database) as (engine, folder):
        region.populate_fleet(engine)
        client = _client(engine, folder)
        for _ in range(QUICK_ROUNDS if quick else ROUNDS):
            for filters in FILTERS:
                seconds += _pages(client, f"/api/v1/cameras?limit={ROWS}&{filters}")
    ordered = sorted(seconds)
    return {
        "p95_seconds": round(ordered[int(len(ordered) * 0.95)], 4),
        "p50_seconds": round(ordered[len(ordered) // 2], 4),
        "max_seconds": round(ordered[-1], 4),
        "requests": len(ordered),
        "rows": ROWS,
        "cameras": region.CAMERAS,
        "sites": region.SITES,
        "grants": region.GRANTS,
    }


def _pages(client: FlaskClient, address: str) -> Iterator[float]:
    """Ask for a page and the one that follows it, and give the seconds of each."""
    cursor = ""
    for _ in range(2):
        started = time.perf_counter()
        response = client.get(address + cursor)
        yield time.perf_counter() - started
        if response.status_code != 200:
            raise RuntimeError(response.text)
        following = response.get_json()["next"]
        if following is None:
            return
        cursor = f"&cursor={following}"


def _client(engine: Engine, folder: Path) -> FlaskClient:
    sessions = session_factory(engine)
    order = TokenOrder("bench", ("sites.read",), NOW + timedelta(days=1))
    with session_scope(sessions) as session:
        _token, secret = make_token(
            session, order, rights=frozenset({"sites.read"}), at=NOW, actor="bench"
        )
    settings = load(
        storage={"folder": folder, "database_url": "", "key_file": "", "documents_folder": ""}
    )
    web = settings.web.model_copy(update={"api_requests_per_minute": 1_000_000})
    app = create_app(settings.model_copy(update={"web": web}), sessions=sessions, clock=lambda: NOW)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


@contextmanager
def _database(url: str | None) -> Iterator[tuple[Engine, Path]]:
    with tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as name:
        engine = open_engine(url or f"sqlite:///{name}/bench.db")
        models.metadata.create_all(engine)
        try:
            yield engine, Path(name)
        finally:
            engine.dispose()
