"""The quick way and the thorough way of asking come to the same verdict, whatever the camera."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import uvloop

from probes.engine import Engine, probe_once
from probes.onvif.contract import load_requests
from probes.simulator import Device, Fault, Simulation
from probes.target import Target
from probes.verdict import Authentication, Identity, Verdict
from tests.probes.conftest import LOOPBACK, QUICK

# What never ends is given little time, what ends by itself is never cut short; the slow
# camera has time for its first answer, in the first of two attempts.
SECONDS = {Fault.DARK: 2.0, Fault.STALL: 2.0, Fault.SLOW_DRIP: 2.0, Fault.SLOW: 9.0}
PLENTY_SECONDS = 60.0
# No more than a loaded machine can serve at once.
AT_ONCE = 32
KINDS: Mapping[str, Mapping[str, Any]] = {
    "credentials proven before": {"authentication_known": Authentication.VERIFIED},
    "credentials never proven": {},
    "credentials found needless": {"authentication_known": Authentication.UNVERIFIED},
    "credentials to be proven": {"verify_authentication": True},
    "credentials refused before": {"send_credentials": False},
    "no credentials": {"username": "", "password": ""},
}
CASES = [(kind, fault) for kind in KINDS for fault in Fault]


async def both_ways() -> dict[tuple[str, Fault], tuple[Verdict, Verdict]]:
    """Probe each camera for each kind of target in both ways, all at once."""
    requests = load_requests()
    # A camera each for the two ways: one device is asked by one probe at a time.
    # And an address each, or one that refuses would lend its port to another.
    devices = [
        Device(f"127.9.{number >> 8}.{number & 255}", password="word", fault=CASES[number // 2][1])
        for number in range(2 * len(CASES))
    ]
    async with Simulation(devices) as simulation:
        targets = [
            replace(
                Target(
                    number,
                    device.host,
                    port,
                    username="admin",
                    password="word",
                    networks=LOOPBACK,
                    expected=Identity("Simulated", "SIM-2000", "1.0.0", "SIM-000001"),
                    timeout_seconds=SECONDS.get(device.fault, PLENTY_SECONDS),
                ),
                **KINDS[CASES[number // 2][0]],
            )
            for number, (device, port) in enumerate(zip(devices, simulation.ports, strict=True))
        ]
        limits = replace(QUICK, in_flight=AT_ONCE, connect_seconds=PLENTY_SECONDS)
        turns = asyncio.Semaphore(AT_ONCE)

        async def thoroughly(target: Target) -> Verdict:
            async with turns:
                return await probe_once(requests, target, limits=limits)

        engine = Engine(requests, limits)
        engine.feed(targets[::2])
        thorough = await asyncio.gather(*(thoroughly(target) for target in targets[1::2]))
        quick: list[Verdict] = []
        while len(quick) < len(CASES):
            await asyncio.sleep(0.05)
            quick += engine.drain()
        await engine.close()
    by_key = {verdict.key // 2: verdict for verdict in quick}
    return {case: (by_key[n], thorough[n]) for n, case in enumerate(CASES)}


@cache
def verdicts() -> dict[tuple[str, Fault], tuple[Verdict, Verdict]]:
    """Run all cases once."""
    return uvloop.run(both_ways())


@pytest.mark.parametrize(("kind", "fault"), CASES)
def test_both_ways_come_to_the_same_verdict(kind: str, fault: Fault) -> None:
    """The explained probe tells the truth about what the loop does."""
    quick, thorough = verdicts()[kind, fault]

    assert said(quick) == said(thorough)
    assert quick.phases.keys() == thorough.phases.keys()
    assert (quick.clock_offset_seconds or 0.0) == pytest.approx(
        thorough.clock_offset_seconds or 0.0, abs=2
    )


def said(verdict: Verdict) -> dict[str, object]:
    """Give what a verdict says, but for what differs from one probe to the next."""
    plain = verdict.to_dict()
    for name in ("key", "at", "phases"):
        del plain[name]
    plain["clock_offset_seconds"] = plain["clock_offset_seconds"] is not None
    # The port of the one camera is not that of the other.
    plain["detail"] = "".join(each for each in plain["detail"] if not each.isdigit())
    return plain
