"""`vigiparc probe` on a device server that is not ours, as a technician runs it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.demo_region import ROOT, variables
from tests.ipycam_device import PASSWORD, USERNAME, running_ipycam


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run an ipycam with a password; return its ONVIF port."""
    with running_ipycam() as port:
        yield port


def probe(port: int, password: str, folder: Path) -> tuple[int, dict[str, object]]:
    """Run the command, and return its exit code and its verdict."""
    secret = folder / "secret"
    secret.write_text(f"{password}\n")
    where = ("--host", "127.0.0.1", "--port", str(port), "--allow", "127.0.0.0/8")
    account = ("--username", USERNAME, "--password-file", str(secret))
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "registry", "probe", *where, *account, "--json"],
        env=variables(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert password not in done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_right_password_is_up_and_verified(port: int, tmp_path: Path) -> None:
    """The device refuses without credentials and passes with them: proven in one shot."""
    code, verdict = probe(port, PASSWORD, tmp_path)

    assert code == 0
    assert (verdict["health"], verdict["authentication"]) == ("up", "verified")
    assert verdict["issues"] == []


def test_a_wrong_password_is_up_with_an_issue(port: int, tmp_path: Path) -> None:
    """A wrong password is not an outage."""
    code, verdict = probe(port, "not-the-right-one", tmp_path)

    assert code == 0
    assert (verdict["health"], verdict["authentication"]) == ("up", "failed")
    assert verdict["issues"] == ["auth_failed"]
