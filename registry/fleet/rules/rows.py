"""Turns the rows of a workbook into what they declare, or into every problem they have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.errors import Problem
from registry.fleet.rules.cells import BLANK, CellReader
from registry.fleet.rules.columns import (
    BY_KEY,
    COLUMNS,
    Header,
    find_header,
    header_key,
    read_header,
)
from registry.fleet.rules.reach import Zones
from registry.sheets import Row, Sheet, column_letters
from registry.territory.rules import normalise

# Sheets that the template itself brings, and how people call their own remarks.
NOT_DATA = {"notice", "listes", "lisez moi", "mode d emploi", "legende", "aide"}
_UNREAD = tuple(column.key for column in COLUMNS if column.required)
_TOTALS = ("total", "totaux", "sous total", "somme")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """
    One row: a camera, the site it stands at and the grant that paid for it.

    None where a cell is blank or its column absent: what stands in the register
    stays. Amounts are cents, codes are as the register keeps them. `unread` names
    the required columns that could not be read: the others are checked all the same.
    """

    sheet: str
    number: int
    header: Header
    unread: frozenset[str]
    file_number: str
    programme: str
    year: int
    beneficiary: str
    beneficiary_kind: str | None = None
    siren: str | None = None
    decision_number: str | None = None
    decided_on: date | None = None
    eligible_cents: int | None = None
    voted_cents: int
    paid_cents: int | None = None
    cameras_funded: int
    insee: str
    commune: str | None = None
    site_kind: str
    site: str
    address: str | None = None
    uic: str | None = None
    uai: str | None = None
    label: str
    camera_class: str | None = None
    purpose: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    mac: str | None = None
    commissioned_on: date | None = None
    retired_on: date | None = None
    host: str | None = None
    port: int | None = None
    path: str | None = None
    scheme: str | None = None
    tls_verify: str | None = None
    zone: str | None = None
    networks: str | None = None
    rtsp_port: int | None = None
    rtsp_path: str | None = None
    password_text: str | None = None
    gateway_host: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def cell(self, key: str) -> str:
        """Return where one of its values stands (`Feuille!B12`)."""
        place = self.header.places.get(key, 0)
        return f"{self.sheet}!{column_letters(place)}{self.number}"

    @property
    def site_key(self) -> tuple[str, str, str]:
        """What a site is known by."""
        return self.insee, self.site_kind, normalise(self.site)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a workbook declares, what was repaired or passed over, and what is wrong."""

    rows: list[ImportRow] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def parse(sheets: Iterable[Sheet], *, zones: Zones) -> Parsed:
    """
    Read every sheet that has a header; a workbook without any is a problem.

    An address outside the networks of all `zones` is a problem too.
    """
    parsed = Parsed()
    reader = CellReader(zones)
    without_header = []
    for sheet in sheets:
        filled = [row for row in sheet.rows if not row.is_blank]
        if not filled or normalise(sheet.name) in NOT_DATA:
            continue
        header_row = find_header(sheet)
        if header_row is None:
            without_header.append((sheet, filled[0]))
            continue
        header, problems = read_header(sheet, header_row)
        parsed.problems.extend(problems)
        for row in filled:
            if row.number > header.row:
                _parse_one(reader, sheet, row, header, parsed)
    found = bool(parsed.rows or parsed.problems)
    for sheet, row in without_header:
        skipped = Problem("sheet.no_header", f"{sheet.name}!{row.reference(0)}", sheet.name)
        (parsed.notes if found else parsed.problems).append(skipped)
    if not found and not parsed.problems:
        parsed.problems.append(Problem("sheet.no_rows"))
    return parsed


def _parse_one(reader: CellReader, sheet: Sheet, row: Row, header: Header, parsed: Parsed) -> None:
    if is_totals(row, header):
        parsed.notes.append(Problem("row.totals", f"{sheet.name}!{row.reference(0)}"))
        return
    values: dict[str, Any] = dict.fromkeys(_UNREAD, "") | {"year": 0, "cameras_funded": 0}
    unread = set(_UNREAD)
    for key, place in header.places.items():
        column = BY_KEY[key]
        reading = reader.read(column, row.values[place] if place < len(row.values) else None)
        if reading is BLANK and not column.required:
            continue
        if reading.value is not None:
            values[key] = reading.value
            unread.discard(key)
        elif reading.error is not None:
            said = {"column": column.header, **reading.error.parameters}
            where = f"{sheet.name}!{row.reference(place)}"
            parsed.problems.append(Problem(reading.error.code, where, reading.text, said))
        elif column.required:
            where = f"{sheet.name}!{row.reference(place)}"
            parsed.problems.append(Problem("cell.required", where, "", {"column": column.header}))
        for code, parameters in reading.remarks:
            where = f"{sheet.name}!{row.reference(place)}"
            parsed.notes.append(Problem(code, where, reading.text, parameters))
    made = ImportRow(
        sheet=sheet.name, number=row.number, header=header, unread=frozenset(unread), **values
    )
    parsed.problems.extend(_at_odds(made))
    parsed.rows.append(made)


def _at_odds(row: ImportRow) -> Iterator[Problem]:
    """Find what one row says against itself."""
    if row.commissioned_on and row.retired_on and row.retired_on < row.commissioned_on:
        after = {"first": row.commissioned_on.strftime("%d/%m/%Y")}
        where = row.cell("retired_on")
        yield Problem("date.order", where, row.retired_on.strftime("%d/%m/%Y"), after)
    if row.password and not row.username:
        yield Problem("username.required", row.cell("username"))


def is_totals(row: Row, header: Header) -> bool:
    """Tell whether a row adds up the others: it says so, and names no camera."""
    place = header.places.get("label")
    if place is not None and place < len(row.values) and header_key(row.values[place]):
        return False
    return any(map(adds_up, row.values))


def adds_up(value: object) -> bool:
    """Tell whether a cell begins like that of a total."""
    return isinstance(value, str) and header_key(value).startswith(_TOTALS)
