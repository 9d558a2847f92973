"""A street for tests: one simulated camera, registered, and an agenda that knows it."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from probes.simulator import Device, Simulation
from probes.verdict import Health, Verdict
from registry.db import SessionFactory, session_scope
from registry.fleet.models import Camera, Credential
from registry.fleet.queries import probe_inputs
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.monitoring.agenda import Agenda
from registry.monitoring.models import DeviceInventory
from registry.monitoring.rules import Scheduled
from tests import factories
from tests.conftest import NOON
from tests.factories import LONG_AGO

VAULT = Vault([Fernet.generate_key().decode()])
ZONES = Zones.only(ip_network("127.0.0.0/8"))


@dataclass
class Field:
    """What a test of a runner needs: the camera, the agenda, a clock, and a thread that writes."""

    sessions: SessionFactory
    agenda: Agenda
    camera_id: int
    simulation: Simulation
    writer: ThreadPoolExecutor
    at: datetime = NOON

    def clock(self) -> datetime:
        """Return the test's own time."""
        return self.at

    def up(self, health: Health = Health.UP) -> list[Scheduled]:
        """Return the verdict that the camera has just given."""
        return [Scheduled(Verdict(self.camera_id, self.at, health), 60)]

    def wait(self, **length: float) -> datetime:
        """Let time pass."""
        self.at += timedelta(**length)
        return self.at

    def change(self, change: Callable[[Camera], None]) -> None:
        """Change the camera in the register, and tell the agenda."""
        with session_scope(self.sessions) as session:
            camera = session.get_one(Camera, self.camera_id)
            change(camera)
            camera.changed_at = self.at
        self.reload()

    def add_twin(self) -> None:
        """Register one more camera at the same address."""
        with session_scope(self.sessions) as session:
            factories.make_camera(session, port=self.simulation.ports[0])

    def everyone(self) -> list[int]:
        """Tell the agenda of every camera, and return their numbers."""
        self.reload()
        return list(self.agenda.in_service(at=self.at))

    def inventories(self) -> int:
        """Count the cameras whose inventory was tried."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(DeviceInventory)) or 0

    def reload(self) -> None:
        """Let the agenda read the register."""
        with self.sessions() as session:
            changed = probe_inputs(session, changed_since=LONG_AGO)
        self.agenda.update(changed, {}, at=self.at)


@asynccontextmanager
async def field(sessions: SessionFactory, device: Device) -> AsyncIterator[Field]:
    """Run one simulated camera that the register knows, and its account."""
    async with Simulation([device]) as simulation:
        with session_scope(sessions) as session:
            camera = factories.make_camera(session, port=simulation.ports[0])
            sealed = VAULT.seal(device.password)
            account = Credential(
                camera_id=camera.id,
                username=device.username,
                sealed_password=sealed,
                changed_at=NOON,
            )
            session.add(account)
            camera_id = camera.id
        agenda = Agenda(VAULT, interval_seconds=60, timeout_seconds=2, zones=ZONES)
        with ThreadPoolExecutor(1) as writer:
            street = Field(sessions, agenda, camera_id, simulation, writer)
            street.reload()
            yield street
