"""Reads plain values against a table, writes what differs, and keeps it in the journal."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from registry.db import Base
from registry.errors import Invalid, Problem
from registry.fleet.rules.cells import CellReader
from registry.fleet.rules.columns import Column
from registry.fleet.rules.reach import Zones
from registry.fleet.rules.tables import Table
from registry.journal import sign
from registry.signature import Signature

ANYWHERE = Zones.only()
_TEXTS = frozenset(
    {
        "text",
        "uic",
        "uai",
        "mac",
        "host",
        "path",
        "codes",
        "hours",
        "places",
        "tls",
        "zone",
        "networks",
    }
)


def read_values(
    table: Table,
    values: Mapping[str, Any],
    *,
    zones: Zones = ANYWHERE,
    complete: bool,
) -> dict[str, Any]:
    """
    Return what plain values mean by a table's columns; None and "" empty a field.

    Codes of closed sets, ISO dates and numbers are read as well as what a sheet
    writes. `complete` asks for every required field, as the making of a row does.

    Raises:
        Invalid: With every field that is unknown, missing or wrong.
    """
    reader, problems = CellReader(zones), []
    read: dict[str, Any] = {}
    for key, value in values.items():
        column = table.by_key.get(key)
        if column is None:
            known = {"known": ", ".join(table.by_key)}
            problems.append(Problem("field.unknown", key, key, known))
            continue
        if value is None or value == "":
            if column.required or column.lasting:
                problems.append(Problem("cell.required", key))
            read[key] = blank(column)
            continue
        found = reader.read(column, value)
        if found.error is not None:
            problems.append(Problem(found.error.code, key, found.text, found.error.parameters))
        else:
            read[key] = found.value
    if complete:
        problems += missing(table, values)
    if problems:
        raise Invalid(problems)
    return read


def missing(table: Table, values: Mapping[str, Any]) -> list[Problem]:
    """Name the required fields of which nothing is said."""
    unsaid = [each.key for each in table.columns if each.required and each.key not in values]
    return [Problem("cell.required", key) for key in unsaid]


def blank(column: Column) -> str | None:
    """Return what a column holds when nothing is said: an empty text, or nothing at all."""
    return "" if column.expected in _TEXTS else None


def require(problems: list[Problem]) -> None:
    """
    Go on when there is no problem.

    Raises:
        Invalid: With all of them.
    """
    if problems:
        raise Invalid(problems)


def amend(  # noqa: PLR0913 - what, against which table, and who does it
    session: Session,
    row: Base,
    values: Mapping[str, Any],
    *,
    table: Table,
    subject: str,
    signed: Signature,
) -> bool:
    """
    Set what differs and journal it, before and after; tell whether anything did.

    Raises:
        Invalid: An identity or a date changes, and no reason is given.
    """
    changes = {key: value for key, value in values.items() if getattr(row, key) != value}
    if not changes:
        return False
    ask_reason(table, changes, signed)
    before = {key: getattr(row, key) for key in changes}
    for key, value in changes.items():
        setattr(row, key, value)
    sign(session, signed, f"{table.key}.edit", subject, before=before, after=changes)
    return True


def ask_reason(table: Table, changed: Mapping[str, Any], signed: Signature) -> None:
    """
    Go on unless a telling field changes and nobody says why.

    Raises:
        Invalid: The reason is missing; the fields are named.
    """
    telling = [key for key in changed if table.by_key[key].telling]
    if telling and not signed.reason.strip():
        raise Invalid([Problem("reason.required", "reason", "", {"fields": ", ".join(telling)})])


def days(start: date, end: date | None) -> str:
    """Write a span of days for a message; an open end is left open."""
    return f"{start:%d/%m/%Y} – {f'{end:%d/%m/%Y}' if end else '…'}"
