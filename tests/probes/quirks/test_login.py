"""How devices want their logins: points 3, 4, 9 to 15, 17 to 19 and 42 of the quirk list."""

import re

import pytest
import uvloop

from probes.engine import probe_once
from probes.explain import Trace
from probes.simulator import Device, Fault, Simulation
from probes.target import Requests, Target
from probes.verdict import REFUSALS, Authentication, Health, Issue
from tests.probes.conftest import LOOPBACK, QUICK, Probe

SECRET = "a-word-that-stands-out"
FAILED, NONE = Authentication.FAILED, Authentication.NONE
VERIFIED, UNVERIFIED = Authentication.VERIFIED, Authentication.UNVERIFIED


def camera(fault: Fault = Fault.NONE) -> Device:
    """Make a camera with a password."""
    return Device(password=SECRET, fault=fault)


def requests_in(heard: list[bytes]) -> list[bytes]:
    """Cut what a camera heard into its requests."""
    return re.split(rb"(?=POST /)", b"".join(heard))[1:]


def logins_in(heard: list[bytes]) -> list[bytes]:
    """Give the requests that carried credentials of any kind."""
    return [each for each in requests_in(heard) if b"UsernameToken" in each or b"\nAuth" in each]


def test_q03_the_clock_call_carries_no_credentials(probe: Probe) -> None:
    """A device that needs no token for its clock may refuse one, good or bad."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.BARE_PRE_AUTH), heard=heard)

    clock = next(each for each in requests_in(heard) if b"GetSystemDateAndTime" in each)
    assert b"Security" not in clock
    assert b"Authorization" not in clock
    assert (verdict.authentication, verdict.issues) == (VERIFIED, frozenset())


@pytest.mark.parametrize("proving", [True, False])
def test_q04_a_camera_that_chokes_on_a_security_header_is_up(probe: Probe, proving: bool) -> None:  # noqa: FBT001
    """It answers whoever asks without one, and that is said."""
    verdict = probe(camera(Fault.NO_SECURITY), verify_authentication=proving)

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.AUTH_SCHEME_UNSUPPORTED, Issue.ANONYMOUS_ACCESS}
    assert verdict.authentication is NONE
    assert verdict.identity is not None


@pytest.mark.parametrize(
    "fault",
    [Fault.WRONG_PASSWORD, Fault.AUTH_EVERYTHING, Fault.BARE_REFUSAL, Fault.HTTP_DIGEST],
)
def test_q09_a_refusal_is_one_under_any_http_status(probe: Probe, fault: Fault) -> None:
    """400, 401 and 500 were all seen; a wrong password is no outage under any of them."""
    verdict = probe(camera(fault), password="wrong")

    assert verdict.health is Health.UP
    assert (verdict.issues, verdict.authentication) == (frozenset({Issue.AUTH_FAILED}), FAILED)


@pytest.mark.parametrize("fault", [Fault.BARE_REFUSAL, Fault.FAULT_AS_ROOT, Fault.AUTH_EVERYTHING])
def test_q10_a_refusal_without_the_standards_subcode_is_one_too(probe: Probe, fault: Fault) -> None:
    """Receiver instead of Sender, no subcode, no prefix, no envelope: the words decide."""
    right, wrong = probe(camera(fault)), probe(camera(fault), password="wrong")

    assert (right.authentication, right.issues) == (VERIFIED, frozenset())
    assert (wrong.authentication, wrong.issues) == (FAILED, frozenset({Issue.AUTH_FAILED}))


def test_q11_a_camera_that_wants_http_digest_gets_it(probe: Probe) -> None:
    """And no token beside it."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.HTTP_DIGEST), heard=heard)

    assert (verdict.authentication, verdict.issues) == (VERIFIED, frozenset())
    assert b"UsernameToken" not in b"".join(heard)


def test_q11_a_camera_that_wants_what_is_never_sent_is_up_with_the_issue(probe: Probe) -> None:
    """Basic would give the password away."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.BASIC_ONLY), heard=heard)

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.AUTH_SCHEME_UNSUPPORTED}
    assert b"Authorization: Basic" not in b"".join(heard)


def test_q12_digest_is_spoken_with_sha_256_for_the_very_path_that_is_asked(probe: Probe) -> None:
    """Some devices bind the nonce to the URL, and list what we do not speak first."""
    heard: list[bytes] = []
    device = Device(password=SECRET, fault=Fault.SHA256_ONLY, path="/onvif/Device?x=1")

    verdict = probe(device, heard=heard, path=device.path)

    (login,) = logins_in(heard)
    assert verdict.authentication is VERIFIED
    assert b'uri="/onvif/Device?x=1"' in login
    assert b"algorithm=SHA-256" in login
    assert re.search(rb'cnonce="[^"]{8,}"', login)
    assert b"nc=00000001" in login


def test_q13_a_camera_that_takes_clear_passwords_alone_does_not_get_one_over_http(
    probe: Probe,
) -> None:
    """The password would leak: the login fails, and the camera is up."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.PASSWORD_TEXT), heard=heard)

    assert (verdict.health, verdict.authentication) == (Health.UP, FAILED)
    assert SECRET.encode() not in b"".join(heard)
    assert b"PasswordText" not in b"".join(heard)


