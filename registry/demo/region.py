"""
Where the demonstration keeps what it is run with, and whether it was made already.

Light on purpose: a second start finds the region here and loads nothing else.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from registry.settings import Settings, migrations_folder

PEOPLE = {
    "technician": ("technicien@vigiparc.example", "Camille Technicienne"),
    "officer": ("agent@vigiparc.example", "Dominique Agent"),
    "administrator": ("admin@vigiparc.example", "Sacha Administrateur"),
}


@dataclass(frozen=True, slots=True)
class Region:
    """The files of a demonstration: two for the simulator, two for the next start."""

    devices: Path
    faults: Path
    account: Path
    made: Path

    def accounts(self) -> str:
        """Say who may sign in, and with which password."""
        people = ", ".join(email for email, _ in PEOPLE.values())
        return f"Comptes       {people}\nMot de passe  {read(self.account)}"


def environment(folder: Path) -> dict[str, str]:
    """
    Return the settings of the demonstration, kept apart from a real database.

    A variable that is set already keeps its value, unless it says where data lies.
    """
    calm = {
        "VIGIPARC_PROBES__INTERVAL_SECONDS": "20",
        "VIGIPARC_PROBES__TIMEOUT_SECONDS": "5",
        "VIGIPARC_PROBES__NETWORKS": '["127.0.0.0/8"]',
        "VIGIPARC_METRICS__SNAPSHOT_SECONDS": "5",
        "VIGIPARC_METRICS__AVAILABILITY_SECONDS": "20",
        "VIGIPARC_LOGS__FORMAT": "text",
        "VIGIPARC_LOGS__LEVEL": "WARNING",
    }
    apart = {
        "VIGIPARC_STORAGE__FOLDER": str(folder / "demo"),
        "VIGIPARC_STORAGE__DATABASE_URL": "",
        "VIGIPARC_STORAGE__KEY_FILE": "",
        "VIGIPARC_DEMO__ENABLED": "true",
    }
    return {**{key: os.environ.get(key, value) for key, value in calm.items()}, **apart}


def files_in(folder: Path) -> Region:
    """Return the files of a demonstration that is kept in a folder."""
    names = ("devices.json", "faults.json", "account", "made")
    return Region(*(folder / name for name in names))


def ready(settings: Settings) -> Region | None:
    """Return the region that an earlier start of this version made, if there is one."""
    files = files_in(settings.storage.folder)
    wanted = (files.devices, files.faults, files.account, files.made, settings.key_file)
    if not all(path.is_file() for path in wanted) or read(files.made) != edition():
        return None
    return files


def edition() -> str:
    """Return what a region was made for: the newest migration, by its number."""
    return max(path.stem for path in (migrations_folder() / "versions").glob("[0-9]*.py"))


def read(path: Path) -> str:
    """Read a word that `write_privately` wrote."""
    return str(json.loads(path.read_text(encoding="utf-8")))


def write_privately(path: Path, value: object) -> None:
    """Write a value as JSON that only its owner can read."""
    write_bytes_privately(path, json.dumps(value, default=str, indent=1).encode())


def write_bytes_privately(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read."""
    # From the first byte on: a chmod afterwards is too late.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
