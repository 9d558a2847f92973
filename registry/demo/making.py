"""
Makes the demonstration region: a real workbook, simulated cameras, an invented past.

Everything goes through the services that real data goes through, into a database
of its own; what no device has said is marked as simulated, and every page says so.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from probes.simulator import Change, Device, Fault
from registry.accounts.service import add_user
from registry.clock import paris_day
from registry.db import open_engine, session_factory, session_scope, upgrade
from registry.demo.papers import authorise_sites
from registry.demo.region import PEOPLE, Region, edition, files_in, read, write_privately
from registry.fleet import queries as fleet
from registry.fleet import service as fleet_service
from registry.fleet.queries import ProbeInput
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.funding.service import load_programmes
from registry.monitoring.service import simulate_past
from registry.settings import Settings, config_folder, migrations_folder
from registry.territory.service import load_reference

ACTOR = "demo"
PAST = timedelta(days=35)
CAMERA_ACCOUNT = "vigiparc"
FAULTS_AFTER_SECONDS = 30.0


def make(settings: Settings, *, at: datetime) -> Region:
    """
    Make the region, or bring one that an older version made up to date.

    Interrupted half-way, it leaves nothing: the whole region is one transaction.
    """
    folder = settings.storage.folder
    folder.mkdir(parents=True, exist_ok=True)
    files = files_in(folder)
    if not files.account.exists():
        write_privately(files.account, secrets.token_urlsafe(12))
    vault = Vault.open(settings.key_file)
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine, migrations_folder())
        with session_scope(session_factory(engine)) as session:
            if not fleet.probe_inputs(session):
                _populate(session, settings, vault, password=read(files.account), at=at)
            cameras = fleet.probe_inputs(session)
    finally:
        engine.dispose()
    write_privately(files.devices, [asdict(device) for device in _devices(cameras, vault)])
    write_privately(files.faults, [asdict(change) for change in fault_plan(cameras)])
    write_privately(files.made, edition())
    return files


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
        zones=Zones(settings.networks_by_zone),
        vault=vault,
    )
    authorise_sites(session, paris_day(at))
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
