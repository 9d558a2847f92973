"""Many probes run at once, and never too many for one site or one device."""

import asyncio
import resource
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network

import pytest
import uvloop

from probes.engine import Engine, Limits
from probes.simulator import Device, Fault, Simulation, answers, http
from probes.target import Requests, Target
from probes.verdict import Health, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK


async def drained(engine: Engine, count: int) -> list[Verdict]:
    """Wait for a number of verdicts."""
    verdicts: list[Verdict] = []
    async with asyncio.timeout(10):
        while len(verdicts) < count:
            await asyncio.sleep(0.01)
            verdicts += engine.drain()
    return verdicts


def targets(simulation: Simulation) -> Iterator[Target]:
    """Name each camera of a simulation."""
    for key, port in enumerate(simulation.ports):
        yield Target(key, "127.0.0.1", port, networks=LOOPBACK, timeout_seconds=1.5)


def test_every_target_fed_gets_one_verdict(requests: Requests) -> None:
    """More targets than places: all of them are served, the engine is empty after."""

    async def run() -> tuple[list[Verdict], int, int]:
        async with Simulation([Device() for _ in range(30)]) as simulation:
            engine = Engine(requests, replace(QUICK, in_flight=7))
            engine.feed(targets(simulation))
            assert engine.in_flight == 7
            assert engine.backlog == 23
            verdicts = await drained(engine, 30)
            left = engine.in_flight, engine.backlog
            await engine.close()
            return verdicts, *left

    verdicts, in_flight, backlog = uvloop.run(run())

    assert sorted(verdict.key for verdict in verdicts) == list(range(30))
    assert all(verdict.health is Health.UP for verdict in verdicts)
    assert (in_flight, backlog) == (0, 0)


def test_feeding_never_waits(requests: Requests) -> None:
    """The tick that feeds must be over in no time, whatever the cameras do."""

    async def run() -> float:
        async with Simulation([Device(fault=Fault.STALL)] * 20) as simulation:
            engine = Engine(requests, QUICK)
            began = asyncio.get_running_loop().time()
            engine.feed(targets(simulation))
            took = asyncio.get_running_loop().time() - began
            await engine.close()
            return took

    assert uvloop.run(run()) < 0.1


def test_a_site_is_asked_by_few_probes_at_once(requests: Requests) -> None:
    """A commune's uplink is thin; other sites do not wait for it."""

    async def run() -> tuple[int, list[Verdict]]:
        async with Simulation([Device() for _ in range(20)]) as simulation:
            engine = Engine(requests, replace(QUICK, in_flight_per_site=2))
            engine.feed(
                replace(target, site="a" if target.key < 15 else f"other-{target.key}")
                for target in targets(simulation)
            )
            at_once = engine.in_flight
            verdicts = await drained(engine, 20)
            await engine.close()
            return at_once, verdicts

    at_once, verdicts = uvloop.run(run())

    assert at_once == 2 + 5
    assert len({verdict.key for verdict in verdicts}) == 20


def test_a_subnet_is_asked_by_few_probes_at_once(requests: Requests) -> None:
    """Sites may share a switch, and a router on which a sweep looks like an attack."""

    async def run() -> tuple[int, list[Verdict]]:
        hosts = [f"127.3.{number % 2}.{number + 1}" for number in range(20)]
        async with Simulation([Device(host) for host in hosts]) as simulation:
            engine = Engine(requests, replace(QUICK, in_flight_per_subnet=3))
            engine.feed(
                Target(key, host, port, networks=LOOPBACK, site=key)
                for key, (host, port) in enumerate(zip(hosts, simulation.ports, strict=True))
            )
            at_once = engine.in_flight
            verdicts = await drained(engine, 20)
            await engine.close()
            return at_once, verdicts

    at_once, verdicts = uvloop.run(run())

    assert at_once == 2 * 3
    assert len({verdict.key for verdict in verdicts}) == 20


