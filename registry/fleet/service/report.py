"""What an import did or would do: counts, remarks, and each row with what it changes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from registry.errors import Problem

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"
# Told how many rows of how many are done, once in so many rows.
Progress = Callable[[int, int], None]
TOLD_EVERY = 200
_ONE_BY_ONE = frozenset({"sheet.no_header", "row.totals", "row.rejected"})


@dataclass(frozen=True, slots=True)
class RowChange:
    """
    What one row does: makes something new, or changes some fields of what is there.

    `before` and `after` go by the headers of the columns, in words for people.
    """

    sheet: str
    row: int
    state: str
    what: str
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """
    What an import did, counted in rows of the file, and what is worth knowing.

    A row is changed when its camera, its site or its grant is. `notes` are remarks
    on what was loaded all the same; each says in `rows` how often it applies.
    `changes` leaves out the rows that change nothing.
    """

    new: int
    changed: int
    unchanged: int
    grants: int
    sites: int
    cameras: int
    notes: tuple[Problem, ...] = ()
    changes: tuple[RowChange, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the numbers by name, without the notes."""
        return {
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "grants": self.grants,
            "sites": self.sites,
            "cameras": self.cameras,
        }


def gathered(notes: Iterable[Problem]) -> tuple[Problem, ...]:
    """Say each remark once, at its first cell, with the number of rows it holds for."""
    first: dict[tuple[object, ...], Problem] = {}
    rows: Counter[tuple[object, ...]] = Counter()
    for note in notes:
        key = (note.code, note.value, *sorted(note.parameters.items()))
        if note.code in _ONE_BY_ONE:
            key = (note.code, note.where)
        first.setdefault(key, note)
        rows[key] += 1
    return tuple(
        replace(note, parameters={**note.parameters, "rows": str(rows[key])})
        for key, note in first.items()
    )


def in_order(problems: Iterable[Problem], sheets: Iterable[str]) -> list[Problem]:
    """Order problems as a reader meets them: by sheet, row and column."""
    sheet_order = {name: index for index, name in enumerate(dict.fromkeys(sheets))}

    def position(problem: Problem) -> tuple[int, int, int, str]:
        sheet, _, cell = problem.where.rpartition("!")
        letters = cell.rstrip("0123456789")
        number = int(cell[len(letters) :] or 0)
        return sheet_order.get(sheet, len(sheet_order)), number, len(letters), letters

    return sorted(problems, key=position)
