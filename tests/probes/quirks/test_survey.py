"""What an inventory meets: points 20 and 24 of the quirk list."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
import uvloop

from probes.onvif.facts import Inventory, Outcome
from probes.onvif.inventory import MOST_BYTES, Library
from probes.simulator import Device, Fault, Simulation
from probes.target import Target
from probes.transport.blocking import Poster
from probes.transport.tls import Contexts
from tests.probes.conftest import LOOPBACK


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def library() -> Library:
    """Return the standard's files, read once."""
    return Library()


def surveyed(library: Library, fault: Fault) -> tuple[Inventory, bytes]:
    """Take the inventory of a camera with a quirk; return it, and all that the camera heard."""
    heard: list[bytes] = []

    def work(port: int) -> Inventory:
        target = Target(1, "127.0.0.1", port, username="admin", password="word", networks=LOOPBACK)
        with Poster(target, contexts=Contexts(), now=utc_now, seconds=5, most=MOST_BYTES) as way:
            return library.take(way, target, now=utc_now)

    async def run() -> Inventory:
        device = Device(password="word", fault=fault)
        async with Simulation([device], heard=lambda _, data: heard.append(data)) as simulation:
            return await asyncio.to_thread(work, simulation.ports[0])

    return uvloop.run(run()), b"".join(heard)


def test_q20_of_an_address_that_a_camera_gives_only_the_path_is_kept(library: Library) -> None:
    """Behind NAT the host is wrong, elsewhere it may be hostile: the registered one is asked."""
    inventory, heard = surveyed(library, Fault.NONE)

    assert [each.path for each in inventory.services] == [
        "/onvif/device_service",
        "/onvif/media_service",
    ]
    hosts = set(re.findall(rb"Host: ([^\r\n:]+)", heard))
    assert hosts == {b"127.0.0.1"}


def test_q24_a_camera_without_get_services_is_asked_for_its_capabilities(
    library: Library,
) -> None:
    """Older makes know the older operation alone; that is no outage and no failure."""
    inventory, heard = surveyed(library, Fault.NO_SERVICES)

    assert inventory.outcomes["GetServices"] is Outcome.NOT_SUPPORTED
    assert [each.path for each in inventory.services] == ["/onvif/device_service"]
    assert heard.count(b"GetCapabilities") >= 1
