"""How the tests call the command line: as its user does, in a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path


def vigiparc(
    *arguments: str,
    folder: Path,
    variables: dict[str, str] | None = None,
    open_files: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command as its user does, in a process of its own, perhaps with few open files."""
    limit = ["prlimit", f"--nofile={open_files}:{open_files}"] if open_files else []
    plain = {key: value for key, value in os.environ.items() if not key.startswith("VIGIPARC_")}
    return subprocess.run(  # noqa: S603 - our own interpreter
        [*limit, sys.executable, "-m", "registry", *arguments],
        env={**plain, "LANG": "en_GB.UTF-8", "VIGIPARC_STORAGE__FOLDER": str(folder)}
        | (variables or {}),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lay_register(folder: Path) -> None:
    """Lay a database with its reference data into a folder, as `vigiparc db upgrade` makes it."""
    shutil.copy(Path(_made_once().name) / "vigiparc.db", folder / "vigiparc.db")


@cache
def _made_once() -> tempfile.TemporaryDirectory[str]:
    # 35,000 communes and their search words: made once a run, and gone at its end.
    made = tempfile.TemporaryDirectory(prefix="vigiparc-register-")
    done = vigiparc("db", "upgrade", folder=Path(made.name))
    assert done.returncode == 0, done.stderr
    return made
