"""Exports: everything that leaves comes back without a change, and is no formula meanwhile."""

import io
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.fleet.rules import Zones
from registry.fleet.service import (
    ImportReport,
    export_text,
    export_workbook,
    file_name,
    import_content,
    kinds,
)
from registry.fleet.vault import Vault
from registry.journal import JournalEntry
from registry.sheets import read
from registry.signature import Signature
from tests.conftest import NOON
from tests.fleet.service.awkward import WORDS, fill_awkwardly
from tests.fleet.service.whole import fill

LATER = Signature("user:2", NOON + timedelta(days=1), "contrôle")
ZONES = Zones.only(ip_network("10.0.0.0/8"))


def take(session: Session, content: bytes, name: str, folder: Path) -> ImportReport:
    """Import a file the day after."""
    return import_content(
        session, content, name, actor="user:2", at=LATER.at, zones=ZONES,
        vault=Vault.open(folder / "keys"),
    )  # fmt: skip


def workbook(session: Session) -> bytes:
    """Return everything as a workbook."""
    target = io.BytesIO()
    export_workbook(session, target, signed=LATER)
    return target.getvalue()


def test_an_export_of_everything_comes_back_without_a_change(
    session: Session, tmp_path: Path
) -> None:
    """One of each kind, with amounts, shares, instants to the microsecond and odd names."""
    fill(session)

    report = take(session, workbook(session), "export.xlsx", tmp_path)

    assert (report.new, report.changed, report.changes) == (0, 0, ())
    assert report.unchanged == 9
    assert not session.dirty


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_words_that_spreadsheets_change_come_back_as_they_were(
    session: Session, tmp_path: Path, kind: str, form: str
) -> None:
    """Every column filled or blank: zeros, cents, rates, dates, accents, formulas and totals."""
    fill_awkwardly(session)
    target = io.BytesIO()
    if form == "xlsx":
        export_workbook(session, target, signed=LATER, chosen=[kind])
        name = "export.xlsx"
    else:
        target.write(export_text(session, kind, signed=LATER).encode())
        name = file_name(kind)

    report = take(session, target.getvalue(), name, tmp_path)

    assert report.changes == ()
    assert (report.new, report.changed) == (0, 0)
    assert report.unchanged >= len(WORDS)
    assert [note.code for note in report.notes if note.code != "insee.repaired"] == []
    assert not session.dirty


@pytest.mark.parametrize("kind", kinds())
def test_each_list_as_text_comes_back_without_a_change(
    session: Session, tmp_path: Path, kind: str
) -> None:
    """The CSV that Excel reads in French, recognised by its name."""
    fill(session)

    text = export_text(session, kind, signed=LATER)
    report = take(session, text.encode(), file_name(kind), tmp_path)

    assert text.startswith("\ufeff")
    assert (report.new, report.changed) == (0, 0)
    assert report.unchanged == len(text.splitlines()) - 1 > 0


def test_nothing_that_leaves_starts_a_formula(session: Session) -> None:
    """Neither in the workbook nor in the texts."""
    fill(session)

    cells = [
        value
        for sheet in read(workbook(session), "export.xlsx")
        for row in sheet.rows
        for value in row.values
    ]
    texts = [
        cell
        for kind in kinds()
        for line in export_text(session, kind, signed=LATER).lstrip("\ufeff").splitlines()
        for cell in line.split(";")
    ]

    assert [c for c in (*cells, *texts) if str(c).startswith(("=", "+", "-", "@"))] == []
    assert "'=1+1" in cells


def test_whoever_exports_is_in_the_journal(session: Session) -> None:
    """The list of all cameras is not read in secret."""
    export_text(session, "cameras", signed=LATER)

    entry = session.scalars(select(JournalEntry).filter_by(action="fleet.export")).one()
    assert (entry.actor, entry.reason) == ("user:2", "contrôle")
    assert entry.after == '{"format": "csv", "kinds": "cameras"}'


def test_no_secret_leaves(session: Session) -> None:
    """There is no column for a password, nor for an account."""
    fill(session)

    headers = {
        str(value)
        for sheet in read(workbook(session), "export.xlsx")
        for value in sheet.rows[0].values
    }

    assert not headers & {"Mot de passe ONVIF", "Identifiant ONVIF"}


def test_what_is_no_kind_is_refused(session: Session) -> None:
    """With the kinds that there are."""
    with pytest.raises(NotFound, match="known: grants"):
        export_text(session, "secrets", signed=LATER)
