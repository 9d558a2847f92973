"""A monitor at work on one simulated camera, by a clock whose hands a test moves."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network

from cryptography.fernet import Fernet
from sqlalchemy import select

from probes.engine import Engine, Limits
from probes.onvif.contract import load_requests
from probes.simulator import Device, Simulation
from registry.clock import SteadyClock
from registry.db import SessionFactory, session_scope
from registry.fleet.models import Camera, Credential
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.monitoring.agenda import Agenda
from registry.monitoring.runner import Canaries, Clerk, Gauges, Monitor
from registry.monitoring.runner.monitor import MAX_WAITING
from tests import factories
from tests.monitoring.telling import NOON

VAULT = Vault([Fernet.generate_key().decode()])
INTERVAL = 10
DEVICE = Device(serial="SN1", username="vigiparc", password="correct horse")


class Hands:
    """The two hands of a clock, moved by the test: the wall's and the monotonic one."""

    def __init__(self) -> None:
        """Start at noon."""
        self.passed = 0.0
        self.set_by = 0.0

    def clock(self) -> SteadyClock:
        """Return a steady clock with these hands."""
        return SteadyClock(
            lambda: NOON + timedelta(seconds=self.passed + self.set_by), lambda: self.passed
        )


@dataclass(slots=True)
class Bench:
    """A monitor at work on simulated cameras, tick by tick."""

    monitor: Monitor
    hands: Hands
    engine: Engine
    gauges: Gauges
    thread: Executor

    async def pass_seconds(self, seconds: int) -> None:
        """Tick once a second, and let each tick's work come to its end."""
        for _ in range(seconds):
            self.hands.passed += 1
            await self.monitor.tick()
            while self.engine.in_flight:  # noqa: ASYNC110 - the engine has no event for it
                await asyncio.sleep(0.005)
            await self._end_of_turn()

    async def _end_of_turn(self) -> None:
        """Wait for what the tick gave to the one thread that writes, however long it takes."""
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(self.thread, lambda: None)


def no_canary() -> Canaries:
    """Return the canaries of a service that has none."""
    return Canaries({}, lambda _: "local")


@asynccontextmanager
async def bench(
    sessions: SessionFactory,
    *,
    hands: Hands | None = None,
    clerk: Clerk | None = None,
    most_waiting: int = MAX_WAITING,
) -> AsyncIterator[Bench]:
    """Run one simulated camera and a monitor that looks after it."""
    hands = hands or Hands()
    clock = hands.clock()
    async with Simulation([DEVICE]) as simulation:
        with session_scope(sessions) as session:
            camera = session.scalar(select(Camera))
            if camera is None:
                camera = factories.make_camera(session, serial="SN1")
                sealed = VAULT.seal("correct horse")
                session.add(
                    Credential(
                        camera_id=camera.id,
                        username="vigiparc",
                        sealed_password=sealed,
                        changed_at=NOON,
                    )
                )
            camera.port = simulation.ports[0]
        agenda = Agenda(
            VAULT,
            interval_seconds=INTERVAL,
            timeout_seconds=2,
            zones=Zones.only(ip_network("127.0.0.0/8")),
        )
        engine = Engine(load_requests(), Limits(), clock=clock)
        with ThreadPoolExecutor(1) as thread:
            clerk = clerk or Clerk(sessions, "one", patience=2)
            gauges = Gauges("0")
            monitor = Monitor(
                agenda,
                engine,
                clerk,
                gauges,
                no_canary(),
                clock=clock,
                thread=thread,
                most_waiting=most_waiting,
            )
            try:
                yield Bench(monitor, hands, engine, gauges, thread)
            finally:
                await monitor.close()
