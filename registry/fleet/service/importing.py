"""Imports files of funded cameras or of listings: everything that they say, or nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import journal, sheets
from registry.errors import Conflict, Invalid, Problem
from registry.fleet.rules import ImportRow, Zones, camera_key, contradictions, parse
from registry.fleet.rules.cells import CellReader
from registry.fleet.rules.columns import BY_KEY
from registry.fleet.rules.listed import Listing, read_listing, table_of
from registry.fleet.rules.profiles import Profile, translated
from registry.fleet.rules.readers import shown
from registry.fleet.rules.rows import NOT_DATA
from registry.fleet.service.checking import Check
from registry.fleet.service.kinds import Desk
from registry.fleet.service.merging import Merger
from registry.fleet.service.register import Register
from registry.fleet.service.report import (
    CHANGED,
    NEW,
    UNCHANGED,
    ImportReport,
    Progress,
    RowChange,
    gathered,
    in_order,
)
from registry.fleet.service.telling import told_of_file, told_of_things
from registry.fleet.service.writing import Writer
from registry.fleet.vault import Vault
from registry.signature import Signature
from registry.territory.rules import normalise

Written = TypeVar("Written")


@dataclass(frozen=True, slots=True)
class Options:
    """
    How a file is to be read: as which kind, by which profile, and why it comes.

    `constants` are columns that hold one value for every row, by their headers.
    """

    kind: str = ""
    profile: Profile | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def import_file(  # noqa: PLR0913 - a file, how to read it, and who imports it, when
    session: Session,
    path: Path,
    *,
    actor: str,
    at: datetime,
    zones: Zones,
    vault: Vault,
    options: Options = Options(),
    progress: Progress | None = None,
) -> ImportReport:
    """
    Import an XLSX, ODS or CSV file; see `import_content`.

    Raises:
        Invalid: With every problem of every row, or because the file is too large.
    """
    sheets.check_size(path.stat().st_size, path.name)
    return import_content(
        session,
        path.read_bytes(),
        path.name,
        actor=actor,
        at=at,
        zones=zones,
        vault=vault,
        options=options,
        progress=progress,
    )


def import_content(  # noqa: PLR0913 - a file, how to read it, and who imports it, when
    session: Session,
    content: bytes,
    name: str,
    *,
    actor: str,
    at: datetime,
    zones: Zones,
    vault: Vault,
    options: Options = Options(),
    progress: Progress | None = None,
) -> ImportReport:
    """
    Bring the register to what a file says.

    A sheet of funded cameras is matched by file number, by site (commune, kind, name)
    and by camera label; another serial at a position is a replacement at this instant.
    Sheets that list one kind of thing, as exports do, are matched by the identity of
    their table, or by the serial of a mounted unit. A blank cell leaves what stands.
    The journal keeps what became of each thing, and of the file. Nothing is committed:
    to try, roll back.

    Raises:
        Invalid: With every problem of every row; the session must be rolled back.
        Conflict: Somebody else imported the same at the same time.
    """
    read = sheets.read(content, name)
    if options.profile is not None:
        read = [translated(sheet, options.profile, options.constants) for sheet in read]
    kind = options.kind or (options.profile.kind if options.profile else "")
    listing, others = _listed(read, kind, zones)
    reason = options.reason.strip() or f"import {name}"
    changes: list[journal.Change] = []
    if len(others) < len(read):
        listing.notes += _passed_over(others)
        signed = Signature(actor, at, reason)
        report = _unless_changed(name, lambda: _merge(listing, session, signed, zones, progress))
    else:
        register = Register(session, at, {}, {}, actor, name, reason)
        report = _import_cameras(register, others, name, zones, vault, progress)
        changes = list(told_of_things(register))
    changes.append(told_of_file(name, content, report, options.reason.strip()))
    journal.append(session, changes, actor=actor, at=at)
    return report


def _import_cameras(  # noqa: PLR0913, PLR0917 - a register, sheets, and under which rules
    register: Register,
    read: Sequence[sheets.Sheet],
    name: str,
    zones: Zones,
    vault: Vault,
    progress: Progress | None,
) -> ImportReport:
    parsed = parse(read, zones=zones)
    check = Check(register.session, parsed.rows)
    register.communes, register.campaigns = check.communes, check.campaigns
    writer = Writer(register, vault, zones)
    problems = [*parsed.problems, *check.problems, *contradictions(check.rows)]
    states: list[str] = []
    if not problems:
        states = _unless_changed(name, lambda: writer.write(check.rows, progress))
    problems += writer.problems
    if problems:
        raise Invalid(in_order(problems, [row.sheet for row in parsed.rows]))
    if progress:
        progress(len(check.rows), len(check.rows))
    notes = [*parsed.notes, *check.notes, *writer.notes, *writer.shared_serials(check.rows)]
    return _report(states, check.rows, register, notes)


def _unless_changed(name: str, write: Callable[[], Written]) -> Written:
    """
    Write what was judged beside the register as it was read.

    Raises:
        Conflict: Somebody else wrote the same, or something in its way, meanwhile.
    """
    try:
        return write()
    except IntegrityError as error:
        # The database's message quotes the values of the row: it stays in the cause.
        message = f"{name}: the register changed while it was imported; send it again"
        raise Conflict(message) from error


def _report(
    states: Sequence[str], rows: Sequence[ImportRow], register: Register, notes: Iterable[Problem]
) -> ImportReport:
    counted = Counter(states)
    return ImportReport(
        new=counted[NEW],
        changed=counted[CHANGED],
        unchanged=counted[UNCHANGED],
        grants=len({row.file_number for row in rows}),
        sites=len({row.site_key for row in rows}),
        cameras=len(rows),
        notes=gathered(notes),
        changes=tuple(
            _change(row, state, register)
            for row, state in zip(rows, states, strict=True)
            if state != UNCHANGED
        ),
    )


def _change(row: ImportRow, state: str, register: Register) -> RowChange:
    """Say what a row does, its grant's and its site's part included."""
    site = register.sites[row.site_key]
    camera = register.cameras.get(camera_key(row))
    subjects = [f"grant:{row.file_number}", f"site:{site.public_id}"]
    if camera is not None:
        subjects.append(f"camera:{camera.id}")
    before, after = (
        {
            name: _word(name, value)
            for subject in subjects
            for name, value in kept.get(subject, {}).items()
        }
        for kept in (register.before, register.after)
    )
    what = f"{row.file_number} {site.public_id} {row.label}"
    return RowChange(row.sheet, row.number, state, what, before, after)


def _word(name: str, value: object) -> str:
    column = BY_KEY.get(name)
    if value in {None, ""}:
        return ""
    return shown(value, column) if column else str(value)


def _listed(
    read: Sequence[sheets.Sheet], kind: str, zones: Zones
) -> tuple[Listing, list[sheets.Sheet]]:
    """Read the sheets that list one kind of thing; return the others beside."""
    listing, others = Listing(), []
    reader = CellReader(zones)
    for sheet in read:
        table = table_of(sheet, kind)
        if table is None:
            others.append(sheet)
        else:
            read_listing(sheet, table, reader, listing)
    return listing, others


def _passed_over(others: Sequence[sheets.Sheet]) -> list[Problem]:
    """Say which sheets beside the listings are not read; a notice is no loss."""
    return [
        Problem("sheet.no_header", f"{sheet.name}!A1", sheet.name)
        for sheet in others
        if normalise(sheet.name) not in NOT_DATA and any(not row.is_blank for row in sheet.rows)
    ]


def _merge(
    listing: Listing, session: Session, signed: Signature, zones: Zones, progress: Progress | None
) -> ImportReport:
    merger = Merger(Desk(session, signed, zones), progress)
    with journal.gathering(session):
        report = merger.merge(listing)
    problems = [*listing.problems, *merger.problems]
    if problems:
        raise Invalid(in_order(problems, [row.sheet for row in listing.rows]))
    return report
