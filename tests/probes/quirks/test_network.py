"""How devices behave on the network: points 16, 20, 21, 23, 32 to 35, 39, 40, 43 and 44."""

import asyncio
import re
from dataclasses import replace

import pytest
import uvloop

from probes.engine import Engine, probe_once
from probes.simulator import Device, Fault, Simulation
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK, Probe

VERIFIED = Authentication.VERIFIED


def camera(fault: Fault = Fault.NONE, *, path: str = "", port: int = 0) -> Device:
    """Make a camera with a quirk."""
    return Device(password="word", fault=fault, path=path, port=port)


def target(port: int, key: int = 1, path: str = "/onvif/device_service") -> Target:
    """Name a camera of this machine."""
    return Target(
        key,
        "127.0.0.1",
        port,
        path=path,
        username="admin",
        password="word",
        networks=LOOPBACK,
        verify_authentication=True,
        timeout_seconds=5,
    )


@pytest.mark.parametrize(
    ("fault", "reason", "reachable"),
    [
        (Fault.NO_ONVIF, Reason.NOT_ONVIF, True),
        (Fault.REFUSE, Reason.CONNECT_REFUSED, False),
    ],
)
def test_q16_onvif_that_is_switched_off_is_told_from_a_dead_camera(
    probe: Probe, fault: Fault, reason: Reason, *, reachable: bool
) -> None:
    """The web server answers 404, or the ONVIF port is closed: a host is there."""
    verdict = probe(camera(fault))

    assert (verdict.health, verdict.reason) == (Health.DOWN, reason)
    assert verdict.reachable is reachable


def test_q20_the_address_that_a_camera_believes_to_have_is_never_used(requests: Requests) -> None:
    """Behind NAT it is wrong; elsewhere it would lead us astray: the registered one counts."""
    heard: list[bytes] = []

    async def run() -> Verdict:
        async with Simulation([camera()], heard=lambda _, data: heard.append(data)) as elsewhere:
            there = f"http://127.0.0.1:{elsewhere.ports[0]}/onvif/device_service"
            # The device names another address in all that it says.
            device = replace(camera(), model=there, firmware=there, path="/onvif/device_service")
            async with Simulation([device]) as simulation:
                return await probe_once(requests, target(simulation.ports[0]), limits=QUICK)

    verdict = uvloop.run(run())

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert heard == []


@pytest.mark.parametrize("registered", ["/", "/onvif/services", "/onvif/device_service/"])
def test_q21_a_path_that_is_not_there_is_asked_once_at_its_usual_place(
    probe: Probe, registered: str
) -> None:
    """A missing or mismatched path in the register is not worth a van."""
    heard: list[bytes] = []
    device = camera(path="/onvif/device_service")

    verdict = probe(device, heard=heard, path=registered)

    asked = re.findall(rb"POST (\S+) ", b"".join(heard))
    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == frozenset()
    assert asked.count(registered.encode()) == 1
    assert set(asked[1:]) == {b"/onvif/device_service"}


def test_q23_port_and_path_are_the_cameras_own(probe: Probe) -> None:
    """Any port, any path: some makes know neither 80 nor the usual service."""
    device = camera(path="/onvif/Device.svc?channel=2")

    verdict = probe(device, path=device.path)

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)


def test_q32_a_connection_that_is_dropped_once_used_is_no_outage(probe: Probe) -> None:
    """One silent new connection, for the same question."""
    verdict = probe(camera(Fault.DROPS_REUSED))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == frozenset()


def test_q33_a_camera_that_serves_one_client_at_a_time_is_well(requests: Requests) -> None:
    """Fed twice in the same breath, it is asked once, then once more."""

    async def run() -> tuple[list[Verdict], int]:
        async with Simulation([camera(Fault.ONE_CLIENT)]) as simulation:
            engine = Engine(requests, QUICK)
            port = simulation.ports[0]
            engine.feed([target(port, 1), target(port, 2)])
            verdicts = await drained(engine, 2)
            await engine.close()
            return verdicts, simulation.cameras[0].most_open

    verdicts, most_open = uvloop.run(run())

    assert [each.health for each in verdicts] == [Health.UP, Health.UP]
    assert most_open == 1


def test_q34_a_camera_that_takes_its_time_is_up_and_slow(probe: Probe) -> None:
    """Past the threshold it is an issue; only past the deadline an outage."""
    verdict = probe(camera(Fault.BYTEWISE), limits=replace(QUICK, slow_seconds=0.0))

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset({Issue.SLOW}))


def test_q35_a_port_that_is_open_is_not_yet_a_camera(probe: Probe) -> None:
    """The network card answers, the software hangs: down, and reachable says which."""
    verdict = probe(camera(Fault.STALL), timeout_seconds=0.6)

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.TIMEOUT_FIRST_BYTE)
    assert verdict.reachable


def test_q39_a_redirect_is_reported_and_never_followed(requests: Requests) -> None:
    """A login would go to whoever stands at the other end."""
    heard: list[bytes] = []

    async def run() -> Verdict:
        async with Simulation([camera()], heard=lambda _, data: heard.append(data)) as elsewhere:
            device = replace(
                camera(Fault.REDIRECT), location=f"http://127.0.0.1:{elsewhere.ports[0]}/"
            )
            async with Simulation([device]) as simulation:
                return await probe_once(requests, target(simulation.ports[0]), limits=QUICK)

    verdict = uvloop.run(run())

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.REDIRECT)
    assert "http://127.0.0.1:" in verdict.detail
    assert heard == []


def test_q43_no_operation_of_media_is_ever_sent(probe: Probe) -> None:
    """So that a fault of the media service says nothing; two operations are all there is."""
    heard: list[bytes] = []

    for fault in (Fault.NONE, Fault.HTTP_DIGEST, Fault.AUTH_EVERYTHING, Fault.SOAP11_ONLY):
        probe(camera(fault), heard=heard)

    operations = set(re.findall(rb"Body[^>]*>\s*<(?:\w+:)?(\w+)", b"".join(heard)))
    assert operations == {b"GetSystemDateAndTime", b"GetDeviceInformation"}


def test_q44_two_cameras_behind_one_address_are_two_and_asked_in_turn(requests: Requests) -> None:
    """Behind a recorder or a forwarded port: told apart by port and path, never confused."""

    async def run() -> tuple[dict[int, str], int, int]:
        devices = [replace(camera(), serial=serial) for serial in ("NVR-1", "NVR-2")]
        async with Simulation(devices) as simulation:
            one, other = simulation.ports
            engine = Engine(requests, QUICK)
            # By name: on loopback each port of a number is a device of its own.
            engine.feed(
                replace(each, host="localhost")
                for each in (target(one, 1), target(other, 2), target(one, 3, "/onvif/second"))
            )
            at_once = engine.in_flight
            serials = {
                each.key: each.identity.serial
                for each in await drained(engine, 3)
                if each.identity is not None
            }
            await engine.close()
            return serials, at_once, max(each.most_open for each in simulation.cameras)

    serials, at_once, most_open = uvloop.run(run())

    assert serials == {1: "NVR-1", 2: "NVR-2", 3: "NVR-1"}
    assert (at_once, most_open) == (1, 1)


async def drained(engine: Engine, count: int) -> list[Verdict]:
    """Wait for so many verdicts, in the order of their targets."""
    verdicts: list[Verdict] = []
    async with asyncio.timeout(10):
        while len(verdicts) < count:
            await asyncio.sleep(0.01)
            verdicts += engine.drain()
    return sorted(verdicts, key=lambda each: each.key)
