"""`vigiparc import`: what it says, what it writes, and what it leaves alone."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import lay_register, vigiparc

HEADERS = (
    "N° dossier;Dispositif;Année;Bénéficiaire;Montant voté;Caméras financées;"
    "Code INSEE;Type de site;Site;Caméra;N° de série"
)
ROW = (
    "24-1;Communes de moins de 20 000 habitants;2024;Commune de Bavinchove;21 600,00 €;1;"
    "59054;Commune;Mairie;01 Entrée;SN-1"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database that holds the reference data."""
    folder = tmp_path_factory.mktemp("service")
    lay_register(folder)
    return folder


def sheet(folder: Path, *rows: str, name: str = "cameras.csv") -> str:
    """Write a sheet as a French spreadsheet saves it."""
    path = folder / name
    path.write_text("\n".join((HEADERS, *rows)), encoding="cp1252")
    return str(path)


def test_every_error_is_told_at_once_and_nothing_is_written(folder: Path) -> None:
    """Two wrong cells in two rows are two lines, and the right row is not imported either."""
    wrong = ROW.replace("21 600,00 €", "-5"), ROW.replace("59054", "59999").replace("01", "02")

    told = vigiparc("import", sheet(folder, ROW.replace("01", "03"), *wrong), folder=folder)
    counted = vigiparc("import", sheet(folder, ROW), "--dry-run", "--json", folder=folder)

    assert told.returncode == 1
    assert [line.split(":")[0] for line in told.stderr.splitlines()] == [
        "cameras!E3",
        "cameras!G4",
    ]
    assert json.loads(counted.stdout)["new"] == 1


def test_errors_are_told_to_programs_as_well(folder: Path) -> None:
    """With --json each error has its sheet, cell, value and sentence."""
    told = vigiparc("import", sheet(folder, ROW.replace("59054", "59O54")), "--json", folder=folder)

    (error,) = json.loads(told.stdout)["errors"]
    assert (told.returncode, error["cell"], error["value"]) == (1, "G2", "59O54")


def test_a_dry_run_counts_and_writes_nothing(folder: Path) -> None:
    """Trying twice finds the same row new twice."""
    counts = [
        json.loads(
            vigiparc("import", sheet(folder, ROW), "--dry-run", "--json", folder=folder).stdout
        )["new"]
        for _ in range(2)
    ]

    assert counts == [1, 1]


def test_a_file_of_another_kind_is_one_sentence(folder: Path) -> None:
    """A program, or a document renamed to .xlsx, is refused by its content."""
    document = folder / "letter.xlsx"
    document.write_bytes(b"%PDF-1.7 a letter")

    told = vigiparc("import", str(document), folder=folder)

    assert told.returncode == 1
    assert "letter" in told.stderr
    assert "Traceback" not in told.stderr


def test_the_template_is_read_as_an_empty_sheet(folder: Path) -> None:
    """The workbook that the command writes has headers that the command knows."""
    path = folder / "template.xlsx"

    written = vigiparc("import", "--template", str(path), folder=folder)
    read = vigiparc("import", str(path), "--json", folder=folder)

    assert written.returncode == 0
    assert len(json.loads(read.stdout)["errors"]) == 1
    assert "column" not in read.stdout


def test_a_template_that_cannot_be_written_is_named(folder: Path) -> None:
    """A folder that does not exist is wrong use, not a bug."""
    told = vigiparc("import", "--template", str(folder / "no" / "t.xlsx"), folder=folder)

    assert told.returncode == 2
    assert "t.xlsx" in told.stderr


def test_what_is_exported_comes_back_without_a_change(folder: Path) -> None:
    """Out as a workbook and as one list, back in; a dry run says what a change would do."""
    assert vigiparc("import", sheet(folder, ROW), folder=folder).returncode == 0
    book, text = folder / "tout.xlsx", folder / "sites.csv"

    out = [
        vigiparc("export", str(book), folder=folder),
        vigiparc("export", str(text), "--kind", "sites", "--reason", "contrôle", folder=folder),
    ]
    back = vigiparc("import", str(book), "--json", folder=folder)
    text.write_text(text.read_text(encoding="utf-8-sig").replace("Mairie", "Hôtel de ville"))
    changed = vigiparc("import", str(text), "--dry-run", folder=folder)

    assert [each.returncode for each in out] == [0, 0]
    counts = json.loads(back.stdout)
    assert (counts["new"], counts["changed"]) == (0, 0)
    assert counts["unchanged"] > 0
    assert changed.stdout.splitlines()[0] == ("~ sites!2 59054-01: Site: Mairie → Hôtel de ville")


def test_whoever_takes_lists_out_at_a_terminal_is_in_the_journal(folder: Path) -> None:
    """Which lists, in which form and why, by an account of the machine."""
    vigiparc("export", str(folder / "a.xlsx"), "--reason", "contrôle", folder=folder)
    vigiparc("export", str(folder / "a.csv"), "--kind", "cameras", folder=folder)

    with sqlite3.connect(folder / "vigiparc.db") as database:
        lines = database.execute(
            "SELECT actor, channel, address, after, reason FROM journal_entries "
            "WHERE action = 'fleet.export' ORDER BY id DESC LIMIT 2"
        ).fetchall()
    assert [(actor, channel) for actor, channel, *_ in lines] == [("cli", "cli")] * 2
    assert all(address for _, _, address, *_ in lines)
    text, book = (json.loads(after) for *_, after, _ in lines)
    assert text == {"kinds": "cameras", "format": "csv"}
    assert (book["format"], lines[1][-1]) == ("xlsx", "contrôle")
    assert "grants" in book["kinds"]


def test_a_saved_profile_is_found_by_its_name(folder: Path) -> None:
    """What an officer mapped on the page is read from a terminal as well."""
    content = {"kind": "", "source": "", "ignored": [], "words": {}}
    columns = {"Poteau": "Caméra", "Dispositif": "Dispositif"}
    with sqlite3.connect(folder / "vigiparc.db") as database:
        database.execute(
            "INSERT INTO import_profiles (name, content) VALUES (?, ?)",
            ("Ville de Roubaix", json.dumps({**content, "columns": columns})),
        )
    foreign = sheet(folder, ROW, name="ville.csv")
    path = Path(foreign)
    path.write_bytes(path.read_bytes().replace("Caméra;".encode("cp1252"), b"Poteau;"))

    unknown = vigiparc("import", foreign, "--dry-run", folder=folder)
    read = vigiparc("import", foreign, "--dry-run", "--profile", "Ville de Roubaix", folder=folder)

    assert unknown.returncode == 1
    assert "Poteau" in unknown.stderr
    assert read.returncode == 0, read.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "x.pdf"), "a file in .xlsx or .csv"),
        (("import", "setup.cfg", "--kind", "planets"), "grants, lines"),
        (("import", "setup.cfg", "--profile", "mars"), "; known: "),
    ],
)
def test_a_wrong_use_says_what_is_right(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Before a file is read."""
    told = vigiparc(*arguments, folder=folder)

    assert told.returncode in {1, 2}
    assert said in told.stderr
