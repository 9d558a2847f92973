"""Offers, for each header that an import does not know, the column that it may mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.fleet.rules.columns import (
    COLUMNS,
    FEWEST_HEADERS,
    HEADER_SEARCH_ROWS,
    KNOWN,
    Column,
    find_header,
    nearest_column,
    recognise,
)
from registry.fleet.rules.listed import FEWEST_HEADERS as FEWEST_LISTED
from registry.fleet.rules.listed import headers_of, table_of
from registry.fleet.rules.profiles import Profile, translated
from registry.fleet.rules.rows import NOT_DATA
from registry.sheets import Row, Sheet
from registry.territory.rules import normalise

MOST_OFFERED = 100
LONGEST_HEADER = 200
PASSED = "-"


@dataclass(frozen=True, slots=True)
class Foreign:
    """
    One header that has no meaning yet, or one that a profile gave it.

    `chosen` is the header of ours that is offered first, `PASSED` for a column that is
    passed over, empty where nothing comes near; `offered` are those to choose from.
    """

    sheet: str
    typed: str
    chosen: str
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headers:
    """What stands in the header rows of a file: what is known, and what is foreign."""

    known: Mapping[str, str]
    foreign: tuple[Foreign, ...]


def read_headers(sheets: Sequence[Sheet], profile: Profile | None, kind: str) -> Headers:
    """
    Tell the headers that an import by this profile knows from those that it does not.

    Where no header row is recognised, the first row of nothing but words is taken.
    Of more than `MOST_OFFERED` foreign headers, the first are offered.
    """
    known: dict[str, str] = {}
    foreign: dict[str, Foreign] = {}
    for sheet in sheets:
        if normalise(sheet.name) in NOT_DATA:
            continue
        ours = translated(sheet, profile, {}) if profile else sheet
        table = table_of(ours, kind)
        columns = table.columns if table else COLUMNS
        meant = headers_of(table) if table else KNOWN
        fewest = FEWEST_LISTED if table else FEWEST_HEADERS
        row = find_header(ours, meant, fewest=fewest) or _likely(ours, fewest)
        if row is None:
            continue
        typed = next(each for each in sheet.rows if each.number == row.number)
        found = _sort(sheet.name, typed, row, meant, columns)
        known |= found.known
        for each in found.foreign:
            foreign.setdefault(normalise(each.typed), each)
    return Headers(known, tuple(foreign.values())[:MOST_OFFERED])


def mapped(
    name: str, headers: Headers, choices: Sequence[str], base: Profile | None, kind: str
) -> Profile:
    """
    Return the profile that keeps the choices made for the foreign headers of a file.

    Known headers are kept too: by them the header row is found again. `base` is the
    profile that the file was read by; its words and other headers stay. A choice is
    an offered header of ours, `PASSED`, or "" for none, in the order of the foreign.
    """
    chosen = list(zip(headers.foreign, choices, strict=True))
    decided = {normalise(each.typed) for each in headers.foreign}
    columns = dict(base.columns) if base else {}
    columns = {typed: ours for typed, ours in columns.items() if normalise(typed) not in decided}
    columns |= headers.known
    columns |= {each.typed: choice for each, choice in chosen if choice in each.offered}
    ignored = {each for each in (base.ignored if base else ()) if normalise(each) not in decided}
    ignored |= {each.typed for each, choice in chosen if choice == PASSED}
    return Profile(
        name=name,
        title=name,
        kind=kind or (base.kind if base else ""),
        source=base.source if base else "",
        columns=columns,
        ignored=frozenset(ignored),
        words=base.words if base else {},
    )


def _sort(
    sheet: str, typed: Row, ours: Row, meant: Mapping[str, Column], columns: Sequence[Column]
) -> Headers:
    """Sort the cells of a header row; a column that stands there twice is foreign."""
    said = [" ".join(str(value or "").split())[:LONGEST_HEADER] for value in typed.values]
    read = [" ".join(str(value or "").split())[:LONGEST_HEADER] for value in ours.values]
    known: dict[str, str] = {}
    taken: set[str] = set()
    open_places = []
    for place, (theirs, our) in enumerate(zip(said, read, strict=True)):
        column = recognise(our, meant) if theirs == our else None
        if column is not None and column.header not in taken:
            known[theirs] = column.header
            taken.add(column.header)
        elif theirs:
            open_places.append(place)
    foreign = []
    offered = tuple(column.header for column in columns)
    for place in open_places:
        chosen = _chosen(said[place], read[place], meant, taken)
        taken.add(chosen)
        foreign.append(Foreign(sheet, said[place], chosen, offered))
    return Headers(known, tuple(foreign))


def _chosen(theirs: str, ours: str, meant: Mapping[str, Column], taken: set[str]) -> str:
    """Return what a profile says of a header, or the nearest column that is still free."""
    if not ours:
        return PASSED
    column = recognise(ours, meant) if ours != theirs else nearest_column(theirs, meant)
    return column.header if column and column.header not in taken else ""


def _likely(sheet: Sheet, fewest: int) -> Row | None:
    """Return the first row of several cells that are all words."""
    for row in sheet.rows[:HEADER_SEARCH_ROWS]:
        filled = [value for value in row.values if value not in {None, ""}]
        if len(filled) >= fewest and all(isinstance(value, str) for value in filled):
            return row
    return None
