"""A device is asked who it is, politely, and whatever it answers is no accident of ours."""

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from zeep import Client
from zeep.proxy import OperationProxy

from probes.onvif.contract import ContractError
from probes.onvif.facts import Inventory, Outcome, Service
from probes.onvif.inventory import MOST_BYTES, Library, Operation
from probes.simulator import Device, Fault, Simulation
from probes.simulator.answers import operation
from probes.target import Target
from probes.transport.blocking import Poster
from probes.transport.tls import Contexts
from tests.probes.conftest import LOOPBACK

Take = Callable[..., tuple[Inventory, list[bytes]]]
WITH_ALL = Device(password="pw", mac="02:00:00:00:00:2A")


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def library() -> Library:
    """Return the standard's files, read once."""
    return Library()


@pytest.fixture
def take(library: Library) -> Take:
    """Return a function that takes the inventory of one simulated camera, and what it heard."""

    def once(
        device: Device, *, seconds: float = 5, **changes: object
    ) -> tuple[Inventory, list[bytes]]:
        heard: list[bytes] = []

        def work(port: int) -> Inventory:
            target = Target(
                7,
                device.host,
                port,
                username=device.username,
                password="pw",
                networks=LOOPBACK,
                **changes,  # type: ignore[arg-type]
            )
            with Poster(
                target, contexts=Contexts(), now=utc_now, seconds=seconds, most=MOST_BYTES
            ) as way:
                return library.take(way, target, now=utc_now)

        async def run() -> Inventory:
            async with Simulation([device], heard=lambda _, data: heard.append(data)) as simulation:
                return await asyncio.to_thread(work, simulation.ports[0])

        return uvloop.run(run()), heard

    return once


def logins(heard: list[bytes]) -> int:
    """Count the requests that carried a login."""
    return sum(b"UsernameToken" in each or b"Authorization:" in each for each in heard)


def test_a_device_tells_all_that_is_asked(take: Take) -> None:
    """Identity, services with their versions, scopes, interfaces, name, time server."""
    inventory, heard = take(WITH_ALL)

    assert inventory.identity is not None
    assert inventory.identity.serial == "SIM-000001"
    assert inventory.services[0] == Service(
        "http://www.onvif.org/ver10/device/wsdl", "2.60", "/onvif/device_service"
    )
    assert len(inventory.scopes) == 3
    assert inventory.mac == "02:00:00:00:00:2A"
    assert (inventory.hostname, inventory.ntp_servers) == ("sim-000001", ("ntp.region.example",))
    assert (inventory.is_ntp_from_dhcp, inventory.clock_source) == (False, "NTP")
    assert set(inventory.outcomes.values()) == {Outcome.OK}
    assert [operation(each) for each in heard][:2] == [Operation.CLOCK, Operation.IDENTITY]
    assert logins(heard[:2]) == 0


def test_an_inventory_is_forgotten_at_once(take: Take) -> None:
    """What it was made with goes away with it, without waiting for the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        inventory, _ = take(WITH_ALL)
        left = [each for each in gc.get_objects() if isinstance(each, OperationProxy | Client)]
    finally:
        gc.enable()

    assert inventory.identity is not None
    assert left == []


def test_each_token_is_fresh_and_follows_the_clock_of_the_device(take: Take) -> None:
    """A device that refuses replays, and whose clock is off by minutes, tells all the same."""
    device = Device(
        password="pw", fault=Fault.FRESH_NONCE, clock_offset_seconds=-437, max_skew_seconds=5
    )

    inventory, heard = take(device)

    assert set(inventory.outcomes.values()) == {Outcome.OK}
    assert not any(b"+00:00</" in each for each in heard)


def test_a_token_without_an_answer_is_made_anew_and_once(take: Take) -> None:
    """The device may have read it before it hung up, and would refuse its nonce."""
    inventory, heard = take(Device(password="pw", fault=Fault.DROPS_REUSED))

    nonces = re.findall(rb"Nonce[^>]*>([^<]+)<", b"".join(heard))
    asked = Counter(operation(each) for each in heard if b"UsernameToken" in each)
    assert set(inventory.outcomes.values()) == {Outcome.OK}
    assert len(set(nonces)) == len(nonces) > len(asked)
    assert max(asked.values()) == 2


def test_a_device_that_wants_http_digest_gets_it_alone(take: Take) -> None:
    """Never a token beside it, and never Basic."""
    inventory, heard = take(Device(password="pw", fault=Fault.HTTP_DIGEST))

    assert inventory.mac
    assert logins(heard) > 3
    assert not any(b"UsernameToken" in each for each in heard)
    assert take(Device(password="pw", fault=Fault.BASIC_ONLY))[0].identity is None
    assert not any(b"Basic" in each for each in heard)


def test_a_refused_login_is_tried_twice_at_most(take: Take) -> None:
    """Cameras lock accounts; what is open to all is still asked."""
    inventory, heard = take(Device(password="pw", fault=Fault.WRONG_PASSWORD))

    assert logins(heard) == 2
    assert inventory.identity is None
    assert inventory.outcomes["GetDeviceInformation"] is Outcome.NOT_PERMITTED
    assert inventory.outcomes["GetSystemDateAndTime"] is Outcome.OK


@pytest.mark.parametrize(
    "changes", [{"send_credentials": False}, {"username": ""}], ids=["latched", "no account"]
)
def test_no_login_is_sent_where_none_may_be(take: Take, changes: dict[str, object]) -> None:
    """After a refusal none goes out until the credentials change; nor an empty user name."""
    device = WITH_ALL if "username" not in changes else Device(username="", password="pw")
    changes.pop("username", None)

    _, heard = take(device, **changes)

    assert logins(heard) == 0


def test_no_login_goes_over_tls_that_is_not_trusted(take: Take, certificate: Path) -> None:
    """By the camera's own rule, as in a probe."""
    device = Device(password="pw", certificate=certificate)

    refused, heard = take(device, scheme="https")
    trusted, _ = take(device, scheme="https", tls_verify="off")

    assert logins(heard) == 0
    assert refused.outcomes["GetNetworkInterfaces"] is Outcome.NOT_PERMITTED
    assert trusted.mac


