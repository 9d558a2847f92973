"""What devices do with their clocks: points 1, 2, 5, 6, 7 and 8 of the quirk list."""

import pytest
import uvloop

from probes.engine import probe_once
from probes.explain import Trace
from probes.simulator import Device, Fault, Simulation
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue, Verdict
from tests.probes.conftest import LOOPBACK, QUICK, Probe

VERIFIED = Authentication.VERIFIED


def camera(fault: Fault = Fault.NONE, *, offset: float = 0.0) -> Device:
    """Make a camera that refuses tokens which are 20 s off its own clock."""
    return Device(
        password="word", fault=fault, clock_offset_seconds=offset, max_skew_seconds=20, serial="Q1"
    )


@pytest.mark.parametrize("offset", [-86_400.0, -30.0, 30.0, 3_600.0])
def test_q01_a_camera_whose_clock_is_off_accepts_a_token_of_its_own_time(
    probe: Probe, offset: float
) -> None:
    """The password is good: that is no authentication failure, and takes one login."""
    trace = Trace(keep=True)

    verdict = probe(camera(offset=offset), trace=trace)

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == {Issue.CLOCK_SKEW}
    assert verdict.clock_offset_seconds == pytest.approx(offset, abs=3)
    assert [step.code for step in trace.steps].count("login") == 1


@pytest.mark.parametrize("offset", [0.0, -7_200.0])
def test_q02_a_camera_that_asks_for_a_login_even_for_the_time_tells_it_by_its_date_header(
    probe: Probe, offset: float
) -> None:
    """It is alive, and the HTTP Date header dates the token."""
    verdict = probe(camera(Fault.AUTH_EVERYTHING, offset=offset))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == ({Issue.CLOCK_SKEW} if offset else frozenset())
    assert verdict.clock_offset_seconds == pytest.approx(offset, abs=3)


def test_q05_a_camera_that_tells_local_time_alone_is_up_with_a_clock_of_no_use(
    probe: Probe,
) -> None:
    """Local time of the year 1979, without UTC: nothing to date a token by."""
    device = Device(password="word", fault=Fault.LOCAL_TIME_ONLY)

    verdict = probe(device)

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == {Issue.CLOCK_INVALID}
    assert verdict.clock_offset_seconds is None


@pytest.mark.parametrize("fault", [Fault.MINUTE_61, Fault.MONTH_13, Fault.UNSET_CLOCK])
def test_q06_a_date_that_does_not_exist_is_an_issue_and_no_outage(
    probe: Probe, fault: Fault
) -> None:
    """A minute 61, the month 13, and 1970: nothing raises."""
    verdict = probe(Device(password="word", fault=fault))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == {Issue.CLOCK_INVALID}


def test_q07_a_time_zone_that_cannot_be_read_is_not_read(probe: Probe) -> None:
    """Only UTC counts, so that no zone can spoil it."""
    verdict = probe(camera(Fault.ODD_ZONE))

    assert (verdict.health, verdict.authentication) == (Health.UP, VERIFIED)
    assert verdict.issues == frozenset()


def test_q08_a_clock_that_a_restart_resets_is_followed_from_probe_to_probe(
    requests: Requests,
) -> None:
    """The offset is taken anew each time, and the reset is an issue."""

    async def run() -> list[Verdict]:
        async with Simulation([camera()]) as simulation:
            target = Target(
                1,
                "127.0.0.1",
                simulation.ports[0],
                username="admin",
                password="word",
                networks=LOOPBACK,
                verify_authentication=True,
            )
            before = await probe_once(requests, target, limits=QUICK)
            await simulation.cameras[0].become(Fault.UNSET_CLOCK)
            return [before, await probe_once(requests, target, limits=QUICK)]

    verdicts = uvloop.run(run())

    assert [each.authentication for each in verdicts] == [VERIFIED, VERIFIED]
    assert [each.issues for each in verdicts] == [frozenset(), {Issue.CLOCK_INVALID}]
