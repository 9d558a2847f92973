"""Rows of one camera in one table, of which at most one is open."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Table, bindparam, insert, update
from sqlalchemy.orm import Session

from registry.db import Base, Second


@dataclass(slots=True)
class Trail:
    """
    The changes that a batch makes to the rows of one camera in one table.

    `ended` is what happens to the row that was open before; `rows` are new ones,
    in order, of which only the last may be open. Instants are plain seconds.
    """

    ended: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def change(self, **values: object) -> None:
        """Change the open row, be it new or in the database."""
        if self.rows and self.rows[-1]["ended_at"] is None:
            self.rows[-1].update(values)
        else:
            self.ended.update(values)

    def open(self, **values: object) -> None:
        """Add a row; the one before must be ended."""
        self.rows.append({"ended_at": None, **values})


def write_trails(session: Session, model: type[Base], trails: Mapping[int, Trail]) -> None:
    """Write the changes of many cameras: first the ends, so that one row at most is open."""
    table = table_of(model)
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    fresh: list[dict[str, Any]] = []
    for camera_id, trail in trails.items():
        if trail.ended:
            by_columns[tuple(sorted(trail.ended))].append({"of_camera": camera_id, **trail.ended})
        fresh += ({"camera_id": camera_id, **row} for row in trail.rows)
    for columns, rows in by_columns.items():
        session.execute(
            update(table)
            .where(table.c.camera_id == bindparam("of_camera"), table.c.ended_at.is_(None))
            .values({name: plain_parameter(table, name) for name in columns}),
            rows,
        )
    if fresh:
        values = {name: plain_parameter(table, name) for name in fresh[0]}
        session.execute(insert(table).values(values), fresh)


def table_of(model: type[Base]) -> Table:
    """Return the table of a model: plain rows in bulk need no objects."""
    return Base.metadata.tables[model.__tablename__]


def plain_parameter(table: Table, name: str, prefix: str = "") -> Any:  # noqa: ANN401 - SQLAlchemy's own
    """Bind a column's value, an instant as plain seconds."""
    column = table.c[name]
    kind = BigInteger() if isinstance(column.type, Second) else column.type
    return bindparam(f"{prefix}{name}", type_=kind)
