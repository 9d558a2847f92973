"""One target comes to one verdict: instants, retries, deadlines, gateways."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import count
from time import monotonic

import pytest
import uvloop

from probes.engine import Limits, probe_once
from probes.explain import Trace
from probes.simulator import Change, Device, Fault, Simulation
from probes.target import Requests, Target
from probes.verdict import Health, Issue, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK, Probe


def test_the_instant_is_the_start_in_whole_seconds(probe: Probe) -> None:
    """It is half of the verdict's key, and never later than the first attempt."""
    instant = datetime(2026, 11, 23, 12, 0, 7, 999_999, tzinfo=UTC)

    verdict = probe(Device(fault=Fault.REFUSE), clock=lambda: instant)

    assert verdict.at == instant.replace(microsecond=0)
    assert verdict.key == 7


def test_a_lost_connection_is_tried_once_more(probe: Probe) -> None:
    """A verdict of down has seen two attempts, and tells of both."""
    trace = Trace(keep=True)

    probe(Device(fault=Fault.REFUSE), trace=trace)

    assert [step.code for step in trace.steps] == ["retry", "total"]


def test_a_camera_that_comes_back_within_the_probe_is_up(requests: Requests) -> None:
    """A lost packet, or a restart of a second, never becomes state."""

    async def run() -> Verdict:
        plan = [Change(Fault.REFUSE, (0,), for_seconds=0.15)]
        async with Simulation([Device()], plan) as simulation:
            await asyncio.sleep(0.05)
            target = Target(1, "127.0.0.1", simulation.ports[0], networks=LOOPBACK)
            return await probe_once(requests, target, limits=Limits(retry_pause_seconds=0.4))

    assert uvloop.run(run()).health is Health.UP


@pytest.mark.parametrize("fault", [Fault.STALL, Fault.SLOW_DRIP])
def test_one_deadline_holds_over_everything(probe: Probe, fault: Fault) -> None:
    """A byte now and then buys no time."""
    began = monotonic()

    verdict = probe(Device(fault=fault), timeout_seconds=1)

    assert verdict.health is Health.DOWN
    assert monotonic() - began < 1.6


def test_a_blocked_address_is_unknown_and_not_retried(probe: Probe) -> None:
    """Nothing was sent; the register is what needs a look."""
    trace = Trace(keep=True)

    verdict = probe(Device(), trace=trace, networks=(ip_network("10.0.0.0/8"),))

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, Reason.BLOCKED_ADDRESS)
    assert not verdict.reachable
    assert "127.0.0.1" in verdict.detail
    assert [step.code for step in trace.steps] == ["total"]


def test_an_error_of_ours_is_unknown_and_logged(
    probe: Probe, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug must not show as an outage, nor take the loop with it."""
    calls = count()

    def breaking() -> datetime:
        if next(calls):
            raise KeyError
        return datetime.now(UTC)

    verdict = probe(Device(password="s3cret-word"), clock=breaking)

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, Reason.INTERNAL)
    assert "probe of target 7 failed in itself" in caplog.text
    assert "s3cret-word" not in caplog.text


def behind(requests: Requests, camera: Fault, gateway: Fault, *, limits: Limits = QUICK) -> Verdict:
    """Probe a camera behind a gateway, each with its fault."""

    async def run() -> Verdict:
        devices = [Device(fault=camera), Device(serial="GATE", fault=gateway)]
        async with Simulation(devices) as simulation:
            target = Target(
                1,
                "127.0.0.1",
                simulation.ports[0],
                networks=LOOPBACK,
                gateway_host="127.0.0.1",
                gateway_port=simulation.ports[1],
                timeout_seconds=1.5,
            )
            return await probe_once(requests, target, limits=limits)

    return uvloop.run(run())


@pytest.mark.parametrize(
    ("camera", "gateway", "health", "reason"),
    [
        (Fault.DARK, Fault.DARK, Health.UNREACHABLE, Reason.GATEWAY_DOWN),
        (Fault.DARK, Fault.NONE, Health.DOWN, Reason.CONNECT_TIMEOUT),
        (Fault.DARK, Fault.REFUSE, Health.DOWN, Reason.CONNECT_TIMEOUT),
        (Fault.REFUSE, Fault.DARK, Health.DOWN, Reason.CONNECT_REFUSED),
        (Fault.STALL, Fault.DARK, Health.DOWN, Reason.TIMEOUT_FIRST_BYTE),
    ],
)
def test_the_gateway_tells_a_dead_camera_from_a_dead_link(
    requests: Requests, camera: Fault, gateway: Fault, health: Health, reason: Reason
) -> None:
    """Only a camera that is silent altogether may be cut off by its link."""
    verdict = behind(requests, camera, gateway)

    assert (verdict.health, verdict.reason) == (health, reason)


def test_a_gateway_buys_no_time_either(requests: Requests) -> None:
    """One that is silent up to the end of the probe is silent."""
    limits = replace(QUICK, gateway_seconds=30)

    verdict = behind(requests, Fault.DARK, Fault.DARK, limits=limits)

    assert verdict.reason is Reason.GATEWAY_DOWN
    assert verdict.phases["total"] < limits.gateway_seconds / 2


def test_slowness_is_measured_on_what_the_camera_took(probe: Probe) -> None:
    """From the limit on, an answer is an issue."""
    verdict = probe(Device(), limits=Limits(slow_seconds=0.0))

    assert verdict.issues == {Issue.SLOW}
