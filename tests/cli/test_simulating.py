"""Simulated cameras from the command line, and the sheet that brings them into a register."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import lay_register, vigiparc


@contextmanager
def simulated(*options: str) -> Iterator[None]:
    """Run simulated cameras until the end of the context, and see that they end well."""
    started = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "registry", "simulate", *options],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert started.stderr is not None
    try:
        for line in started.stderr:
            if "are listening" in line:
                break
        yield
    finally:
        started.send_signal(signal.SIGTERM)
        started.communicate(timeout=30)
    assert started.returncode == 0


def test_cameras_that_are_simulated_are_imported_and_answer(tmp_path: Path) -> None:
    """From the command to the register to a probe, each camera at its own address."""
    sheet, secret = tmp_path / "cameras.xlsx", tmp_path / "password"
    secret.write_text("correct horse")
    options = ("--addresses", "--base-port", "18899", "--password-file", str(secret))
    networks = {"VIGIPARC_PROBES__NETWORKS": '["127.0.0.0/8"]'}
    lay_register(tmp_path)

    fault = ("--fault", "refuse:1")
    with simulated("--cameras", "25", *options, *fault, "--sheet", str(sheet)):
        imported = vigiparc("import", str(sheet), "--json", folder=tmp_path, variables=networks)
        account = ("--username", "admin", "--password-file", str(secret), "--json")
        where = ("probe", "--port", "18899", *account)
        asked = [
            vigiparc(*where, "--host", host, folder=tmp_path, variables=networks)
            for host in ("127.1.0.25", "127.1.0.2")
        ]

    assert json.loads(imported.stdout)["new"] == 25
    up, refused = (json.loads(each.stdout) for each in asked)
    assert (up["health"], up["authentication"]) == ("up", "verified")
    assert up["identity"]["serial"] == "SIM-000025"
    assert refused["reason"] == "connect_refused"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--fault", "explode:0"), "explode"),
        (("--fault", "refuse:99"), "no device is meant by '99'"),
        (("--base-port", "60000", "--cameras", "9999"), "need ports beyond"),
        (("--sheet", "/nowhere/cameras.csv"), "--sheet"),
    ],
)
def test_a_simulation_that_cannot_be_is_refused_with_why(
    tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    """Nothing listens, and no stack trace is shown."""
    shown = vigiparc("simulate", *options, folder=tmp_path)

    assert shown.returncode == 2
    assert named in shown.stderr
    assert "Traceback" not in shown.stderr


def test_more_cameras_than_open_files_are_refused_with_what_to_do(tmp_path: Path) -> None:
    """Each camera listens on a socket of its own."""
    shown = vigiparc("simulate", "--cameras", "100", folder=tmp_path, open_files=300)

    assert shown.returncode == 2
    assert "100 cameras need as many open files, and this process may have 300" in shown.stderr
    assert "ulimit -n" in shown.stderr
