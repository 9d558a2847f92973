"""Inventories beside the probes: when, of whom, and what comes of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import uvloop

from probes.onvif.inventory import Library
from probes.simulator import Device, Fault
from probes.transport.tls import Contexts
from probes.verdict import Health, Reason, Verdict
from registry.db import SessionFactory
from registry.monitoring.models import DeviceInventory
from registry.monitoring.rules import Scheduled
from registry.monitoring.runner.night import Night
from registry.monitoring.runner.surveyor import MOST_A_TICK, Survey, Surveyor
from tests.monitoring.runner.field import Field, field

ALWAYS, NIGHTLY = Night(0, 24), Night(1, 5)

WELL = Device(password="pw")
LIBRARY = Library()

Scene = Callable[[Field, Surveyor], Awaitable[None]]


def play(
    sessions: SessionFactory, scene: Scene, *, device: Device = WELL, night: Night = NIGHTLY
) -> None:
    """Play a scene with one camera and a surveyor."""

    async def run() -> None:
        async with field(sessions, device) as street, at_work(street, night) as surveyor:
            await scene(street, surveyor)

    uvloop.run(run())


@asynccontextmanager
async def at_work(street: Field, night: Night) -> AsyncIterator[Surveyor]:
    """Run a surveyor of one thread."""
    survey = Survey(LIBRARY, 2, street.clock, Contexts())
    with ThreadPoolExecutor(1) as threads:
        surveyor = Surveyor(
            street.agenda,
            survey,
            street.sessions,
            night,
            threads=threads,
            most=1,
            writer=street.writer,
        )
        await surveyor.tick()
        yield surveyor
        await surveyor.close()


async def rest(surveyor: Surveyor) -> None:
    """Tick until nothing is under way, as the clockwork does every few seconds."""
    for _ in range(200):
        await surveyor.tick()
        await asyncio.sleep(0.02)
        if surveyor.idle:
            return
    pytest.fail("an inventory does not end")


def kept(street: Field) -> DeviceInventory | None:
    """Return what is kept of the camera."""
    with street.sessions() as session:
        return session.get(DeviceInventory, street.camera_id)


def test_a_new_camera_is_asked_at_its_first_answer(sessions: SessionFactory) -> None:
    """And not again at the next one; its MAC goes along with every further probe."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        await rest(surveyor)
        assert kept(street) is None
        surveyor.heard(street.up(Health.DOWN), street.at)
        await rest(surveyor)
        assert kept(street) is None

        surveyor.heard(street.up(), street.at)
        await rest(surveyor)
        first = kept(street)
        street.wait(minutes=1)
        surveyor.heard(street.up(), street.at)
        await rest(surveyor)

        again = kept(street)
        assert first is not None
        assert again is not None
        assert first.facts["serial"]["value"] == WELL.serial
        assert again.read_at == first.read_at
        target = street.agenda.lend(street.camera_id, at=street.at)
        assert target is not None
        assert target.inventory_mac == WELL.mac

    play(sessions, scene)


def test_a_changed_camera_is_asked_again(sessions: SessionFactory) -> None:
    """Another unit, another address, another account: whatever moved it in the register."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        surveyor.heard(street.up(), street.at)
        await rest(surveyor)
        street.wait(hours=1)
        street.change(lambda _: None)

        surveyor.heard(street.up(), street.at)
        await rest(surveyor)

        found = kept(street)
        assert found is not None
        assert found.read_at == street.at

    play(sessions, scene)


def test_every_camera_is_asked_once_a_night(sessions: SessionFactory) -> None:
    """In its own minute of the night, and not by day."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        await rest(surveyor)
        assert kept(street) is None

        street.at = datetime(2026, 11, 24, 3, 59, 59, tzinfo=UTC)
        await rest(surveyor)
        found = kept(street)

        assert found is not None
        assert found.read_at == street.at
        street.wait(seconds=-60)
        await rest(surveyor)
        again = kept(street)
        assert again is not None
        assert again.read_at == found.read_at

    play(sessions, scene)


def test_a_camera_that_is_being_probed_is_asked_later(sessions: SessionFactory) -> None:
    """One conversation at a time; and while it is asked at length it is not probed."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        errands, _ = street.agenda.due(at=street.wait(seconds=60))
        assert len(errands) == 1
        surveyor.heard(street.up(), street.at)
        await surveyor.tick()
        assert not surveyor.idle
        assert kept(street) is None

        street.agenda.answered(street.up()[0].verdict)
        await surveyor.tick()
        assert street.agenda.due(at=street.wait(seconds=60))[0] == []
        await rest(surveyor)

        assert kept(street) is not None
        assert len(street.agenda.due(at=street.wait(seconds=60))[0]) == 1

    play(sessions, scene)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fault.REFUSE, Reason.CONNECT_REFUSED), (Fault.DARK, Reason.CONNECT_TIMEOUT)],
)
def test_a_device_that_cannot_be_asked_leaves_its_reason(
    sessions: SessionFactory, fault: Fault, reason: Reason
) -> None:
    """It is not tried again before the next night."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        street.at = datetime(2026, 11, 24, 3, 59, tzinfo=UTC)
        await rest(surveyor)

        found = kept(street)
        assert found is not None
        assert (found.reason, found.read_at, found.tried_at) == (reason, None, street.at)

    play(sessions, scene, device=Device(password="pw", fault=fault))


def test_a_restart_forgets_nobody_who_was_asked(sessions: SessionFactory) -> None:
    """The night is not begun anew."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        surveyor.heard(street.up(), street.at)
        await rest(surveyor)
        first = kept(street)
        street.wait(hours=1)

        async with at_work(street, ALWAYS) as other:
            other.heard(street.up(), street.at)
            await rest(other)

        again = kept(street)
        assert first is not None
        assert again is not None
        assert again.tried_at == first.tried_at

    play(sessions, scene)


def test_the_end_of_the_service_waits_for_no_device(sessions: SessionFactory) -> None:
    """One that stalls is cut short."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        surveyor.heard(street.up(), street.at)
        await surveyor.tick()
        await asyncio.sleep(0.2)

        async with asyncio.timeout(1.5):
            await surveyor.close()

        assert surveyor.idle

    play(sessions, scene, device=Device(password="pw", fault=Fault.STALL))


def test_a_camera_that_left_the_register_is_let_go(sessions: SessionFactory) -> None:
    """Between its answer and its turn somebody took its address away."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        surveyor.heard(street.up(), street.at)
        street.change(lambda camera: setattr(camera, "host", ""))

        await rest(surveyor)

        assert kept(street) is None

    play(sessions, scene)


def test_a_whole_fleet_at_once_is_spread_over_ticks(sessions: SessionFactory) -> None:
    """Inventories share the processor with the probes: so many a tick, and no more."""

    async def scene(street: Field, surveyor: Surveyor) -> None:
        for _ in range(MOST_A_TICK + 20):
            street.add_twin()
        for camera_id in street.everyone():
            surveyor.heard([Scheduled(Verdict(camera_id, street.at, Health.UP), 60)], street.at)

        await surveyor.tick()
        while surveyor.running:  # noqa: ASYNC110 - as the clockwork waits
            await asyncio.sleep(0.02)
        first = street.inventories()
        await rest(surveyor)

        assert first == MOST_A_TICK
        assert street.inventories() == MOST_A_TICK + 21

    play(sessions, scene, device=Device(password="pw", fault=Fault.REFUSE))
