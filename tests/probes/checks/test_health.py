"""The verdict is right on each kind of camera that the simulator knows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from probes.explain import Trace
from probes.simulator import Device, Fault
from probes.verdict import Authentication, Health, Identity, Issue, Reason
from tests.probes.conftest import QUICK, Probe

CAMERA = Device(password="word", serial="SIM-123")
FAILED, NONE = Authentication.FAILED, Authentication.NONE
VERIFIED, UNVERIFIED = Authentication.VERIFIED, Authentication.UNVERIFIED


def faulty(fault: Fault) -> Device:
    """Return the camera with a fault."""
    return Device(password="word", serial="SIM-123", fault=fault)


def test_a_healthy_camera_is_up_verified_and_named(probe: Probe) -> None:
    """Everything that a verdict can say about a camera that is well."""
    verdict = probe(CAMERA)

    assert verdict.health is Health.UP
    assert verdict.reason is None
    assert verdict.reachable
    assert verdict.issues == frozenset()
    assert verdict.authentication is VERIFIED
    assert verdict.identity == Identity("Simulated", "SIM-2000", "1.0.0", "SIM-123", "SIM")
    assert verdict.clock_offset_seconds is not None
    assert -1.1 < verdict.clock_offset_seconds < 0.1
    assert set(verdict.phases) == {"dns", "connect", "clock", "identity", "total"}


@pytest.mark.parametrize(
    ("fault", "reason", "reachable"),
    [
        (Fault.REFUSE, Reason.CONNECT_REFUSED, False),
        (Fault.DARK, Reason.CONNECT_TIMEOUT, False),
        (Fault.STALL, Reason.TIMEOUT_FIRST_BYTE, True),
        (Fault.SLOW_DRIP, Reason.TIMEOUT_BODY, True),
        (Fault.RESET, Reason.CONNECT_RESET, True),
        (Fault.GARBAGE, Reason.NOT_HTTP, True),
        (Fault.HTML_LOGIN, Reason.NOT_ONVIF, True),
        (Fault.EMPTY_BODY, Reason.NOT_ONVIF, True),
        (Fault.EMPTY_ENVELOPE, Reason.NOT_ONVIF, True),
        (Fault.NOT_XML, Reason.NOT_ONVIF, True),
        (Fault.REDIRECT, Reason.REDIRECT, True),
        (Fault.TOO_LARGE, Reason.TOO_LARGE, True),
        (Fault.SOAP_FAULT, Reason.SOAP_FAULT, True),
    ],
)
def test_a_camera_that_gives_no_answer_is_down(
    probe: Probe, fault: Fault, reason: Reason, *, reachable: bool
) -> None:
    """The reason tells a technician which of many errands it is."""
    verdict = probe(faulty(fault))

    assert (verdict.health, verdict.reason) == (Health.DOWN, reason)
    assert verdict.reachable is reachable
    assert verdict.identity is None
    assert verdict.authentication is NONE


@pytest.mark.parametrize(
    ("fault", "issues", "authentication"),
    [
        (Fault.NONE, set(), VERIFIED),
        (Fault.HTTP_DIGEST, set(), VERIFIED),
        (Fault.AUTH_EVERYTHING, set(), VERIFIED),
        (Fault.SLOW_CLOCK, {Issue.CLOCK_SKEW}, VERIFIED),
        (Fault.UNSET_CLOCK, {Issue.CLOCK_INVALID}, VERIFIED),
        (Fault.BROKEN_XML, {Issue.XML_BROKEN}, VERIFIED),
        (Fault.WRONG_PASSWORD, {Issue.AUTH_FAILED}, FAILED),
        (Fault.LOCKED, {Issue.AUTH_LOCKED}, FAILED),
        (Fault.BASIC_ONLY, {Issue.AUTH_SCHEME_UNSUPPORTED}, FAILED),
        (Fault.ANONYMOUS, {Issue.AUTH_UNVERIFIED, Issue.ANONYMOUS_ACCESS}, UNVERIFIED),
        (Fault.OTHER_SERIAL, {Issue.IDENTITY_MISMATCH}, VERIFIED),
        (Fault.OTHER_FIRMWARE, {Issue.FIRMWARE_CHANGED}, VERIFIED),
    ],
)
def test_a_camera_that_answers_is_up_with_its_issues(
    probe: Probe, fault: Fault, issues: set[Issue], authentication: Authentication
) -> None:
    """A wrong password, clock or serial is not an outage."""
    expected = Identity("Simulated", "SIM-2000", "1.0.0", "SIM-123")

    verdict = probe(faulty(fault), expected=expected)

    assert verdict.health is Health.UP
    assert verdict.issues == issues
    assert verdict.authentication is authentication


def test_a_slow_camera_is_up_and_slow(probe: Probe) -> None:
    """It answered the clock call in time, if only just."""
    verdict = probe(faulty(Fault.SLOW), timeout_seconds=9)

    assert verdict.health is Health.UP
    assert Issue.SLOW in verdict.issues
    assert Issue.CLOCK_SKEW not in verdict.issues


def test_a_wrong_password_is_tried_once_a_probe(probe: Probe) -> None:
    """Cameras lock accounts: a refusal for good is not repeated."""
    trace = Trace(keep=True)

    probe(faulty(Fault.WRONG_PASSWORD), trace=trace)

    assert [step.code for step in trace.steps if step.code.startswith("login")] == ["login"]


def test_after_a_refusal_no_credentials_are_sent(probe: Probe) -> None:
    """The clock call goes on, and the issue stays until the credentials change."""
    trace = Trace(keep=True)

    verdict = probe(CAMERA, trace=trace, send_credentials=False)

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.AUTH_FAILED}
    assert verdict.authentication is FAILED
    assert not [step for step in trace.steps if step.code.startswith("login")]


def test_a_camera_of_which_we_hold_no_credentials_is_up(probe: Probe) -> None:
    """It refuses to say who it is, and that is well."""
    verdict = probe(CAMERA, username="", password="")

    assert verdict.health is Health.UP
    assert verdict.issues == frozenset()
    assert verdict.authentication is NONE


def test_a_camera_without_accounts_is_named_and_reported(probe: Probe) -> None:
    """No empty token is sent to a camera that wants none."""
    verdict = probe(Device(username=""), username="", password="")

    assert verdict.issues == {Issue.ANONYMOUS_ACCESS}
    assert verdict.identity is not None


@pytest.mark.parametrize(
    ("known", "authentication", "issues"),
    [
        ("verified", VERIFIED, set()),
        ("unverified", UNVERIFIED, {Issue.AUTH_UNVERIFIED}),
        ("none", UNVERIFIED, set()),
    ],
)
def test_between_proofs_what_was_proven_is_remembered(
    probe: Probe, known: str, authentication: Authentication, issues: set[Issue]
) -> None:
    """In the loop the proof is daily: one question less a minute."""
    trace = Trace(keep=True)

    verdict = probe(CAMERA, trace=trace, verify_authentication=False, authentication_known=known)

    assert verdict.authentication is authentication
    assert verdict.issues == issues
    assert [step.code for step in trace.steps][2:4] == ["clock", "login"]


def test_a_token_follows_the_devices_clock(probe: Probe) -> None:
    """A camera that is an hour slow and strict about tokens still lets us in."""
    strict = Device(password="word", clock_offset_seconds=-3600, max_skew_seconds=5)

    verdict = probe(strict)

    assert verdict.authentication is VERIFIED
    assert verdict.issues == {Issue.CLOCK_SKEW}


def test_our_own_wrong_clock_does_not_spoil_the_login(probe: Probe) -> None:
    """The offset is taken against the clock that signs, whichever of the two is wrong."""
    strict = Device(password="word", max_skew_seconds=5)

    verdict = probe(strict, clock=lambda: datetime.now(UTC) + timedelta(days=2))

    assert verdict.authentication is VERIFIED
    assert verdict.clock_offset_seconds == pytest.approx(-2 * 86400, abs=2)


def test_http_digest_is_spoken_without_a_token(probe: Probe) -> None:
    """The standard forbids both at once: the challenge of the clock call is answered."""
    trace = Trace(keep=True)

    probe(faulty(Fault.HTTP_DIGEST), trace=trace, verify_authentication=False)

    codes = [step.code for step in trace.steps]
    assert codes[2:4] == ["clock", "login_digest"]


def test_plain_http_is_an_issue_only_where_asked_for(probe: Probe) -> None:
    """Nearly all cameras speak it: flagged on all, it would say nothing."""
    verdict = probe(CAMERA, limits=replace(QUICK, flag_plain_http=True))

    assert verdict.issues == {Issue.PLAIN_HTTP}