@pytest.mark.parametrize(
    ("fault", "issue", "words"),
    [
        (Fault.ATTEMPTS_LEFT, Issue.AUTH_FAILED, "26 attempt(s)"),
        (Fault.LOCKED, Issue.AUTH_LOCKED, "locked"),
    ],
)
def test_q14_a_camera_that_counts_down_to_a_lock_is_asked_once(
    probe: Probe, fault: Fault, issue: Issue, words: str
) -> None:
    """What it says of the attempts that are left is shown, and none is wasted."""
    heard: list[bytes] = []

    verdict = probe(camera(fault), heard=heard)

    assert (verdict.health, verdict.authentication) == (Health.UP, FAILED)
    assert verdict.issues == {issue}
    assert words in verdict.detail
    assert len(logins_in(heard)) == 1


def test_q14_after_a_refusal_the_clock_call_goes_on_alone(probe: Probe) -> None:
    """Until the credentials change, the camera hears none."""
    heard: list[bytes] = []

    verdict = probe(camera(Fault.ATTEMPTS_LEFT), heard=heard, send_credentials=False)

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset({Issue.AUTH_FAILED}))
    assert verdict.authentication is FAILED
    assert logins_in(heard) == []
    assert b"GetSystemDateAndTime" in b"".join(heard)


@pytest.mark.parametrize("refusal", sorted(REFUSALS))
def test_q14_what_the_refusal_said_holds_until_the_credentials_change(
    probe: Probe, refusal: Issue
) -> None:
    """A locked account does not turn into a wrong password by our silence."""
    verdict = probe(camera(), send_credentials=False, refusal=refusal.value)

    assert (verdict.issues, verdict.authentication) == (frozenset({refusal}), FAILED)


@pytest.mark.parametrize("fault", [each for each in Fault if each is not Fault.SLOW])
def test_q15_no_device_gets_more_than_two_logins_in_a_cycle(probe: Probe, fault: Fault) -> None:
    """Whatever it answers: ladders of fallbacks lock accounts."""
    heard: list[bytes] = []

    probe(camera(fault), heard=heard, password="wrong", timeout_seconds=1)

    assert len(logins_in(heard)) <= 2


def test_q17_a_camera_without_accounts_gets_no_empty_token(probe: Probe) -> None:
    """It works only for who brings none."""
    heard: list[bytes] = []

    verdict = probe(Device(username=""), heard=heard)

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.ANONYMOUS_ACCESS}
    assert verdict.identity is not None
    assert logins_in(heard) == []


def test_q18_a_camera_that_lets_everybody_in_proves_no_password(probe: Probe) -> None:
    """Right or wrong, it passes: that is `unverified`, and a finding for the audit."""
    for password in (SECRET, "wrong"):
        verdict = probe(camera(Fault.ANONYMOUS), password=password)

        assert (verdict.health, verdict.authentication) == (Health.UP, UNVERIFIED)
        assert verdict.issues == {Issue.AUTH_UNVERIFIED, Issue.ANONYMOUS_ACCESS}


def test_q19_an_account_that_may_not_ask_is_not_refused(probe: Probe) -> None:
    """The device knows it and forbids this one question: no failure, and no lock to fear."""
    verdict = probe(camera(Fault.LOW_PRIVILEGE))

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.ACTION_NOT_SUPPORTED}
    assert verdict.authentication is not FAILED
    assert verdict.identity is None


def test_q42_a_camera_that_refuses_replays_never_sees_a_nonce_twice(requests: Requests) -> None:
    """Each login is made for one sending."""
    heard: list[bytes] = []

    async def run() -> list[Authentication]:
        device = camera(Fault.FRESH_NONCE)
        async with Simulation([device], heard=lambda _, data: heard.append(data)) as simulation:
            target = Target(
                1,
                "127.0.0.1",
                simulation.ports[0],
                username="admin",
                password=SECRET,
                networks=LOOPBACK,
                verify_authentication=True,
            )
            return [
                (await probe_once(requests, target, limits=QUICK)).authentication for _ in range(3)
            ]

    found = uvloop.run(run())

    nonces = re.findall(rb"Nonce[^>]*>([^<]+)<", b"".join(heard))
    assert found == [VERIFIED] * 3
    assert len(set(nonces)) == len(nonces) == 3


def test_q09_the_steps_name_what_the_camera_answered(probe: Probe) -> None:
    """A technician sees status and fault, not only that it failed."""
    trace = Trace(keep=True)

    probe(camera(Fault.BARE_REFUSAL), password="wrong", trace=trace)

    assert "HTTP 500" in trace.steps[-2].seen
    assert "Authentication failed" in trace.steps[-2].seen
