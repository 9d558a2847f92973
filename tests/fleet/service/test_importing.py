"""The import as a whole: all or nothing, the same twice, counted and journaled."""

import hashlib
import json
import tracemalloc
import zipfile
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import sheets
from registry.errors import Conflict, Invalid
from registry.fleet.models import Camera, Device, Replacement, Site
from registry.fleet.rules import Zones, describe
from registry.fleet.service import import_content, import_file
from registry.fleet.vault import Vault
from registry.funding.models import Grant
from registry.funding.service import load_programmes
from registry.journal import JournalEntry
from registry.settings import config_folder
from registry.territory.service import load_reference
from tests.fleet.service.desk import ZONES, Desk
from tests.fleet.sheets import as_csv, row


def count(session: Session) -> list[int | None]:
    """Return how many rows each table of an import holds."""
    return [
        session.scalar(select(func.count()).select_from(table))
        for table in (Grant, Site, Camera, Device, JournalEntry)
    ]


def entry(session: Session) -> JournalEntry:
    """Return the newest entry of the journal."""
    return session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc()).limit(1)).one()


def test_a_first_import_is_all_new(desk: Desk) -> None:
    """A grant, a site, two cameras and a unit, counted in rows of the file."""
    report = desk.take(row(serial="NC-1"), row(label="02 Mairie"))

    assert report.counts() == {
        "new": 2, "changed": 0, "unchanged": 0, "grants": 1, "sites": 1, "cameras": 2,
    }  # fmt: skip
    assert count(desk.session) == [1, 1, 2, 1, 5]
    assert report.notes == ()


def test_a_second_import_changes_nothing(desk: Desk) -> None:
    """The same file again: every row unchanged, and no camera moves for the monitor."""
    rows = [
        row(serial="NC-1", host="10.0.0.1", username="onvif", password="Hirondelle-59"),
        row(label="02 Mairie", commissioned_on="01/02/2024"),
    ]
    desk.take(*rows)
    before = desk.camera().changed_at
    desk.at += timedelta(hours=1)

    report = desk.take(*rows)

    assert (report.new, report.changed, report.unchanged) == (0, 0, 2)
    assert desk.camera().changed_at == before
    assert count(desk.session)[:4] == [1, 1, 2, 1]


@pytest.mark.parametrize("spelling", ["PLACE DE L'EGLISE", "place-de-l’église"])
def test_another_spelling_is_the_same_site(desk: Desk, spelling: str) -> None:
    """Case, accents and apostrophes make no second site, nor a second camera."""
    desk.take(row())

    report = desk.take(row(site=spelling, label="01 EGLISE"))

    assert report.unchanged == 1
    assert count(desk.session)[1:3] == [1, 1]


def test_one_wrong_row_stops_all_of_them(desk: Desk) -> None:
    """Nothing is half-imported: the right rows wait for the wrong one."""
    problems = desk.refuse(row(), row(label="02", voted_cents="-1"))

    assert [each.code for each in problems] == ["money.negative"]
    assert count(desk.session) == [0, 0, 0, 0, 0]


def test_every_kind_of_problem_comes_at_once_in_the_order_of_rows(desk: Desk) -> None:
    """A cell, a code, a contradiction, a programme, a double: one reading finds them all."""
    problems = desk.refuse(
        row(host="8.8.8.8"),
        row(label="02", insee="59504"),
        row(label="03", cameras_funded="9"),
        row(label="03"),
        row(label="05", file_number="X", programme="Lycées"),
        row(label="06", file_number="Y", year="2019"),
        row(label="07", voted_cents="-1"),
    )

    assert [(each.where.rpartition("!")[2][-1], each.code) for each in problems] == [
        ("2", "host.blocked"),
        ("3", "insee.unknown"),
        ("4", "cell.contradicts"),
        ("5", "camera.twice"),
        ("6", "programme.unknown"),
        ("7", "campaign.unknown"),
        ("8", "money.negative"),
    ]


def test_a_row_with_two_faults_shows_both(desk: Desk) -> None:
    """A wrong amount does not hide an unknown commune."""
    problems = desk.refuse(row(insee="59504", voted_cents="?"))

    assert {each.code for each in problems} == {"money", "insee.unknown"}


def test_a_dry_run_is_a_rollback(desk: Desk) -> None:
    """The caller who only wants to know rolls back, and nothing has happened."""
    report = desk.take(row())
    desk.session.rollback()

    assert report.new == 1
    assert count(desk.session) == [0, 0, 0, 0, 0]


def test_the_journal_says_who_imported_which_file(desk: Desk) -> None:
    """One entry: actor, digest of the file, counts."""
    desk.take(row(), name="mairie.csv")

    written = entry(desk.session)
    after = json.loads(written.after)
    assert (written.actor, written.action, written.subject) == (
        "user:1", "fleet.import", "file:mairie.csv",
    )  # fmt: skip
    assert after["sha256"] == hashlib.sha256(as_csv(row())).hexdigest()
    assert after["counts"]["new"] == 1


