"""The probe is right on ipycam, a device server that is not ours."""

from collections.abc import Iterator

import pytest

from probes.engine import run_probe
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue
from tests.ipycam_device import PASSWORD, running_ipycam
from tests.probes.conftest import LOOPBACK


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run an ipycam with a password; return its ONVIF port."""
    with running_ipycam() as port:
        yield port


def target(port: int, password: str) -> Target:
    """Name the device."""
    return Target(
        1,
        "127.0.0.1",
        port,
        username="admin",
        password=password,
        networks=LOOPBACK,
        verify_authentication=True,
    )


def test_the_right_password_is_verified(requests: Requests, port: int) -> None:
    """It wants a token even for its clock, and refuses one that is 300 s off."""
    verdict = run_probe(requests, target(port, PASSWORD))

    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.VERIFIED
    assert verdict.issues == frozenset()
    assert verdict.identity is not None
    assert verdict.identity.manufacturer == "PythonCam"


def test_a_wrong_password_is_an_issue_and_no_outage(requests: Requests, port: int) -> None:
    """The device answers: it is up, and somebody must see to the password."""
    verdict = run_probe(requests, target(port, "wrong"))

    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.FAILED
    assert verdict.issues == {Issue.AUTH_FAILED}
