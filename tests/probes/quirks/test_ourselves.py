"""Where the fault is ours, nothing is said of the camera: point 45 of the quirk list."""

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop

from probes.engine import Engine, Limits, probe_once
from probes.engine.reasons import health_of, reason_of
from probes.simulator import Device, Simulation
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK, Probe


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Take away the right to open one file more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(int(each.name) for each in Path("/proc/self/fd").iterdir())
    fillers = [socket.socket() for _ in range(4)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, fillers[-1].fileno()) + 1, hard))
    try:
        while True:
            fillers.append(socket.socket())
    except OSError:
        pass
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for each in fillers:
            each.close()


def test_q45_a_prober_without_descriptors_says_unknown(requests: Requests) -> None:
    """A whole fleet would be dark for want of files on our side."""

    async def run() -> Verdict:
        async with Simulation([Device(password="word")]) as simulation:
            target = Target(1, "127.0.0.1", simulation.ports[0], networks=LOOPBACK)
            with no_descriptors():
                return await probe_once(requests, target, limits=QUICK)

    verdict = uvloop.run(run())

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, Reason.INTERNAL)


@pytest.mark.parametrize(
    ("number", "health"),
    [
        (socket.EAI_AGAIN, Health.UNKNOWN),
        (socket.EAI_FAIL, Health.UNKNOWN),
        (socket.EAI_NONAME, Health.DOWN),
    ],
)
def test_q45_a_resolver_that_does_not_answer_is_no_unknown_name(
    number: int, health: Health
) -> None:
    """Only the name server's own no is a fact about the camera's entry."""
    error = socket.gaierror(number, "x")

    assert health_of(reason_of(error, "dns")) is health


@pytest.mark.parametrize("days", [-3_650, 400])
def test_q45_a_wrong_clock_of_ours_takes_no_camera_down(probe: Probe, days: int) -> None:
    """The token is dated by the device's clock, whatever ours says."""
    strict = Device(password="word", max_skew_seconds=5)

    verdict = probe(strict, clock=lambda: datetime.now(UTC) + timedelta(days=days))

    assert (verdict.health, verdict.authentication) == (Health.UP, Authentication.VERIFIED)


def test_q45_a_fault_in_one_probe_touches_no_other(requests: Requests) -> None:
    """The register holds a password that no token can carry; its neighbours do not notice."""

    async def run() -> dict[int, Health]:
        async with Simulation([Device(password="word"), Device(password="word")]) as simulation:
            engine = Engine(requests, Limits())
            engine.feed(
                Target(
                    key,
                    "127.0.0.1",
                    port,
                    username="admin",
                    password="\ud800" if key == 0 else "word",
                    networks=LOOPBACK,
                )
                for key, port in enumerate(simulation.ports)
            )
            verdicts: list[Verdict] = []
            while len(verdicts) < 2:
                await asyncio.sleep(0.01)
                verdicts += engine.drain()
            await engine.close()
            return {each.key: each.health for each in verdicts}

    found = uvloop.run(run())

    assert found[1] is Health.UP
    assert set(found) == {0, 1}
