"""Translates the headers and words of a foreign sheet into ours, by a named profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.sheets import Row, Sheet, Value
from registry.territory.rules import normalise

_SEARCH_ROWS = 40
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """
    How one foreign inventory says what our sheets say.

    `columns` leads from its headers to ours, `ignored` names those that are passed
    over; both are compared without case and accents. `words` translates cells, by our
    header. `kind` is the table that its rows are of, empty for funded cameras.
    """

    name: str
    title: str
    kind: str
    source: str
    columns: Mapping[str, str]
    ignored: frozenset[str] = frozenset()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def translated(sheet: Sheet, profile: Profile, constants: Mapping[str, str]) -> Sheet:
    """
    Return a sheet with our headers and words.

    `constants` adds columns that hold one value for every row, by our headers; a
    sheet in which no header of the profile stands is returned as it is. Headers that
    the profile does not name stay: they are ours, or will be refused as unknown.
    """
    ours = {normalise(theirs): header for theirs, header in profile.columns.items()}
    passed = {normalise(theirs) for theirs in profile.ignored}
    at = _header(sheet, ours)
    if at is None:
        return sheet
    headers = [str(value or "") for value in sheet.rows[at].values]
    # What is passed over is blanked and not cut out: cells keep their names.
    names = [
        "" if normalise(typed) in passed else ours.get(normalise(typed), typed) for typed in headers
    ]
    words = {
        header: {normalise(theirs): meant for theirs, meant in each.items()}
        for header, each in profile.words.items()
    }
    rows = list(sheet.rows[:at])
    rows.append(Row(sheet.rows[at].number, [*names, *constants]))
    for row in sheet.rows[at + 1 :]:
        told: list[Value] = [None] * len(names)
        for place, value in enumerate(row.values[: len(names)]):
            if names[place]:
                told[place] = _word(value, words.get(names[place], {}))
        rows.append(Row(row.number, [*told, *([] if row.is_blank else constants.values())]))
    return Sheet(sheet.name, rows)


def _header(sheet: Sheet, ours: Mapping[str, str]) -> int | None:
    for at, row in enumerate(sheet.rows[:_SEARCH_ROWS]):
        if sum(normalise(str(value or "")) in ours for value in row.values) >= _FEWEST:
            return at
    return None


def _word(value: Value, words: Mapping[str, str]) -> Value:
    return words.get(normalise(value), value) if isinstance(value, str) else value
