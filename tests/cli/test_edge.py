"""What every command does: help, version, exit codes, settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import vigiparc

COMMANDS = (
    "run",
    "serve",
    "monitor",
    "import",
    "probe",
    "simulate",
    "demo",
    "db",
    "config",
    "user",
)


def test_help_shows_every_command(tmp_path: Path) -> None:
    """A newcomer finds all there is from `--help`."""
    shown = vigiparc("--help", folder=tmp_path)

    assert shown.returncode == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in shown.stdout] == []


def test_the_version_needs_no_library_of_ours() -> None:
    """`--version` stays quick because it loads neither Flask nor SQLAlchemy nor zeep."""
    script = (
        "import sys; from registry.cli import command; sys.argv[1:] = ['--version'];"
        "code = command(); heavy = {'flask', 'sqlalchemy', 'zeep', 'lxml', 'uvloop'};"
        "print(sorted(heavy & set(sys.modules))); sys.exit(code)"
    )
    shown = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert shown.stdout.splitlines()[0].startswith("vigiparc, version 0.")
    assert shown.stdout.splitlines()[1] == "[]"


@pytest.mark.parametrize(
    "arguments",
    [("--nonsense",), ("db", "sideways"), ("probe", "--port", "80"), ("import", "nowhere.xlsx")],
)
def test_wrong_use_is_exit_code_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """A typing error is told apart from a failure."""
    shown = vigiparc(*arguments, folder=tmp_path)

    assert shown.returncode == 2
    assert "Traceback" not in shown.stderr


def test_an_unknown_setting_stops_every_start(tmp_path: Path) -> None:
    """The message names the variable and the nearest one that exists."""
    shown = vigiparc("config", "check", folder=tmp_path, variables={"VIGIPARC_WEB__PRT": "1"})

    assert shown.returncode == 1
    assert "VIGIPARC_WEB__PRT: unknown setting; did you mean VIGIPARC_WEB__PORT?" in shown.stderr


def test_what_is_done_apart_leaves_nothing_behind(tmp_path: Path) -> None:
    """A parent that only waits does not hold the libraries of a database for months."""
    script = (
        "import contextlib, sys; from registry.cli import edge; from registry.errors import *\n"
        "from registry.settings import load\n"
        "with contextlib.suppress(Misconfigured): edge.apart(edge.require_database, load())\n"
        "heavy = {'flask', 'sqlalchemy', 'alembic'}; print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script],
        env=os.environ | {"VIGIPARC_STORAGE__FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "[]\n"


def test_what_goes_wrong_apart_is_told(tmp_path: Path) -> None:
    """The refusal of an old database reaches whoever started the service, in one line."""
    shown = vigiparc("monitor", folder=tmp_path)

    assert shown.returncode == 1
    assert shown.stderr.splitlines()[-1].startswith("vigiparc: storage.database_url: ")
    assert "Traceback" not in shown.stderr
