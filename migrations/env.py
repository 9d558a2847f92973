"""
How Alembic runs here: on a connection that the caller opened, without alembic.ini.

Our column types are rendered as the plain ones underneath, so that a migration
keeps meaning what it meant when it was written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, TypeDecorator

from registry import models
from registry.db import BUSY_TIMEOUT_MILLISECONDS, MIGRATION_LOCK_SECONDS


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Spell our own types by the database type that they decorate."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


@contextmanager
def tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """
    Let SQLite drop a table that others point at, and check every reference afterwards.

    SQLite changes a table by building it anew, and dropping the old one would count
    as deleting its rows. The pragma is only heeded outside a transaction. Source:
    sqlite.org/lang_altertable.html, section 7.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    _outside_transactions(connection, "PRAGMA foreign_keys=OFF")
    try:
        yield
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if dangling:
            message = f"a migration left rows that point nowhere: {dangling[:5]}"
            raise RuntimeError(message)
    finally:
        _outside_transactions(connection, "PRAGMA foreign_keys=ON")


def _outside_transactions(connection: Connection, statement: str) -> None:
    connection.commit()
    connection.exec_driver_sql(statement)
    connection.commit()


def bound_waiting(connection: Connection, seconds: float | None) -> None:
    """
    Wait so long for whoever holds a table, or as long as usual with None.

    A migration that waits for a lock makes everybody wait who comes after it: better
    that it gives up, and is run again when the register is quiet.
    """
    if connection.dialect.name == "sqlite":
        milliseconds = BUSY_TIMEOUT_MILLISECONDS if seconds is None else int(seconds * 1_000)
        connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")
    elif seconds is None:
        connection.exec_driver_sql("RESET lock_timeout")
    else:
        connection.exec_driver_sql(f"SET lock_timeout = '{int(seconds * 1_000)}ms'")
    connection.commit()


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=models.metadata,
    render_as_batch=True,
    render_item=render_item,
    transaction_per_migration=True,
)
bound_waiting(connection, context.config.attributes.get("lock_seconds", MIGRATION_LOCK_SECONDS))
try:
    with tables_may_be_rebuilt(connection), context.begin_transaction():
        context.run_migrations()
finally:
    connection.rollback()
    bound_waiting(connection, None)