def test_one_device_is_asked_by_one_probe_at_a_time(requests: Requests) -> None:
    """Cameras have few sockets, and recorders sit on them already."""

    async def run() -> tuple[int, list[Verdict]]:
        async with Simulation([Device()]) as simulation:
            (target,) = targets(simulation)
            engine = Engine(requests, QUICK)
            engine.feed(replace(target, key=key, site="s") for key in range(6))
            at_once = engine.in_flight
            verdicts = await drained(engine, 6)
            await engine.close()
            return at_once, verdicts

    at_once, verdicts = uvloop.run(run())

    assert at_once == 1
    assert len(verdicts) == 6


@pytest.mark.parametrize(
    ("hosts", "at_once"),
    [
        (["192.0.2.1", "192.0.2.1"], 1),
        (["192.0.2.1", "::ffff:192.0.2.1"], 1),
        (["2001:db8::1", "2001:DB8:0::1"], 1),
        (["localhost", "localhost"], 1),
        (["192.0.2.1", "192.0.2.2"], 2),
        (["127.0.0.1", "127.0.0.1"], 2),
    ],
)
def test_one_address_is_asked_by_one_probe_at_a_time(
    requests: Requests, hosts: list[str], at_once: int
) -> None:
    """Whatever the port, however the address is written; loopback is the simulator's."""
    # None of them is allowed: nothing is sent.
    nowhere = (ip_network("198.51.100.0/24"),)

    async def run() -> tuple[int, list[Verdict]]:
        engine = Engine(requests, QUICK)
        engine.feed(Target(n, host, 8000 + n, networks=nowhere) for n, host in enumerate(hosts))
        in_flight = engine.in_flight
        verdicts = await drained(engine, 2)
        await engine.close()
        return in_flight, verdicts

    in_flight, verdicts = uvloop.run(run())

    assert in_flight == at_once
    assert [verdict.reason for verdict in verdicts] == [Reason.BLOCKED_ADDRESS] * 2


def test_a_target_in_flight_is_not_taken_twice(requests: Requests) -> None:
    """A "probe now" on top of the minute's probe is the same probe."""

    async def run() -> tuple[int, list[Verdict]]:
        async with Simulation([Device(), Device()]) as simulation:
            engine = Engine(requests, replace(QUICK, in_flight=1))
            engine.feed(targets(simulation))
            engine.feed(targets(simulation))
            held = engine.in_flight + engine.backlog
            verdicts = await drained(engine, 2)
            engine.feed(targets(simulation))
            verdicts += await drained(engine, 2)
            await engine.close()
            return held, verdicts

    held, verdicts = uvloop.run(run())

    assert held == 2
    assert len(verdicts) == 4


def test_a_fault_in_one_probe_never_touches_another(requests: Requests) -> None:
    """Each fault beside healthy cameras: all get their own verdict."""
    faults = [Fault.GARBAGE, Fault.RESET, Fault.TOO_LARGE, Fault.REFUSE, Fault.STALL]

    async def run() -> dict[int, Health]:
        devices = [Device(fault=fault) for fault in faults] + [Device()] * 5
        async with Simulation(devices) as simulation:
            engine = Engine(requests, QUICK)
            engine.feed(targets(simulation))
            verdicts = await drained(engine, 10)
            await engine.close()
            return {verdict.key: verdict.health for verdict in verdicts}

    healths = uvloop.run(run())

    assert [healths[key] for key in range(10)] == [Health.DOWN] * 5 + [Health.UP] * 5


