"""The simulator checks logins for real, or a test against it proves nothing."""

import time

import pytest

from probes.onvif.reply import Clock, Fault, Named, slow_clock, slow_identity
from probes.onvif.wsse import sign
from probes.simulator import Device
from probes.simulator import Fault as Broken
from probes.simulator.answers import (
    clock_answer,
    digest_passes,
    fault_answer,
    identity_answer,
    interfaces_answer,
    operation,
    token_passes,
)
from probes.target import Requests
from probes.transport.digest import authorise

CAMERA = Device(username="a&b", password="word")


def test_the_operation_is_read_from_the_body(requests: Requests) -> None:
    """Whatever the prefix, and behind a header too."""
    assert operation(requests.clock) == "GetSystemDateAndTime"
    assert operation(b"".join(requests.signed)) == "GetDeviceInformation"
    assert operation(b"garbage") == ""


def test_a_right_token_passes(requests: Requests) -> None:
    """Name, digest and age."""
    assert token_passes(sign(requests.signed, "a&b", "word", at=time.time()), CAMERA, Broken.NONE)


@pytest.mark.parametrize(
    ("username", "password", "at"),
    [("a&b", "wrong", 0.0), ("other", "word", 0.0), ("a&b", "word", -20.0)],
)
def test_a_wrong_token_fails(requests: Requests, username: str, password: str, at: float) -> None:
    """Wrong password, wrong name, or too old for a device that cares."""
    strict = Device(username="a&b", password="word", max_skew_seconds=10)
    token = sign(requests.signed, username, password, at=time.time() + at)

    assert not token_passes(token, strict, Broken.NONE)


def test_no_token_fails(requests: Requests) -> None:
    """Nor does an empty one pass."""
    assert not token_passes(requests.identity, CAMERA, Broken.NONE)
    assert not token_passes(b"".join(requests.signed), CAMERA, Broken.NONE)


@pytest.mark.parametrize(
    ("password", "nonce", "expected"),
    [("word", "n1", True), ("wrong", "n1", False), ("word", "n2", False)],
)
def test_a_digest_is_checked(password: str, nonce: str, *, expected: bool) -> None:
    """Against the nonce that was sent, in either algorithm."""
    for algorithm in ("MD5", "SHA-256"):
        challenge = {"realm": "ONVIF", "nonce": nonce, "qop": "auth", "algorithm": algorithm}
        header = authorise(challenge, "a&b", password, uri="/x")
        head = f"POST /x HTTP/1.1\r\nAuthorization: {header}".encode()

        assert digest_passes(head, "n1", CAMERA, Broken.NONE) is expected


def test_what_it_says_can_be_read_whatever_the_serial() -> None:
    """The prefixes vary with the serial, the meaning does not."""
    for number in range(12):
        device = Device(serial=f"SIM-{number}", model="A & B")

        clock = slow_clock(clock_answer(device, Broken.NONE))
        named = slow_identity(identity_answer(device, Broken.NONE))

        assert isinstance(clock, Clock)
        assert clock.at == pytest.approx(time.time(), abs=2)
        assert isinstance(named, Named)
        assert (named.identity.serial, named.identity.model) == (f"SIM-{number}", "A & B")
        assert not named.broken


def test_a_fault_nests_its_subcodes() -> None:
    """As the standard has it, outermost first."""
    body = fault_answer(CAMERA, "Sender", ("ter:InvalidArgVal", "ter:NoProfile"), "no")

    assert slow_identity(body) == Fault(("Sender", "InvalidArgVal", "NoProfile"), "no")


def test_the_mac_is_told_with_the_interfaces() -> None:
    """The inventory will ask for it."""
    assert CAMERA.mac.encode() in interfaces_answer(CAMERA)
