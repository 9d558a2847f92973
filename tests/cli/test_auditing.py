"""The audit from the command line."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from registry.db import open_engine, session_factory, session_scope
from tests.cli.command import lay_register, vigiparc
from tests.factories import make_camera, make_grant


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the storage folder of a register with two silent grants."""
    folder = tmp_path_factory.mktemp("audited")
    lay_register(folder)
    engine = open_engine(f"sqlite:///{folder / 'vigiparc.db'}")
    with session_scope(session_factory(engine)) as session:
        for number in ("23-1", "23/2 B"):
            grant = make_grant(session, file_number=number)
            make_camera(session, grant=grant, commissioned_on=date(2024, 1, 1))
    engine.dispose()
    return folder


def test_findings_are_told_in_sentences(folder: Path) -> None:
    """One line each: the grant, the rule, what is wrong, on which ground; then the count."""
    told = vigiparc("audit", folder=folder)

    lines = told.stdout.splitlines()
    assert told.returncode == 0
    assert lines[0].startswith("23-1  A05  1 camera(s) have never said who they are")
    assert lines[0].endswith("(certified delivery (service fait), before the balance)")
    assert lines[-1] == "2 findings"


def test_one_grant_is_audited_as_data(folder: Path) -> None:
    """Rule, severity, evidence with its day, and the sentence in both languages."""
    told = vigiparc("audit", "--grant", "23/2 B", "--json", folder=folder)

    said = json.loads(told.stdout)
    (finding,) = said["findings"]
    assert datetime.fromisoformat(said["at"]).tzinfo == UTC
    assert (finding["grant"], finding["rule"], finding["severity"]) == ("23/2 B", "A05", "major")
    assert [(each["kind"], each["at"]) for each in finding["evidence"]] == [
        ("camera", "2024-01-01")
    ]
    assert finding["fr"] != finding["en"]


def test_an_unknown_grant_is_named(folder: Path) -> None:
    """Exit code 1, and no stack trace."""
    told = vigiparc("audit", "--grant", "nowhere", folder=folder)

    assert (told.returncode, told.stderr.strip()) == (1, "vigiparc: no grant nowhere")