@pytest.mark.parametrize(("field", "value"), [("port", 70_000), ("path", "/\ud800")])
def test_a_probe_that_cannot_even_start_is_unknown_and_stops_no_other(
    requests: Requests, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    """What a target's own checks let through is our failure, and the next are asked."""

    async def run() -> dict[int, Verdict]:
        async with Simulation([Device()] * 3) as simulation:
            first, *others = targets(simulation)
            engine = Engine(requests, QUICK)
            object.__setattr__(first, field, value)
            engine.feed([first, others[0]])
            engine.feed([others[1]])
            verdicts = await drained(engine, 3)
            await engine.close()
            return {verdict.key: verdict for verdict in verdicts}

    verdicts = uvloop.run(run())

    assert (verdicts[0].health, verdicts[0].reason) == (Health.UNKNOWN, Reason.INTERNAL)
    assert [verdicts[key].health for key in (1, 2)] == [Health.UP] * 2
    assert "probe of target 0 failed in itself" in caplog.text


def test_even_a_broken_clock_gives_a_verdict(
    requests: Requests, caplog: pytest.LogCaptureFixture
) -> None:
    """A camera whose probe came to nothing is unknown, and will be asked again."""

    def broken() -> datetime:
        raise OverflowError

    async def run() -> list[Verdict]:
        engine = Engine(requests, QUICK, clock=broken)
        engine.feed([Target(1, "127.0.0.1", 9)])
        verdicts = await drained(engine, 1)
        await engine.close()
        return verdicts

    (verdict,) = uvloop.run(run())

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, Reason.INTERNAL)
    assert "target 1 came to nothing" in caplog.text


def test_closing_stops_everything_and_takes_nothing_more(requests: Requests) -> None:
    """A stop must not wait for a camera that hangs."""

    async def run() -> tuple[int, list[Verdict]]:
        async with Simulation([Device(fault=Fault.STALL)] * 4) as simulation:
            engine = Engine(requests, Limits(in_flight=2))
            engine.feed(targets(simulation))
            await asyncio.sleep(0.05)
            await engine.close()
            engine.feed(targets(simulation))
            return engine.in_flight + engine.backlog, engine.drain()

    assert uvloop.run(run()) == (0, [])


@pytest.mark.parametrize("stall_seconds", [1.5, 5.5])
def test_a_loop_that_stands_still_takes_no_camera_down(
    requests: Requests, stall_seconds: float
) -> None:
    """Late by a little, the camera's time is given back; by much, nothing is known of it."""

    async def run() -> list[Verdict]:
        async with Simulation([Device(), Device(fault=Fault.DARK)]) as simulation:
            engine = Engine(requests, QUICK)
            engine.feed(targets(simulation))
            await asyncio.sleep(0)
            time.sleep(stall_seconds)  # noqa: ASYNC251 - the loop that stands still is the point
            verdicts = await drained(engine, 2)
            await engine.close()
            return sorted(verdicts, key=lambda verdict: verdict.key)

    alive, dark = uvloop.run(run())

    assert alive.health is Health.UP
    expected = Reason.CONNECT_TIMEOUT if stall_seconds < 5 else Reason.INTERNAL
    assert dark.reason is expected


def test_a_late_loop_spoils_what_was_handed_over(requests: Requests) -> None:
    """The thorough check gets no time back, on a camera that could be asked quickly too."""
    refusal = http.written(500, answers.fault_answer(Device(), "VersionMismatch", (), "no"))
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while await reader.read(4096):
            asked += 1
            if asked == 1:
                writer.write(refusal)
        writer.close()

    async def run() -> Verdict:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            engine = Engine(requests, QUICK)
            engine.feed([Target(1, "127.0.0.1", port, networks=LOOPBACK, timeout_seconds=2)])
            async with asyncio.timeout(5):
                while asked < 2:  # noqa: ASYNC110 - the server has no event
                    await asyncio.sleep(0.01)
            time.sleep(1.5)  # noqa: ASYNC251 - the loop that stands still is the point
            (verdict,) = await drained(engine, 1)
            await engine.close()
            return verdict

    verdict = uvloop.run(run())

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, Reason.INTERNAL)


def test_more_probes_than_open_files_are_never_started(
    requests: Requests, caplog: pytest.LogCaptureFixture
) -> None:
    """The limit is raised as far as it goes; beyond that fewer run at once, and it is said."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def run(in_flight: int) -> int:
        engine = Engine(requests, replace(QUICK, in_flight=in_flight))
        await engine.close()
        return engine.limits.in_flight

    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
        raised = uvloop.run(run(600))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert not caplog.records
        fewer = uvloop.run(run(before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert (raised, soft >= 600) == (600, True)
    assert 0 < fewer < before[1]
    assert "LimitNOFILE" in caplog.text
