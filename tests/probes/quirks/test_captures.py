"""What real devices wrote, byte for byte, comes to the verdict that a person would give."""

# zeep is typed only in part.
# mypy: disable-error-code="no-untyped-call"

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvloop
from lxml import etree
from zeep import Client, Settings

from probes.engine import probe_once
from probes.onvif.contract import BINDING, Offline, find_wsdl
from probes.onvif.reply import (
    Clock,
    Fault,
    Named,
    Other,
    fast_clock,
    fast_identity,
    slow_clock,
    slow_identity,
)
from probes.target import Requests, Target
from probes.verdict import Verdict
from tests.conftest import SHARED
from tests.probes.conftest import LOOPBACK, QUICK
from tests.probes.quirks.replay import Capture, captures, expectations, replayed, reply_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOLDER = SHARED / "captures"
EXPECTED = expectations()
FIELDS = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no ../shared/captures beside this checkout"
)


def listed() -> list[Capture]:
    """List the recorded replies, or none where the folder is absent."""
    return list(captures(FOLDER)) if FOLDER.is_dir() else []


def ask(requests: Requests, reply: bytes) -> Verdict:
    """Probe a device that gives one reply to everything."""

    async def run() -> Verdict:
        async with replayed(reply) as port:
            target = Target(
                1,
                "127.0.0.1",
                port,
                username="admin",
                password="word",
                networks=LOOPBACK,
                verify_authentication=True,
                timeout_seconds=5,
            )
            return await probe_once(requests, target, limits=QUICK, clock=lambda: NOON)

    return uvloop.run(run())


def test_every_recorded_reply_stands_in_the_table() -> None:
    """A capture that is added must be judged by a person first."""
    assert {each.name for each in listed()} == set(EXPECTED)
    assert len(EXPECTED) == 168


@pytest.mark.parametrize("capture", listed(), ids=lambda each: each.name)
def test_a_recorded_reply_gets_its_verdict(requests: Requests, capture: Capture) -> None:
    """Over a real socket, with the headers that were recorded."""
    verdict = ask(requests, reply_of(capture))

    codes = [verdict.reason] if verdict.reason else verdict.issues
    assert (str(verdict.health), frozenset(map(str, codes))) == EXPECTED[capture.name]
    assert verdict.reachable


@pytest.fixture(scope="module")
def zeep_client() -> Client:
    """Return zeep's own client of the device service, as lenient as it gets."""
    return Client(str(find_wsdl()), transport=Offline(), settings=Settings(strict=False))


def by_zeep(client: Client, operation: str, body: bytes) -> Any:  # noqa: ANN401 - zeep is untyped
    """Read a body with zeep; None where it cannot."""
    binding = client.wsdl.bindings[BINDING]
    try:
        envelope = etree.fromstring(body)
        return binding.get(operation).process_reply(envelope)
    except Exception:  # noqa: BLE001 - zeep raises whatever it likes on what it cannot read
        return None


def clock_by_zeep(client: Client, body: bytes) -> Clock | None:
    """Read a clock answer with zeep."""
    said = by_zeep(client, "GetSystemDateAndTime", body)
    utc = getattr(said, "UTCDateTime", None)
    if utc is None:
        return None
    date, time = utc.Date, utc.Time
    at = datetime(date.Year, date.Month, date.Day, time.Hour, time.Minute, time.Second, tzinfo=UTC)
    return Clock(at.timestamp())


def identity_by_zeep(client: Client, body: bytes) -> list[str] | None:
    """Read the five fields of an identity answer with zeep."""
    said = by_zeep(client, "GetDeviceInformation", body)
    if getattr(said, "Manufacturer", None) is None:
        return None
    return [" ".join((said[name] or "").split()) for name in FIELDS]


def test_fast_hardened_and_zeep_read_the_same_clock(zeep_client: Client) -> None:
    """On every recorded reply that zeep can read as one."""
    read = 0
    for capture in listed():
        body = capture.path.read_bytes()
        by_another = clock_by_zeep(zeep_client, body)
        if by_another is not None:
            read += 1
            assert slow_clock(body) == by_another, capture.name
            assert fast_clock(body) in {by_another, None}, capture.name

    assert read >= 11


def test_fast_hardened_and_zeep_read_the_same_identity(zeep_client: Client) -> None:
    """On every recorded reply that zeep can read as one."""
    read = quick = 0
    for capture in listed():
        body = capture.path.read_bytes()
        by_another = identity_by_zeep(zeep_client, body)
        if by_another is None:
            continue
        read += 1
        said = slow_identity(body)
        assert isinstance(said, Named)
        assert list(said.identity.to_dict().values())[:5] == by_another, capture.name
        fast = fast_identity(body)
        assert fast in {said, None}, capture.name
        quick += fast is not None

    assert read >= 11
    assert quick >= 9


@pytest.mark.parametrize(
    ("quick", "slow"), [(fast_clock, slow_clock), (fast_identity, slow_identity)]
)
def test_the_fast_reader_never_reads_another_answer(
    quick: Callable[[bytes], object], slow: Callable[[bytes], object]
) -> None:
    """What is no answer to the question is left to the hardened reader, which says what it is."""
    for body in bodies_of_other_operations():
        assert quick(body) is None
        assert isinstance(slow(body), (Other, Fault))


def bodies_of_other_operations() -> Iterator[bytes]:
    """Give the recorded answers and faults that answer neither question."""
    for capture in listed():
        body = capture.path.read_bytes()
        asked = b"GetSystemDateAndTimeResponse" in body or b"GetDeviceInformationResponse" in body
        if not asked and EXPECTED[capture.name] in _OTHERS:
            yield body


_OTHERS = {
    ("up", frozenset({"action_not_supported"})),
    ("down", frozenset({"soap_fault"})),
}


def test_the_folder_is_where_it_is_looked_for(shared: Path) -> None:
    """The captures lie beside the checkout."""
    assert (shared / "captures" / "INDEX.tsv").is_file()