def test_a_password_in_the_clear_goes_only_where_it_was_opted_for(
    take: Take, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And then inside TLS that was verified."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    device = Device(password="pw", certificate=certificate, fault=Fault.PASSWORD_TEXT)

    clear, _ = take(device, scheme="https", password_text=True)
    digest, heard = take(device, scheme="https")

    assert clear.identity is not None
    assert digest.identity is None
    assert not any(b"#PasswordText" in each for each in heard)


def test_an_account_of_low_rank_still_tells_what_it_may(take: Take) -> None:
    """It is known, and not let in: that is no refusal that could lock it, so all is asked."""
    inventory, heard = take(Device(password="pw", fault=Fault.LOW_PRIVILEGE))

    assert inventory.outcomes["GetNetworkInterfaces"] is Outcome.NOT_PERMITTED
    assert logins(heard) > 2


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.EMPTY_BODY, Outcome.NOT_SUPPORTED),
        (Fault.NOT_XML, Outcome.UNREADABLE),
        (Fault.HTML_LOGIN, Outcome.UNREADABLE),
        (Fault.EMPTY_ENVELOPE, Outcome.UNREADABLE),
        (Fault.SOAP_FAULT, Outcome.NOT_SUPPORTED),
        (Fault.REDIRECT, Outcome.UNREADABLE),
        (Fault.GARBAGE, Outcome.NO_ANSWER),
        (Fault.CLOSES_EARLY, Outcome.NO_ANSWER),
    ],
)
def test_odd_devices_make_no_accident(take: Take, fault: Fault, outcome: Outcome) -> None:
    """Zeep raises whatever there is; what came of each question is recorded instead."""
    inventory, heard = take(Device(password="pw", fault=fault))

    assert set(inventory.outcomes.values()) == {outcome}
    assert logins(heard) == 0


def test_a_device_that_stalls_costs_no_more_than_its_time(take: Take) -> None:
    """One deadline over everything; each question after it is not even sent."""
    inventory, heard = take(Device(password="pw", fault=Fault.STALL), seconds=1)

    assert set(inventory.outcomes.values()) == {Outcome.NO_ANSWER}
    assert len(heard) <= 2


def test_other_distributions_in_the_same_folder_stop_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """onvif-zeep-async overwrites what is used here; the message says what to do."""
    made = tmp_path / "onvif_zeep_async-4.3.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: onvif-zeep-async\nVersion: 4.3.0\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ContractError, match="onvif-zeep-async overwrites onvif-zeep: uninstall"):
        Library("/anywhere")


def test_an_inventory_bears_the_instant_of_its_first_question(take: Take) -> None:
    """Facts have a date."""
    inventory, _ = take(WITH_ALL)

    assert timedelta(0) <= utc_now() - inventory.at < timedelta(seconds=30)


def test_a_device_that_wants_a_login_for_its_clock_tells_it_in_a_header(take: Take) -> None:
    """Its tokens follow the Date of its refusal."""
    device = Device(
        password="pw", fault=Fault.AUTH_EVERYTHING, clock_offset_seconds=-437, max_skew_seconds=5
    )

    inventory, heard = take(device)

    assert inventory.outcomes["GetSystemDateAndTime"] is Outcome.NOT_PERMITTED
    assert inventory.identity is not None
    assert logins(heard) > 2
