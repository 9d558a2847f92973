"""Commands on the database, the settings, the people and the import."""

import json
from pathlib import Path

from tests.cli.command import lay_register, vigiparc


def test_the_settings_in_force_hide_the_password_of_the_database(tmp_path: Path) -> None:
    """An operator may paste the answer into a ticket."""
    url = "postgresql+psycopg://vigiparc:hunter2@db/vigiparc"
    shown = vigiparc(
        "config",
        "check",
        "--json",
        folder=tmp_path,
        variables={"VIGIPARC_STORAGE__DATABASE_URL": url},
    )

    assert shown.returncode == 0
    assert json.loads(shown.stdout)["storage"]["database_url"].endswith("@db/vigiparc")
    assert "hunter2" not in shown.stdout


def test_the_database_is_made_loaded_and_checked(tmp_path: Path) -> None:
    """Two commands take an operator from nothing to a checked database; again is harmless."""
    first = vigiparc("db", "upgrade", "--json", folder=tmp_path)
    again = vigiparc("db", "upgrade", "--json", folder=tmp_path)
    checked = vigiparc("db", "check", "--json", folder=tmp_path)

    assert json.loads(first.stdout)["reference_rows"] > 34_000
    assert json.loads(again.stdout)["reference_rows"] == 0
    assert json.loads(checked.stdout)["differences"] == []
    assert (first.returncode, again.returncode, checked.returncode) == (0, 0, 0)


def test_somebody_is_added_once(tmp_path: Path) -> None:
    """The second account for one address is refused, and the password is never shown."""
    lay_register(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("correct-horse-battery-9\n")
    arguments = ("user", "add", "--email", "camille@region.example", "--role", "officer")

    first = vigiparc(*arguments, "--password-file", str(secret), "--json", folder=tmp_path)
    second = vigiparc(*arguments, "--password-file", str(secret), folder=tmp_path)

    assert json.loads(first.stdout)["role"] == "officer"
    assert second.returncode == 1
    assert "camille@region.example" in second.stderr
    assert "correct-horse" not in first.stdout + first.stderr + second.stderr


def test_what_is_wrong_with_an_account_is_said_in_words(tmp_path: Path) -> None:
    """Every field at once, the value beside what was expected; a password is never repeated."""
    lay_register(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    arguments = ("user", "add", "--email", "camille", "--role", "chief")

    english = vigiparc(*arguments, "--password-file", str(secret), folder=tmp_path)
    french = vigiparc(
        *arguments, "--password-file", str(secret), folder=tmp_path, variables={"LANG": "fr_FR"}
    )

    assert english.stderr.splitlines() == [
        "email: Expected an e-mail address. (camille)",
        "role: Expected one of: technician, officer, administrator. (chief)",
        "password: A password has at least 12 characters.",
    ]
    assert "Un mot de passe compte au moins 12 caractères." in french.stderr


def test_a_backup_says_what_is_not_in_it(tmp_path: Path) -> None:
    """Keys and papers are kept apart; a restore over a register asks for --force."""
    lay_register(tmp_path)
    copy = tmp_path / "copy.db"

    made = vigiparc("db", "backup", str(copy), "--json", folder=tmp_path)
    refused = vigiparc("db", "restore", str(copy), folder=tmp_path)
    done = vigiparc("db", "restore", str(copy), "--force", "--json", folder=tmp_path)

    said = json.loads(made.stdout)
    assert said["bytes"] == copy.stat().st_size
    assert said["not_in_it"]["keys"].endswith("vigiparc.keys")
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert (done.returncode, bool(json.loads(done.stdout)["revision"])) == (0, True)