def test_a_unit_that_was_replaced_has_its_record(desk: Desk) -> None:
    """Which one left, which one came, and the file that says so."""
    desk.take(row(serial="NC-1"))
    desk.at += timedelta(days=1)

    desk.take(row(serial="NC-2"), name="pose.csv")

    record = desk.session.scalars(select(Replacement)).one()
    assert (record.outgoing.serial, record.incoming.serial) == ("NC-1", "NC-2")
    assert (record.replaced_at, record.paper) == (desk.at, "pose.csv")
    assert record.reason == "import pose.csv"


def test_no_secret_reaches_the_journal(desk: Desk) -> None:
    """Neither a first password nor the one that replaces it."""
    desk.take(row(username="onvif", password="Hirondelle-59"))
    desk.take(row(username="onvif", password="Martinet-62"))

    told = " ".join(
        f"{each.before}{each.after}" for each in desk.session.scalars(select(JournalEntry))
    )
    assert "Hirondelle" not in told
    assert "Martinet" not in told


def test_a_remark_is_made_once_with_its_number_of_rows(desk: Desk) -> None:
    """A former code on three rows is one remark for three rows, at the first."""
    report = desk.take(*(row(insee="59070", label=f"{number:02d}") for number in range(3)))

    (note,) = report.notes
    assert (note.code, note.where, note.value) == ("insee.former", "mairie!G2", "59070")
    assert note.parameters == {"read": "59006 L Oree de Mormal", "rows": "3"}


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("cp1252", ";"), ("utf-8-sig", ";"), ("utf-8", ","), ("utf-8", "\t")],
)
def test_town_halls_write_in_many_ways(desk: Desk, encoding: str, delimiter: str) -> None:
    """The same rows in the encodings and delimiters of different offices."""
    report = import_content(
        desk.session,
        as_csv(row(), row(label="02 Mairie"), encoding=encoding, delimiter=delimiter),
        "mairie.csv",
        actor="cli",
        at=desk.at,
        zones=ZONES,
        vault=desk.vault,
    )

    assert report.new == 2


def test_two_imports_at_once_do_not_mix(desk: Desk) -> None:
    """Whoever comes second is told to send it again; no row of theirs is kept."""
    desk.take(row(insee="59006"))
    # What another import would have given to the same commune meanwhile.
    desk.session.scalars(select(Site)).one().public_id = "59054-01"
    desk.session.commit()

    with pytest.raises(Conflict, match="send it again"):
        desk.take(row())

    desk.session.rollback()
    assert count(desk.session)[:3] == [1, 1, 1]


def test_a_bad_file_is_invalid_before_anything_is_read(desk: Desk) -> None:
    """A PDF under a workbook's name."""
    with pytest.raises(Invalid) as refused:
        import_content(
            desk.session, b"%PDF-1.7", "a.xlsx", actor="cli", at=desk.at, zones=Zones.only(),
            vault=desk.vault,
        )  # fmt: skip

    assert [each.code for each in refused.value.problems] == ["sheet.content"]


def test_the_shipped_region_is_imported_with_its_honest_mess(
    session: Session, tmp_path: Path, now: datetime
) -> None:
    """60 sites and 400 cameras at least; the mess is loaded and said; again is no change."""
    load_reference(session)
    load_programmes(session, config_folder() / "programmes")
    path = config_folder() / "demo" / "hauts-de-france.xlsx"
    vault = Vault.open(tmp_path / "keys")

    first, again = (
        import_file(
            session,
            path,
            actor="demo",
            at=now,
            zones=Zones.only(ip_network("127.0.0.0/8")),
            vault=vault,
        )
        for _ in range(2)
    )

    assert first.sites >= 60
    assert first.new >= 400
    assert (again.new, again.changed, again.unchanged) == (0, 0, first.new)
    assert {note.code for note in first.notes} >= {
        "insee.repaired", "insee.former", "row.totals", "serial.elsewhere", "threshold",
    }  # fmt: skip


def large_workbook(path: Path) -> Path:
    """Write a real workbook with a picture of 50 megabytes, kept as it is."""
    with path.open("wb") as file:
        sheets.write_workbook(file, [sheets.Page("Import", list(row()), [list(row().values())])])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive,
        archive.open("xl/media/photo.png", "w") as member,
    ):
        for _ in range(50):
            member.write(bytes(1_000_000))
    return path


def test_a_workbook_of_fifty_megabytes_is_refused_unread(
    session: Session, tmp_path: Path, now: datetime
) -> None:
    """By its size, in words with figures, without taking any of it into memory."""
    path = large_workbook(tmp_path / "photos.xlsx")
    tracemalloc.start()

    with pytest.raises(Invalid) as refused:
        import_file(
            session, path, actor="cli", at=now, zones=ZONES, vault=Vault.open(tmp_path / "keys")
        )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size > 50_000_000
    (problem,) = refused.value.problems
    assert describe(problem, "en") == "the file has 50 MB, at most 42 are read: split it"
    assert peak < 1_000_000
