"""A walk through a zone: who answers, at which door, and whether the register knows them."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_network

from probes.onvif.contract import load_requests
from probes.simulator import Device, Fault, Simulation
from registry.monitoring.rules.matching import Position
from registry.monitoring.runner.walk import walk
from tests.probes.calling import match, responder
from tests.probes.conftest import LOOPBACK


@contextmanager
def simulated(*devices: Device) -> Iterator[tuple[list[int], list[bytes]]]:
    """Run devices on a loop of their own; give their ports, and all that they hear."""
    ports: list[int] = []
    heard: list[bytes] = []
    ready, stop = threading.Event(), threading.Event()

    async def run() -> None:
        async with Simulation(devices, heard=lambda _, data: heard.append(data)) as simulation:
            ports.extend(simulation.ports)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait(20)
    try:
        yield ports, heard
    finally:
        stop.set()
        thread.join()


def test_devices_are_knocked_at_and_matched() -> None:
    """One stands where it should, one has moved, one is a stranger, one does not open."""
    devices = [
        *(
            Device(serial=serial, username="", fault=Fault.ANONYMOUS)
            for serial in ("SN-KNOWN", "SN-MOVED", "SN-STRANGER")
        ),
        Device(serial="SN-DEAF", fault=Fault.REFUSE),
    ]
    with simulated(*devices) as (ports, heard):
        answers = [
            match(f"http://127.0.0.1:{port}/onvif/device_service", endpoint=f"urn:uuid:{port}")
            for port in ports
        ]
        positions = [
            Position(1, "59054-01", "CAM-01", "127.0.0.1", ports[0], "SN-KNOWN", ()),
            Position(2, "59054-01", "CAM-02", "127.0.0.9", 80, "SN-MOVED", ()),
        ]
        with responder(*answers):
            called_from, walked = walk(
                positions,
                load_requests(),
                networks=LOOPBACK,
                seconds=1.5,
                timeout_seconds=2,
                clock=lambda: datetime.now(UTC),
            )

    told = {each.found.endpoint.rpartition(":")[2]: each.to_dict() for each in walked}
    known, moved, stranger, deaf = (told[str(port)] for port in ports)
    assert called_from == ["127.0.0.1"]
    assert (known["register"], known["by"], known["camera"]["camera_id"]) == ("known", "serial", 1)
    assert (moved["register"], moved["camera"]["host"]) == ("moved", "127.0.0.9")
    assert moved["address"].endswith(f":{ports[1]}/onvif/device_service")
    assert (stranger["register"], stranger["serial"]) == ("unknown", "SN-STRANGER")
    assert (deaf["address"], deaf["reason"]) == (None, "connect_refused")
    assert not any(b"UsernameToken" in each or b"Authorization" in each for each in heard)


def test_a_zone_without_an_interface_here_is_not_walked() -> None:
    """Nothing is sent, and the caller sees that no interface was there."""
    found = walk(
        [],
        load_requests(),
        networks=(ip_network("198.51.100.0/24"),),
        seconds=0.1,
        timeout_seconds=1,
        clock=lambda: datetime.now(UTC),
    )

    assert found == ([], [])
