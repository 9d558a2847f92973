"""Reads the sheets that list one kind of thing: which kind, which columns, what each row says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.errors import Problem
from registry.fleet.rules.cells import BLANK, CellReader
from registry.fleet.rules.columns import Column, Header, find_header, known_headers, read_header
from registry.fleet.rules.rows import adds_up, is_totals
from registry.fleet.rules.tables import TABLES, Table
from registry.sheets import Row, Sheet
from registry.territory.rules import normalise

FEWEST_HEADERS = 2


@dataclass(frozen=True, slots=True)
class ListedRow:
    """
    One row of a listing: what its cells mean, and where they stand.

    Blank cells are left out of `values`: what stands in the register stays.
    """

    table: Table
    sheet: str
    number: int
    header: Header
    values: Mapping[str, Any]

    def cell(self, key: str) -> str:
        """Return the name of a cell, or of the row's first one where its column is absent."""
        place = self.header.places.get(key, 0)
        return f"{self.sheet}!{Row(self.number, ()).reference(place)}"


@dataclass(slots=True)
class Listing:
    """What a file's sheets list, with every problem of every cell."""

    rows: list[ListedRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def of(self, table: Table) -> list[ListedRow]:
        """Return the rows of one kind, in their order."""
        return [row for row in self.rows if row.table is table]


def table_of(sheet: Sheet, kind: str = "") -> Table | None:
    """
    Return the kind of thing that a sheet lists: the one that was named, or by its name.

    A sheet of a listing's name is one only if its headers know a row's identity.
    """
    named = normalise(sheet.name)
    for table in TABLES:
        if kind == table.key:
            return table
        if not kind and named == normalise(table.sheet) and _identifies(sheet, table):
            return table
    return None


def _identifies(sheet: Sheet, table: Table) -> bool:
    header = find_header(sheet, headers_of(table), fewest=FEWEST_HEADERS)
    if header is None:
        return False
    known = headers_of(table)
    keys = {known[normalise(str(v))].key for v in header.values if normalise(str(v)) in known}
    return set(table.identity) <= keys


_HEADERS = {table.key: known_headers(table.columns) for table in TABLES}


def headers_of(table: Table) -> Mapping[str, Column]:
    """Return a table's columns by every header that they are known by."""
    return _HEADERS[table.key]


def read_listing(sheet: Sheet, table: Table, reader: CellReader, listing: Listing) -> None:
    """Add the rows of a sheet to a listing, with the problems of its headers and cells."""
    header_row = find_header(sheet, headers_of(table), fewest=FEWEST_HEADERS)
    if header_row is None:
        first = next((row for row in sheet.rows if not row.is_blank), Row(1, ()))
        where = f"{sheet.name}!{first.reference(0)}"
        listing.problems.append(Problem("sheet.no_header", where, sheet.name))
        return
    # Required columns are asked of new things only: an update may say one field.
    optional: Sequence[Column] = ()
    header, problems = read_header(sheet, header_row, optional, headers_of(table))
    listing.problems.extend(problems)
    for row in sheet.rows:
        if row.number > header.row and not row.is_blank:
            _read_row(row, table, header, sheet.name, reader, listing)


def _read_row(  # noqa: PLR0913, PLR0917 - a row, where it stands, and where it goes
    row: Row, table: Table, header: Header, sheet: str, reader: CellReader, listing: Listing
) -> None:
    values: dict[str, Any] = {}
    problems, notes = [], []
    for key, place in header.places.items():
        reading = reader.read(
            table.by_key[key], row.values[place] if place < len(row.values) else None
        )
        if reading is BLANK:
            continue
        where = f"{sheet}!{row.reference(place)}" if reading.error or reading.remarks else ""
        if reading.error is not None:
            said = {"column": table.by_key[key].header, **reading.error.parameters}
            problems.append(Problem(reading.error.code, where, reading.text, said))
        elif reading.value is not None:
            values[key] = reading.value
        for code, parameters in reading.remarks:
            notes.append(Problem(code, where, reading.text, parameters))
    if not _is_whole(table, values) and is_totals(row, header):
        listing.notes.append(Problem("row.totals", f"{sheet}!{row.reference(0)}"))
        return
    listing.problems += problems
    listing.notes += notes
    listing.rows.append(ListedRow(table, sheet, row.number, header, values))


def _is_whole(table: Table, values: Mapping[str, Any]) -> bool:
    """
    Tell whether a row says enough of one thing that it cannot add up the others.

    The Somme is a department that pays, and Sommeron a commune with a site.
    """
    named = [values.get(key) for key in table.identity]
    if None not in named and not any(adds_up(each) for each in named):
        return True
    return all(each.key in values for each in table.columns if each.required)
