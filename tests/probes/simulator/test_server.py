"""Faults come and go by the plan, and a simulator can be stopped."""

import asyncio
import signal
import socket
import subprocess
import sys

import pytest
import uvloop

from probes.engine import probe_once
from probes.simulator import Change, Device, Fault, Simulation, simulate
from probes.target import Requests, Target
from probes.verdict import Health
from tests.probes.conftest import LOOPBACK, QUICK


def test_a_fault_comes_and_goes_by_the_plan(requests: Requests) -> None:
    """Well, then refusing, then well again on the same port."""

    async def run() -> list[Health]:
        plan = [Change(Fault.REFUSE, (0,), after_seconds=0.3, for_seconds=0.5)]
        healths = []
        async with Simulation([Device()], plan) as simulation:
            target = Target(1, "127.0.0.1", simulation.ports[0], networks=LOOPBACK)
            for pause in (0.0, 0.45, 0.6):
                await asyncio.sleep(pause)
                healths.append((await probe_once(requests, target, limits=QUICK)).health)
        return healths

    assert uvloop.run(run()) == [Health.UP, Health.DOWN, Health.UP]


def test_a_dark_camera_comes_back_too(requests: Requests) -> None:
    """Its port is taken by nobody in between."""

    async def run() -> list[Health]:
        async with Simulation([Device(fault=Fault.DARK)]) as simulation:
            target = Target(
                1, "127.0.0.1", simulation.ports[0], networks=LOOPBACK, timeout_seconds=1
            )
            before = await probe_once(requests, target, limits=QUICK)
            await simulation.cameras[0].become(Fault.NONE)
            after = await probe_once(requests, target, limits=QUICK)
            return [before.health, after.health]

    assert uvloop.run(run()) == [Health.DOWN, Health.UP]


@pytest.mark.parametrize(
    ("fault", "health"),
    [
        (Fault.BYTEWISE, Health.UP),
        (Fault.FRESH_NONCE, Health.UP),
        (Fault.DROPS_REUSED, Health.UP),
        (Fault.ONE_CLIENT, Health.UP),
        (Fault.CLOSES_EARLY, Health.DOWN),
    ],
)
def test_a_camera_may_be_odd_on_the_wire(requests: Requests, fault: Fault, health: Health) -> None:
    """One byte a packet, one client at a time, or no end at all; each byte that came is told."""
    heard: list[bytes] = []

    async def run() -> Health:
        device = Device(fault=fault, password="word")
        async with Simulation([device], heard=lambda _, data: heard.append(data)) as simulation:
            target = Target(
                1,
                "127.0.0.1",
                simulation.ports[0],
                username="admin",
                password="word",
                networks=LOOPBACK,
            )
            verdict = await probe_once(requests, target, limits=QUICK)
            assert simulation.cameras[0].most_open == 1
            return verdict.health

    assert uvloop.run(run()) is health
    assert b"GetSystemDateAndTime" in b"".join(heard)


def test_a_plan_for_a_camera_that_is_not_there_is_refused() -> None:
    """Before anything listens."""
    with pytest.raises(ValueError, match="3"):
        Simulation([Device()], [Change(Fault.STALL, (3,))])


def test_a_port_that_is_taken_ends_the_simulation_before_it_begins() -> None:
    """Nothing is left listening behind the error."""

    async def run() -> int:
        async with Simulation([Device()]) as first:
            taken = first.ports[0]
            free = Simulation([Device(), Device(port=taken)])
            with pytest.raises(OSError, match="in use"):
                await free.__aenter__()
            return free.ports[0]

    with socket.create_server(("127.0.0.1", uvloop.run(run()))):
        pass


def test_simulation_ends_when_told_to() -> None:
    """And lets its ports go."""
    ports: list[int] = []

    async def run() -> None:
        stop = asyncio.Event()

        def ready(simulation: Simulation) -> None:
            ports.extend(simulation.ports)
            stop.set()

        async with asyncio.timeout(5):
            await simulate([Device()], stop=stop, ready=ready)

    uvloop.run(run())

    with socket.create_server(("127.0.0.1", ports[0])) as taken:
        assert taken.getsockname()[1] == ports[0]


def test_a_simulator_process_stops_cleanly_on_sigterm() -> None:
    """As `vigiparc run` ends it with the rest."""
    program = (
        "from probes.simulator import Device, run_simulator\n"
        "run_simulator([Device()], ready=lambda s: print(s.ports[0], flush=True))"
    )
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=5) == 0
