"""
Copies a database as it stands at one instant, while others write, and puts a copy back.

SQLite's own backup copies pages under one read of its write-ahead log; pg_dump reads
in one snapshot. Neither holds the key file, nor the folder of papers.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import URL

from registry.db import known_revisions
from registry.errors import Conflict, Misconfigured

SQLITE_HEAD = b"SQLite format 3\x00"
PG_HEAD = b"PGDMP"
HEAD = 16
# Restoring rebuilds every index: a region of ten years takes minutes, not hours.
PATIENCE_SECONDS = 4 * 3_600


def back_up(engine: Engine, target: Path) -> int:
    """
    Write a copy of a database into a file that is not there yet; return its size in bytes.

    The file takes its name when it is whole: one that stopped half-way has another.

    Raises:
        Conflict: The file is there already.
        Misconfigured: pg_dump is missing, or older than the server.
    """
    if target.exists():
        raise Conflict(f"{target} is there already: a backup overwrites nothing")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        # Made before it is filled, readable by its owner only: it holds the whole register.
        draft.touch(mode=0o600)
        if engine.dialect.name == "sqlite":
            _copy_sqlite(Path(str(engine.url.database)), draft)
        else:
            _run("pg_dump", engine.url, "--format=custom", *_PLAIN, f"--file={draft}")
        os.link(draft, target)
    except FileExistsError:
        raise Conflict(f"{target} is there already: a backup overwrites nothing") from None
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def restore(engine: Engine, source: Path, folder: Path, *, force: bool = False) -> None:
    """
    Put a copy in the place of a database, all of it or nothing.

    Args:
        engine: The database to fill.
        source: What `back_up` wrote, from the same kind of database.
        folder: The migrations, to tell a copy that a newer version made.
        force: Whether what stands there may be lost.

    Raises:
        Conflict: The database holds tables, and `force` is off.
        Misconfigured: The file is no copy of this kind, or a newer version wrote it.
    """
    with source.open("rb") as file:
        head = file.read(HEAD)
    expected = SQLITE_HEAD if engine.dialect.name == "sqlite" else PG_HEAD
    if not head.startswith(expected):
        kind = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
        raise Misconfigured(f"{source} is no backup of a {kind} database")
    if inspect(engine).get_table_names() and not force:
        raise Conflict(
            f"the database {engine.url.render_as_string(hide_password=True)} is not empty: "
            "--force replaces all that it holds"
        )
    engine.dispose()
    if engine.dialect.name == "sqlite":
        _refuse_newer(source, folder)
        _copy_sqlite(source, Path(str(engine.url.database)))
        return
    how = ("--clean", "--if-exists") if force else ()
    _run("pg_restore", engine.url, *_PLAIN, "--single-transaction", *how, str(source))


_PLAIN = ("--no-owner", "--no-privileges")


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy all pages in one step, of one instant; whoever writes meanwhile does not wait."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target, timeout=15)) as new,
    ):
        try:
            old.backup(new)
            found = new.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise Misconfigured(f"{source}: {error}") from error
    if found != "ok":
        raise Misconfigured(f"{source}: {found}")


def _refuse_newer(source: Path, folder: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise Misconfigured(f"{source} is no backup of VigiParc: {error}") from error
    if row and row[0] not in known_revisions(folder):
        raise Misconfigured(f"{source} was written by a newer version (revision {row[0]})")


def _run(tool: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's own tools; the password goes by the environment, never in words."""
    program = shutil.which(tool)
    if program is None:
        raise Misconfigured(f"{tool} is not installed: it comes with PostgreSQL's client")
    environment = {**os.environ, "LC_ALL": "C"}
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tool, our own arguments
        [program, f"--dbname={_conninfo(url)}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode == 0:
        return
    said = done.stderr.strip()
    if "server version mismatch" in said:
        raise Misconfigured(
            f"{program} is older than the server, and cannot read it: install the client of the "
            f"server's version and put it first in PATH ({' '.join(said.split())})"
        )
    raise Misconfigured(f"{tool} failed: {said}")


def _conninfo(url: URL) -> str:
    """Return how libpq names the database, without the password."""
    said = {
        "host": url.host or url.query.get("host", ""),
        "port": url.port or url.query.get("port", ""),
        "user": url.username or "",
        "dbname": url.database or "",
    }
    quoted = (
        (name, str(value).replace("\\", "\\\\").replace("'", "\\'"))
        for name, value in said.items()
        if value
    )
    return " ".join(f"{name}='{value}'" for name, value in quoted)
