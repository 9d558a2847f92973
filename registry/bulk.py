"""Inserts many rows at once, by the shortest way that each database has."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from registry.db import Base, claim_writing

# So many rows are worth the two messages around a stream.
FEWEST_TO_STREAM = 50


def add_rows(
    session: Session, model: type[Base] | Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """
    Insert many rows past the mapper, after what the session has not written yet.

    What a row leaves out takes its column's default, or null. PostgreSQL reads them
    from a stream, which costs a quarter of a statement for each.

    Raises:
        IntegrityError: A row does not fit a constraint, or another row.
    """
    if not rows:
        return
    session.flush()
    connection = session.connection()
    table = _table(model)
    columns = [each for each in table.columns if not each.primary_key or each.key in rows[0]]
    names = ", ".join(each.name for each in columns)
    values = _values(connection, columns, rows)
    if connection.dialect.name == "postgresql" and len(rows) >= FEWEST_TO_STREAM:
        _stream(connection, f"COPY {table.name} ({names}) FROM STDIN", values)
    else:
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        marks = ", ".join(mark for _ in columns)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        connection.exec_driver_sql(statement, values)


def next_ids(session: Session, model: type[Base], count: int) -> Sequence[int]:
    """
    Take numbers for new rows, so that others may point at them before any is inserted.

    SQLite gives the one after the last: the right to write is taken first, or somebody
    else would take the same.
    """
    table = _table(model)
    if session.connection().dialect.name == "postgresql":
        sequence = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        )
        return session.scalars(sequence, {"name": table.name, "count": count}).all()
    claim_writing(session)
    last = session.scalar(select(func.max(table.c.id))) or 0
    return range(last + 1, last + 1 + count)


def values_of(row: Base) -> dict[str, object]:
    """Return what was said of a row that no session holds; the rest takes its defaults."""
    columns = _table(type(row)).columns
    return {key: value for key, value in vars(row).items() if key in columns}


def _table(model: type[Base] | Table) -> Table:
    return model if isinstance(model, Table) else model.metadata.tables[model.__tablename__]


def _values(
    connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[Mapping[str, object]]
) -> list[tuple[object, ...]]:
    """Return what the database is handed for each row, by the types of the columns."""
    dialect = connection.dialect
    said = [(each.key, _default(each)) for each in columns]
    turns = [each.type.dialect_impl(dialect).bind_processor(dialect) for each in columns]
    turned = [(place, turn) for place, turn in enumerate(turns) if turn is not None]
    found = []
    for row in rows:
        values = [row.get(key, default) for key, default in said]
        for place, turn in turned:
            values[place] = turn(values[place])
        found.append(tuple(values))
    return found


def _default(column: Column[Any]) -> object:
    default = column.default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


def _stream(connection: Connection, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    driver = connection.dialect.loaded_dbapi
    with closing(connection.connection.cursor()) as cursor:
        try:
            with cursor.copy(statement) as stream:
                for row in rows:
                    stream.write_row(row)
        except driver.Error as error:
            raise DBAPIError.instance(statement, None, error, driver.Error) from error
