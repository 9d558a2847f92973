"""`vigiparc journal verify`, as an auditor's machine runs it."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.command import lay_register, vigiparc


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a register with two accounts, and so two lines in its journal, to be copied."""
    folder = tmp_path_factory.mktemp("written")
    lay_register(folder)
    secret = folder / "secret"
    secret.write_text("correct-horse-battery-9\n")
    for name in ("camille", "dominique"):
        vigiparc(
            "user", "add", "--email", f"{name}@region.example", "--role", "officer",
            "--password-file", str(secret), folder=folder,
        )  # fmt: skip
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """Return a folder with that register, for one test to spoil."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_whole_chain_prints_the_anchor_of_the_next_verification(folder: Path) -> None:
    """What is printed can be noted elsewhere and handed back."""
    first = json.loads(vigiparc("journal", "verify", "--json", folder=folder).stdout)

    anchor = f"{first['length']}:{first['digest']}"
    again = vigiparc("journal", "verify", "--anchor", anchor, folder=folder)

    assert (first["whole"], first["length"], first["broken_at"]) == (True, 2, None)
    assert (again.returncode, anchor in again.stdout) == (0, True)


def test_a_changed_word_is_named_by_its_line(folder: Path) -> None:
    """The command fails, and says which line and what is wrong with it."""
    with sqlite3.connect(folder / "vigiparc.db") as connection:
        connection.execute("DROP TRIGGER journal_entries_no_update")
        connection.execute("UPDATE journal_entries SET actor = 'user:9' WHERE id = 2")
    connection.close()

    told = vigiparc("journal", "verify", folder=folder)
    as_json = json.loads(vigiparc("journal", "verify", "--json", folder=folder).stdout)

    assert (told.returncode, told.stdout.strip()) == (
        1,
        "First broken link at entry 2: its words are not those that were digested",
    )
    assert (as_json["broken_at"], as_json["fault"]) == (2, "digest")


def test_an_anchor_that_is_none_is_refused_with_what_was_expected(folder: Path) -> None:
    """A cut-off paste is a wrong use, not a broken chain."""
    told = vigiparc("journal", "verify", "--anchor", "2:abc", folder=folder)

    assert told.returncode == 2
    assert "LENGTH:DIGEST" in told.stderr


def test_commands_say_who_ran_them(folder: Path) -> None:
    """The journal keeps the door and the account of the machine behind a command."""
    with sqlite3.connect(folder / "vigiparc.db") as connection:
        rows = connection.execute("SELECT DISTINCT channel, address FROM journal_entries")
        ((channel, account),) = rows.fetchall()
    connection.close()

    assert channel == "cli"
    assert account
