"""`vigiparc probe` as a technician runs it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.flows.demo_region import ROOT, variables
from tests.ipycam_device import USERNAME


def probe(port: int, password: str, folder: Path, *options: str) -> tuple[int, str]:
    """Run the command; return its exit code, and what it prints."""
    secret = folder / "secret"
    secret.write_text(f"{password}\n")
    where = ("--host", "127.0.0.1", "--port", str(port), "--allow", "127.0.0.0/8")
    account = ("--username", USERNAME, "--password-file", str(secret))
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "registry", "probe", *where, *account, *options],
        env=variables(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert password not in done.stdout + done.stderr
    return done.returncode, done.stdout


def verdict(port: int, password: str, folder: Path, *options: str) -> tuple[int, dict[str, object]]:
    """Run the command; return its exit code and its verdict."""
    code, printed = probe(port, password, folder, *options, "--json")
    return code, json.loads(printed)
