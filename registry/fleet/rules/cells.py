"""Reads the cells of a workbook: what each means, what was repaired, what is wrong."""

import re
from dataclasses import dataclass
from typing import Any

from registry.fleet.rules.columns import Column
from registry.fleet.rules.reach import Zones
from registry.fleet.rules.readers import READERS, Cell, Unreadable
from registry.sheets import Value

# What spreadsheets show for a formula that failed, in English or French.
_BROKEN_FORMULA = re.compile(
    r"#(?:DIV/0!|N/A|NAME\?|NOM\?|NULL!|NUL!|NUM!|NOMBRE!|REF!|VALUE!|VALEUR!)\Z"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a cell: its meaning, or an error; and what was repaired on the way."""

    value: Any = None
    error: Unreadable | None = None
    text: str = ""
    remarks: tuple[tuple[str, dict[str, str]], ...] = ()


BLANK = Reading()


class CellReader:
    """
    Reads the cells of one workbook, each pair of column and content once.

    Nine cells out of ten repeat one that was read before: what a grant says stands
    on each of its rows.
    """

    def __init__(self, zones: Zones) -> None:
        """Take the zones, in whose networks an address may lie."""
        self._zones = zones
        self._seen: dict[tuple[str, type, Value], Reading] = {}

    def read(self, column: Column, value: Value) -> Reading:
        """Return what a cell means; a blank one means nothing."""
        if value is None or value == "":
            return BLANK
        if column.secret:
            return Reading(str(value).strip() or None)
        # 1, 1.0 and True are one key of a dictionary, and three contents of a cell.
        key = (column.key, type(value), value)
        if key not in self._seen:
            self._seen[key] = _read(Cell(column, value, self._zones))
        return self._seen[key]


def _read(cell: Cell) -> Reading:
    if not cell.text:
        return BLANK
    if _BROKEN_FORMULA.match(cell.text):
        return Reading(error=Unreadable(cell, "formula"), text=cell.text)
    try:
        value = READERS[cell.column.expected](cell)
    except Unreadable as error:
        return Reading(error=error, text=cell.text)
    return Reading(value, None, cell.text, tuple(cell.remarks))
