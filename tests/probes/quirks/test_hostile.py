"""Devices that mean harm, or do it all the same: each ends in a verdict, in time."""

import gzip

import pytest
import uvloop

from probes.engine import probe_once
from probes.simulator import Device, Fault
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK, Probe
from tests.probes.quirks.replay import replayed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"
OPENING = b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>"
BOMB = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(b"<!ENTITY a%d '%b'>" % (level, b"&a;" * 10) for level in range(9))
    + b"]><x>&a8;</x>"
)


def sized(body: bytes, extra: bytes = b"") -> bytes:
    """Write a reply with its length."""
    return HEAD + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body


def ask(requests: Requests, reply: bytes) -> Verdict:
    """Probe a device that says one thing to everything."""

    async def run() -> Verdict:
        async with replayed(reply) as port:
            target = Target(
                1,
                "127.0.0.1",
                port,
                username="admin",
                password="word",
                networks=LOOPBACK,
                timeout_seconds=5,
            )
            return await probe_once(requests, target, limits=QUICK)

    return uvloop.run(run())


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (sized(b" " * 70_000), Reason.TOO_LARGE),
        (HEAD + b"Connection: close\r\n\r\n" + b" " * 70_000, Reason.TOO_LARGE),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\nx", Reason.TOO_LARGE),
        (HEAD + b"X-A: b\r\n" * 3_000 + b"\r\n", Reason.TOO_LARGE),
        (sized(BOMB), Reason.MALFORMED_XML),
        (sized(BOMB.decode().encode("utf-16")), Reason.MALFORMED_XML),
        (sized(b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x'><x/>"), Reason.MALFORMED_XML),
        (sized(OPENING + b"<a>" * 20_000), Reason.MALFORMED_XML),
        (sized(OPENING + b"\0" * 5_000), Reason.MALFORMED_XML),
        (sized(gzip.compress(b" " * 10_000_000), b"Content-Encoding: gzip\r\n"), Reason.NOT_ONVIF),
        (HEAD + b"Content-Length: 500\r\n\r\n<s:Env", Reason.CLOSED_EARLY),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n500\r\n<s:Env", Reason.CLOSED_EARLY),
        (HEAD, Reason.CLOSED_EARLY),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 50, Reason.CLOSED_EARLY),
        (b"HTTP/1.1 999999 What\r\n\r\n", Reason.NOT_HTTP),
        (b"\0" * 400, Reason.NOT_HTTP),
        (b"RTSP/1.0 200 OK\r\n\r\n", Reason.NOT_HTTP),
    ],
)
def test_what_is_hostile_is_down_with_its_reason(
    requests: Requests, reply: bytes, reason: Reason
) -> None:
    """Sizes, bombs, foreign entities, torn replies: none is read past its bound."""
    verdict = ask(requests, reply)

    assert (verdict.health, verdict.reason, verdict.reachable) == (Health.DOWN, reason, True)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.CHUNKED,
        Fault.CLOSE_DELIMITED,
        Fault.INTERIM,
        Fault.BYTEWISE,
        Fault.TWO_ANSWERS,
        Fault.BYTE_ORDER_MARK,
    ],
)
@pytest.mark.parametrize("proving", [True, False])
def test_what_is_only_odd_is_up_and_well(probe: Probe, fault: Fault, proving: bool) -> None:  # noqa: FBT001
    """Chunks, no length, a 1xx before, one byte a packet, everything twice, NUL at the end."""
    verdict = probe(
        Device(password="word", fault=fault),
        verify_authentication=proving,
        authentication_known="verified",
    )

    assert (verdict.health, verdict.issues) == (Health.UP, frozenset())
    assert verdict.authentication is Authentication.VERIFIED


def test_a_slow_drip_does_not_stretch_the_deadline(probe: Probe) -> None:
    """A byte each 0.2 s would keep any read alive for minutes; the probe has one deadline."""
    verdict = probe(Device(password="word", fault=Fault.SLOW_DRIP), timeout_seconds=1)

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.TIMEOUT_BODY)
