"""The probe is right on ipycam, a device server that is not ours."""

from collections.abc import Iterator

import pytest

from probes.engine import run_probe
from probes.engine.prober import utc_now
from probes.onvif.discovery import discover, interfaces_within
from probes.onvif.facts import Outcome
from probes.onvif.inventory import MOST_BYTES, Library
from probes.target import Requests, Target
from probes.transport.blocking import Poster
from probes.transport.tls import Contexts
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


def test_its_inventory_is_taken_and_what_it_does_not_know_is_said(port: int) -> None:
    """It knows nothing of interfaces and names; that is a fact as well."""
    library, named = Library(), target(port, PASSWORD)

    with Poster(named, contexts=Contexts(), now=utc_now, seconds=20, most=MOST_BYTES) as way:
        inventory = library.take(way, named, now=utc_now)

    assert inventory.identity is not None
    assert inventory.identity.serial == "PY-000001"
    assert {each.version for each in inventory.services} == {"2.5"}
    assert inventory.outcomes["GetNetworkInterfaces"] is Outcome.NOT_SUPPORTED


@pytest.mark.usefixtures("port")
def test_it_is_found_by_a_call_on_loopback() -> None:
    """At the port that it gives itself, wherever it believes to be."""
    found = discover(interfaces_within(LOOPBACK), networks=LOOPBACK, seconds=2)

    assert any(each.endpoint.startswith("urn:uuid:") and each.addresses for each in found)
