"""How the tests call the command line: as its user does, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def vigiparc(
    *arguments: str, folder: Path, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as its user does, in a process of its own."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("VIGIPARC_")}
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "registry", *arguments],
        env={**plain, "LANG": "en_GB.UTF-8", "VIGIPARC_STORAGE__FOLDER": str(folder)}
        | (variables or {}),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
