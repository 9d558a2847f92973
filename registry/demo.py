"""
The demonstration region: a real workbook, simulated cameras, an invented past.

Everything goes through the services that real data goes through, into a database
of its own; what no device has said is marked as simulated, and every page says so.
"""

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from probes.simulator import Change, Device, Fault
from registry.accounts.rules import RoleName
from registry.accounts.service import add_user
from registry.db import open_engine, session_factory, session_scope, upgrade
from registry.fleet import queries as fleet
from registry.fleet import service as fleet_service
from registry.fleet.queries import ProbeInput
from registry.fleet.vault import Vault
from registry.funding.service import load_programmes
from registry.monitoring.service import simulate_past
from registry.settings import Settings, config_folder, migrations_folder
from registry.territory.service import load_reference

ACTOR = "demo"
PAST = timedelta(days=35)
CAMERA_ACCOUNT = "vigiparc"
FAULTS_AFTER_SECONDS = 30.0
PEOPLE = {
    RoleName.TECHNICIAN: ("technicien@vigiparc.example", "Camille Technicienne"),
    RoleName.OFFICER: ("agent@vigiparc.example", "Dominique Agent"),
    RoleName.ADMINISTRATOR: ("admin@vigiparc.example", "Sacha Administrateur"),
}


@dataclass(frozen=True, slots=True)
class Region:
    """What the demonstration is run with: two files for the simulator, a line for people."""

    devices: Path
    faults: Path
    account: str


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


def prepare(settings: Settings, *, at: datetime) -> Region:
    """
    Make the region at the first start, and what the simulator needs at every start.

    Interrupted half-way, it leaves nothing: the whole region is one transaction.
    """
    folder = settings.storage.folder
    folder.mkdir(parents=True, exist_ok=True)
    password = _account_password(folder / "account")
    vault = Vault.open(settings.key_file)
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine, migrations_folder())
        with session_scope(session_factory(engine)) as session:
            if not fleet.probe_inputs(session):
                _populate(session, settings, vault, password=password, at=at)
            cameras = fleet.probe_inputs(session)
    finally:
        engine.dispose()
    devices = _write_privately(
        folder / "devices.json", [asdict(device) for device in _devices(cameras, vault)]
    )
    faults = _write_privately(
        folder / "faults.json", [asdict(change) for change in fault_plan(cameras)]
    )
    accounts = ", ".join(email for email, _ in PEOPLE.values())
    return Region(devices, faults, f"Comptes    {accounts}\nMot de passe  {password}")


def _populate(
    session: Session, settings: Settings, vault: Vault, *, password: str, at: datetime
) -> None:
    load_reference(session)
    load_programmes(session, config_folder() / "programmes")
    for role, (email, name) in PEOPLE.items():
        add_user(session, email=email, name=name, password=password, role=role, at=at, actor=ACTOR)
    begin = at - PAST
    fleet_service.import_file(
        session,
        config_folder() / "demo" / "hauts-de-france.xlsx",
        actor=ACTOR,
        at=begin,
        networks=settings.probes.networks,
        vault=vault,
    )
    cameras = fleet.probe_inputs(session)
    for camera in cameras:
        fleet_service.set_credential(
            session,
            camera.camera_id,
            username=CAMERA_ACCOUNT,
            password=secrets.token_urlsafe(12),
            vault=vault,
            at=begin,
            actor=ACTOR,
        )
    simulate_past(session, cameras, start=begin, end=at)


def _devices(cameras: Sequence[ProbeInput], vault: Vault) -> Iterator[Device]:
    for camera in cameras:
        if not camera.sealed_password:
            continue
        yield Device(
            host=camera.host,
            port=camera.port,
            serial=camera.serial,
            manufacturer=camera.manufacturer,
            model=camera.model,
            firmware=camera.firmware,
            username=camera.username,
            password=vault.unseal(camera.sealed_password),
        )


def fault_plan(cameras: Sequence[ProbeInput]) -> list[Change]:
    """
    Choose who fails half a minute after the start: healthy first, then each fault once.

    A few cameras refuse, the largest site but one goes dark, one unit is swapped,
    one clock is slow, one password was changed. The choice depends on the cameras
    alone, so that every start shows the same.
    """
    by_site: dict[int, list[str]] = {}
    for camera in cameras:
        by_site.setdefault(camera.site_id, []).append(camera.host)
    ordered = sorted(by_site.values(), key=lambda hosts: (-len(hosts), hosts))
    dark, *others = ordered[1:]
    single = [hosts[0] for hosts in others]
    plan = [
        (Fault.DARK, tuple(dark)),
        (Fault.REFUSE, tuple(single[0:18:3])),
        (Fault.OTHER_SERIAL, (single[1],)),
        (Fault.SLOW_CLOCK, (single[4],)),
        (Fault.WRONG_PASSWORD, (single[7],)),
    ]
    return [Change(fault, hosts, after_seconds=FAULTS_AFTER_SECONDS) for fault, hosts in plan]


def _account_password(path: Path) -> str:
    """Return the password of the demo accounts, made at the first start."""
    if not path.exists():
        _write_privately(path, secrets.token_urlsafe(12))
    return str(json.loads(path.read_text(encoding="utf-8")))


def _write_privately(path: Path, value: object) -> Path:
    # Readable by its owner only from the first byte on: a chmod afterwards is too late.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, default=str, indent=1)
    return path
