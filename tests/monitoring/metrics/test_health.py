"""What a supervisor asks: is the process alive, is the service ready."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from registry.db import SessionFactory, newest_revision, session_scope
from registry.monitoring.models import Heartbeat
from registry.monitoring.service import beat
from registry.settings import migrations_folder


def heartbeat(at: datetime) -> Heartbeat:
    """Return a sign of life."""
    return Heartbeat(
        name="monitor",
        holder="here:1",
        version="0",
        started_at=at,
        beat_at=at,
        lag_seconds=0.0,
        in_flight=0,
        attempts=0,
        dropped=0,
    )


@contextmanager
def stamped(engine: Engine, revision: str) -> Iterator[None]:
    """Mark the test's database as being at a revision, for a while."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))


def test_alive_asks_for_nothing_behind(gone: FlaskClient) -> None:
    """A process that answers is not to be killed because its database is away."""
    response = gone.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok\n")


def test_not_ready_without_a_database(gone: FlaskClient) -> None:
    """A load balancer takes the process out instead of sending people to errors."""
    response = gone.get("/readyz")

    assert response.status_code == 503
    assert response.get_json() == {"ready": False, "database": "unreachable"}


@pytest.mark.parametrize(
    ("age_seconds", "revision", "troubles"),
    [
        (1, newest_revision, []),
        (30, newest_revision, []),
        (31, newest_revision, ["monitor_silent"]),
        (-30, newest_revision, []),
        (-31, newest_revision, ["heartbeat_ahead"]),
        (None, newest_revision, ["no_monitor"]),
        (1, lambda _folder: "0001", ["schema_mismatch", "no_monitor"]),
    ],
)
def test_ready_is_database_schema_and_monitor(  # noqa: PLR0913 - fixtures and cases
    engine: Engine,
    sessions: SessionFactory,
    client: FlaskClient,
    now: datetime,
    *,
    age_seconds: int | None,
    revision: Callable[[Path], str],
    troubles: list[str],
) -> None:
    """Each trouble has its word; behind another schema nothing more is asked."""
    if age_seconds is not None:
        with session_scope(sessions) as session:
            beat(session, heartbeat(now - timedelta(seconds=age_seconds)))
    with stamped(engine, revision(migrations_folder())):
        response = client.get("/readyz")

    told = response.get_json()
    assert (told["ready"], told["troubles"]) == (not troubles, troubles)
    assert response.status_code == (503 if troubles else 200)
    assert told["schema_expected"] == newest_revision(migrations_folder())
    if "no_monitor" not in troubles:
        assert told["monitor_heartbeat_age_seconds"] == age_seconds
