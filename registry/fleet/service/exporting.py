"""Writes what the register holds as sheets that change nothing when they come back."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.fleet.rules import Zones
from registry.fleet.rules.columns import Column
from registry.fleet.rules.readers import shown
from registry.fleet.rules.tables import Table
from registry.fleet.service.kinds import KINDS, Desk, Kind
from registry.journal import sign
from registry.sheets import Page, Value, write_text, write_workbook
from registry.signature import Signature
from registry.territory.rules import normalise

_WIDTH = 18
_FOUND_BY = "Ce par quoi la ligne est reconnue."
# Columns that a sheet of positions only reads.
_READ_ONLY = frozenset({"stage"})


def kinds() -> tuple[str, ...]:
    """Return the kinds of things that may be exported."""
    return tuple(kind.table.key for kind in KINDS)


def export_workbook(
    session: Session, target: BinaryIO, *, signed: Signature, chosen: Iterable[str] = ()
) -> None:
    """
    Write an XLSX workbook with a sheet for each kind, all of them unless some are chosen.

    Raises:
        NotFound: A chosen kind is none.
    """
    names = list(chosen) or list(kinds())
    pages = [_page(kind, as_text=False) for kind in _kinds(session, signed, names)]
    write_workbook(target, pages)
    _tell(session, signed, names, "xlsx")


def export_text(session: Session, kind: str, *, signed: Signature) -> str:
    """
    Return one kind as CSV the way Excel reads it in French.

    Raises:
        NotFound: There is no such kind.
    """
    (found,) = _kinds(session, signed, [kind])
    text = write_text(_page(found, as_text=True))
    _tell(session, signed, [kind], "csv")
    return text


def file_name(kind: str) -> str:
    """Return the name of a kind's CSV, by which its rows are recognised when it comes back."""
    table = next(each.table for each in KINDS if each.table.key == kind)
    return f"{normalise(table.sheet)}.csv"


def _kinds(session: Session, signed: Signature, names: Iterable[str]) -> list[Kind]:
    desk = Desk(session, signed, Zones.only())
    known = {kind.table.key: kind for kind in KINDS}
    for name in names:
        if name not in known:
            raise NotFound(f"kind {name!r}; known: {', '.join(known)}")
    return [known[name](desk) for name in known if name in names]


def _tell(session: Session, signed: Signature, names: Iterable[str], form: str) -> None:
    # Whoever takes the list of all cameras away has read it: that is kept.
    told = {"kinds": ", ".join(names), "format": form}
    sign(session, signed, "fleet.export", "fleet", after=told)


def _page(kind: Kind, *, as_text: bool) -> Page:
    columns = [column for column in kind.table.columns if column.key not in _READ_ONLY]
    headers = [column.header for column in columns]
    return Page(
        kind.table.sheet,
        headers,
        _rows(kind, columns, as_text=as_text),
        widths=[max(_WIDTH, len(header) + 2) for header in headers],
        notes=_notes(kind.table),
    )


def _notes(table: Table) -> dict[str, str]:
    return {
        table.by_key[key].header: "Ce par quoi la ligne est reconnue." for key in table.identity
    }


def _rows(kind: Kind, columns: list[Column], *, as_text: bool) -> Iterator[list[Value]]:
    for thing in kind.everything():
        said = kind.said(thing)
        yield [_cell(said.get(column.key), column, as_text=as_text) for column in columns]


def _cell(value: object, column: Column, *, as_text: bool) -> Value:
    """Return a value as the cell that reads as itself again: numbers and days stay such."""
    if value is None or value == "":
        return None
    if column.expected == "money" and isinstance(value, int):
        return f"{value // 100},{value % 100:02d}" if as_text else value / 100
    if isinstance(value, date) and not isinstance(value, datetime) and not as_text:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return shown(value, column)
