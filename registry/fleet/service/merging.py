"""Brings the register to what listings say: row by row, each found, compared, then written."""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from registry.errors import Conflict, Invalid, Problem
from registry.fleet.rules.listed import ListedRow, Listing
from registry.fleet.rules.readers import one_line, shown
from registry.fleet.rules.tables import Table
from registry.fleet.service.kinds import KINDS, Desk, Kind
from registry.fleet.service.report import (
    CHANGED,
    NEW,
    TOLD_EVERY,
    UNCHANGED,
    ImportReport,
    Progress,
    RowChange,
    gathered,
)
from registry.funding.rules import format_cents

_NOT_YET = frozenset({"planned", "decided", "works"})


class Merger:
    """Writes a listing once; every problem of every row is kept, and nothing of those rows."""

    def __init__(self, desk: Desk, progress: Progress | None = None) -> None:
        """Start with nothing found."""
        self._desk = desk
        self._progress = progress
        self._done = 0
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.changes: list[RowChange] = []
        self.states: Counter[str] = Counter()

    def merge(self, listing: Listing) -> ImportReport:
        """Write every row, kind by kind in the order in which one needs the other."""
        total = len(listing.rows)
        for make in KINDS:
            if rows := listing.of(make.table):
                with self._desk.session.no_autoflush:
                    self._kind(make(self._desk), rows, total)
        if self._progress:
            self._progress(total, total)
        return ImportReport(
            new=self.states[NEW],
            changed=self.states[CHANGED],
            unchanged=self.states[UNCHANGED],
            grants=_count(listing, "grants"),
            sites=_count(listing, "sites"),
            cameras=_count(listing, "cameras"),
            notes=gathered([*listing.notes, *self.notes]),
            changes=tuple(self.changes),
        )

    def _kind(self, kind: Kind, rows: Sequence[ListedRow], total: int) -> None:
        kind.prepare(rows)
        first: dict[Hashable, ListedRow] = {}
        for row in rows:
            meant = kind.meant(row.values)
            same = meant is row.values
            self._row(kind, row if same else replace(row, values=meant), first)
            self._done += 1
            if self._progress and self._done % TOLD_EVERY == 0:
                self._progress(self._done, total)
        kind.finish()

    def _row(self, kind: Kind, row: ListedRow, first: dict[Hashable, ListedRow]) -> None:
        key = kind.key(row)
        if key is None:
            columns = [kind.table.by_key[name].header for name in kind.table.identity]
            said = {"columns": ", ".join(columns)}
            self.problems.append(Problem("row.identity", row.cell("row"), "", said))
            return
        before = first.setdefault(key, row)
        if before is not row:
            twice = {"first": before.cell(kind.table.identity[0])}
            where = row.cell(kind.table.identity[0])
            self.problems.append(Problem("row.twice", where, "", twice))
            return
        if self._left_out(row):
            return
        try:
            self._write(kind, row)
        except Invalid as error:
            self.problems += [_at(row, problem) for problem in error.problems]
        except Conflict as error:
            self.problems.append(Problem("conflict", row.cell("row"), "", {"said": str(error)}))

    def _left_out(self, row: ListedRow) -> bool:
        """Judge what an inventory says of how far a position has come."""
        stage = row.values.get("stage")
        if stage == "rejected":
            self.notes.append(Problem("row.rejected", row.cell("stage")))
            return True
        if stage in _NOT_YET and row.values.get("commissioned_on"):
            where = row.cell("commissioned_on")
            day = shown(row.values["commissioned_on"], row.table.by_key["commissioned_on"])
            self.problems.append(Problem("stage.dated", where, day))
            return True
        return False

    def _write(self, kind: Kind, row: ListedRow) -> None:
        thing = kind.find(row)
        if thing is None:
            kind.create(_said(row))
            self._note(kind, row, NEW, {}, row.values)
            return
        standing = kind.said(thing)
        wanted = {
            key: value
            for key, value in row.values.items()
            if key != "stage" and _differs(standing.get(key), value)
        }
        if not wanted:
            self.states[UNCHANGED] += 1
            return
        self._note(kind, row, CHANGED, {key: standing.get(key) for key in wanted}, wanted)
        try:
            kind.update(thing, {**_identity(kind.table, standing), **wanted})
        except (Invalid, Conflict):
            # What a refused row has changed is taken back; the next ones are still read.
            self._desk.session.expire(thing)
            raise

    def _note(self, kind: Kind, row: ListedRow, state: str, before: Any, after: Any) -> None:  # noqa: ANN401 - values of any column
        self.states[state] += 1
        columns = kind.table.by_key

        def words(values: Any) -> dict[str, str]:  # noqa: ANN401 - values of any column
            return {
                columns[key].header: "" if value in {None, ""} else shown(value, columns[key])
                for key, value in values.items()
            }

        # A new site has no identifier yet: then what it must say tells which one is meant.
        named = [key for key in kind.table.identity if key in row.values]
        named = named or [key for key in columns if columns[key].required and key in row.values]
        what = " ".join(shown(row.values[key], columns[key]) for key in named)
        self.changes.append(
            RowChange(row.sheet, row.number, state, what, words(before), words(after))
        )


def _differs(standing: object, said: object) -> bool:
    """Tell whether a cell says something else: it holds one line of what may have been several."""
    if isinstance(standing, str) and isinstance(said, str):
        return said not in {standing, one_line(standing)}
    return standing != said


def _said(row: ListedRow) -> dict[str, Any]:
    return {key: value for key, value in row.values.items() if key != "stage"}


def _identity(table: Table, standing: Any) -> dict[str, Any]:  # noqa: ANN401 - values of any column
    """Return what tells a service which thing is meant, where it asks for it."""
    names: Sequence[str] = ("file_number", "kind", "funder") if table.key in _OF_GRANTS else ()
    return {key: standing[key] for key in names if key in standing}


_ISO_DAY = re.compile(r"\A(\d{4})-(\d{2})-(\d{2})\Z")
_OF_GRANTS = frozenset({"lines", "payments"})


def _at(row: ListedRow, problem: Problem) -> Problem:
    """Say at which cell a service's problem lies, with figures and days as people read them."""
    said = dict(_shown(name, text) for name, text in problem.parameters.items())
    _, value = _shown(problem.where, problem.value)
    return Problem(problem.code, row.cell(problem.where), value, said)


def _shown(name: str, text: str) -> tuple[str, str]:
    if name.endswith("_cents") and text.lstrip("-").isdigit():
        return name.removesuffix("_cents"), format_cents(int(text))
    return name, _ISO_DAY.sub(r"\3/\2/\1", text)


def _count(listing: Listing, key: str) -> int:
    return sum(row.table.key == key for row in listing.rows)
