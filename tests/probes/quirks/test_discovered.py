"""Devices that answer a call with many addresses: point 22 of the quirk list."""

from ipaddress import ip_address, ip_network

import uvloop

from probes.engine import probe_once
from probes.onvif.discovery import Door, Interface, read_answer
from probes.simulator import Device, Simulation
from probes.target import Requests, Target
from probes.verdict import Health
from tests.probes.calling import match
from tests.probes.conftest import LOOPBACK, QUICK

HERE = Interface(ip_address("127.0.0.1"), ip_network("127.0.0.0/8"))


def test_q22_of_many_addresses_the_likely_ones_are_kept_and_a_probe_proves_one(
    requests: Requests,
) -> None:
    """Space-separated, link-local first, with a pair of http and https: none is believed as is."""

    async def run() -> tuple[set[str], list[str], str]:
        async with Simulation([Device(password="word")]) as simulation:
            port = simulation.ports[0]
            right = f"http://127.0.0.1:{port}/onvif/device_service"
            urls = (
                "http://169.254.7.7/onvif/device_service http://[fe80::7]/onvif/device_service "
                f"https://127.0.0.1:{port}/onvif/device_service  {right}"
            )
            (found,) = read_answer(match(urls), "127.0.0.1", interfaces=[HERE], networks=LOOPBACK)
            alive = [str(door) for door in found.addresses if await answers(requests, door)]
            return {door.host for door in found.addresses}, alive, right

    hosts, alive, right = uvloop.run(run())

    assert hosts == {"127.0.0.1"}
    assert alive == [right]


async def answers(requests: Requests, door: Door) -> bool:
    """Tell whether a probe finds a camera behind one of the addresses."""
    target = Target(
        1,
        door.host,
        door.port,
        path=door.path,
        scheme=door.scheme,
        tls_verify="off",
        networks=LOOPBACK,
        timeout_seconds=1,
    )
    return (await probe_once(requests, target, limits=QUICK)).health is Health.UP
