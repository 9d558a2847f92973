"""`vigiparc status`: what it says, and with which code it ends."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.cli.status import TROUBLES
from registry.monitoring.queries.status import Trouble
from tests.cli.command import lay_register, vigiparc
from tests.config.conftest import free_port

# A busy machine takes its time.
PATIENCE_SECONDS = 300


@contextmanager
def service(folder: Path, variables: dict[str, str]) -> Iterator[None]:
    """Run the whole service."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("VIGIPARC_")}
    settings = {"VIGIPARC_STORAGE__FOLDER": str(folder), **variables}
    process = subprocess.Popen([sys.executable, "-m", "registry", "run"], env={**plain, **settings})
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def test_a_service_that_runs_is_well(tmp_path: Path) -> None:
    """Versions, schema and a heartbeat; the code of success; words for a person."""
    variables = {"VIGIPARC_WEB__PORT": str(free_port()), "VIGIPARC_METRICS__SNAPSHOT_SECONDS": "1"}
    deadline = time.monotonic() + PATIENCE_SECONDS
    with service(tmp_path, variables):
        while time.monotonic() < deadline:
            told = vigiparc("status", "--json", folder=tmp_path, variables=variables)
            if told.returncode == 0:
                break
        french = vigiparc("status", folder=tmp_path, variables={**variables, "LANG": "fr_FR"})

    assert told.returncode == 0, told.stdout + told.stderr
    facts = json.loads(told.stdout)
    assert facts["troubles"] == []
    assert facts["web"] == "up"
    assert facts["schema"] == facts["schema_expected"]
    assert facts["version"] == facts["monitor_version"]
    assert facts["heartbeat_age_seconds"] < PATIENCE_SECONDS
    assert facts["verdicts_dropped"] == 0
    assert facts["database"] == "sqlite"
    assert "au travail depuis" in french.stdout


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """A database that nobody made, then one that nobody works on."""
    variables = {"VIGIPARC_WEB__PORT": str(free_port())}
    empty = vigiparc("status", "--json", folder=tmp_path, variables=variables)
    lay_register(tmp_path)
    made = vigiparc("status", "--json", folder=tmp_path, variables=variables)
    words = vigiparc("status", folder=tmp_path, variables=variables)

    assert (empty.returncode, made.returncode, words.returncode) == (3, 3, 3)
    assert json.loads(empty.stdout)["troubles"] == ["schema_mismatch", "no_monitor", "web_silent"]
    assert json.loads(made.stdout)["troubles"] == ["no_monitor", "web_silent"]
    assert "no monitor has ever run here" in words.stdout


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_without_a_database_it_could_not_look(tmp_path: Path, url: str) -> None:
    """The code of failure, and no stack trace."""
    told = vigiparc(
        "status", "--json", folder=tmp_path, variables={"VIGIPARC_STORAGE__DATABASE_URL": url}
    )

    assert told.returncode == 1
    assert told.stdout == ""
    assert "vigiparc:" in told.stderr


def test_every_trouble_has_its_words() -> None:
    """None that the database knows of is left without a sentence in both languages."""
    assert {str(trouble) for trouble in Trouble} <= set(TROUBLES)
