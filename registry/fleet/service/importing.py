"""Imports a sheet of funded cameras: everything that it says, or nothing at all."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import journal, sheets
from registry.errors import Conflict, Invalid, Problem
from registry.fleet.rules import ImportRow, Zones, contradictions, parse
from registry.fleet.service.checking import Check
from registry.fleet.service.register import Register
from registry.fleet.service.writing import Writer
from registry.fleet.vault import Vault


@dataclass(frozen=True, slots=True)
class ImportReport:
    """
    What an import did, counted in rows of the file, and what is worth knowing.

    A row is changed when its camera, its site or its grant is. `notes` are remarks
    on what was loaded all the same; each says in `rows` how often it applies.
    """

    new: int
    changed: int
    unchanged: int
    grants: int
    sites: int
    cameras: int
    notes: tuple[Problem, ...] = ()

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


def import_file(  # noqa: PLR0913 - a file, and who imports it, when, under which rules
    session: Session,
    path: Path,
    *,
    actor: str,
    at: datetime,
    zones: Zones,
    vault: Vault,
) -> ImportReport:
    """
    Import an XLSX, ODS or CSV file; see `import_content`.

    Raises:
        Invalid: With every problem of every row.
    """
    content = path.read_bytes()
    return import_content(session, content, path.name, actor=actor, at=at, zones=zones, vault=vault)


def import_content(  # noqa: PLR0913 - a file, and who imports it, when, under which rules
    session: Session,
    content: bytes,
    name: str,
    *,
    actor: str,
    at: datetime,
    zones: Zones,
    vault: Vault,
) -> ImportReport:
    """
    Bring grants, sites, cameras and units to what a file says.

    Rows are matched by file number, by site (commune, kind, name) and by camera
    label; a blank cell leaves what stands. Another serial at a position is a
    replacement at this instant. Nothing is committed: to try, roll back.

    Raises:
        Invalid: With every problem of every row; the session must be rolled back.
        Conflict: Somebody else imported the same at the same time.
    """
    parsed = parse(sheets.read(content, name), zones=zones)
    check = Check(session, parsed.rows)
    register = Register(session, at, check.communes, check.campaigns, actor)
    writer = Writer(register, vault, zones)
    problems = [*parsed.problems, *check.problems, *contradictions(check.rows)]
    states = [] if problems else _write(writer, check.rows, name)
    problems += writer.problems
    if problems:
        raise Invalid(_in_order(problems, parsed.rows))
    notes = [*parsed.notes, *check.notes, *writer.notes, *writer.shared_serials(check.rows)]
    report = _report(states, check.rows, notes)
    journal.write(
        session,
        at=at,
        actor=actor,
        action="fleet.import",
        subject=f"file:{name}"[:120],
        before=register.before,
        after={
            "sha256": hashlib.sha256(content).hexdigest(),
            "counts": report.counts(),
            "changes": register.after,
        },
    )
    return report


def _write(writer: Writer, rows: Sequence[ImportRow], name: str) -> list[str]:
    try:
        return writer.write(rows)
    except IntegrityError as error:
        # The database's message quotes the values of the row: it stays in the cause.
        message = f"{name}: the register changed while it was imported; send it again"
        raise Conflict(message) from error


def _report(
    states: Sequence[str], rows: Sequence[ImportRow], notes: Iterable[Problem]
) -> ImportReport:
    counted = Counter(states)
    return ImportReport(
        new=counted["new"],
        changed=counted["changed"],
        unchanged=counted["unchanged"],
        grants=len({row.file_number for row in rows}),
        sites=len({row.site_key for row in rows}),
        cameras=len(rows),
        notes=_gathered(notes),
    )


def _gathered(notes: Iterable[Problem]) -> tuple[Problem, ...]:
    """Say each remark once, at its first cell, with the number of rows it holds for."""
    first: dict[tuple[object, ...], Problem] = {}
    rows: Counter[tuple[object, ...]] = Counter()
    for note in notes:
        key = (note.code, note.value, *sorted(note.parameters.items()))
        if note.code in {"sheet.no_header", "row.totals"}:
            key = (note.code, note.where)
        first.setdefault(key, note)
        rows[key] += 1
    return tuple(
        replace(note, parameters={**note.parameters, "rows": str(rows[key])})
        for key, note in first.items()
    )


def _in_order(problems: Iterable[Problem], rows: Sequence[ImportRow]) -> list[Problem]:
    """Order problems as a reader meets them: by sheet, row and column."""
    sheet_order = {name: index for index, name in enumerate(dict.fromkeys(r.sheet for r in rows))}

    def position(problem: Problem) -> tuple[int, int, int, str]:
        sheet, _, cell = problem.where.rpartition("!")
        letters = cell.rstrip("0123456789")
        number = int(cell[len(letters) :] or 0)
        return sheet_order.get(sheet, len(sheet_order)), number, len(letters), letters

    return sorted(problems, key=position)
