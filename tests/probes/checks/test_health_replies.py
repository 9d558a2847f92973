"""The verdict is right on replies as real devices write them, canned by the byte."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
import uvloop

from probes.engine import probe_once
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK

FAULT = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code>'
    "<e:Value>e:{}</e:Value>{}</e:Code><e:Reason><e:Text>{}</e:Text></e:Reason></e:Fault>"
    "</e:Body></e:Envelope>"
)


def http(status: int, body: bytes, *, extra: str = "") -> bytes:
    """Write an HTTP reply of a device that hangs up after each."""
    head = f"HTTP/1.1 {status} X\r\n{extra}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def ask(
    requests: Requests, replies: Mapping[str, bytes], *, heads: list[bytes] | None = None
) -> Verdict:
    """Probe a server that gives a canned reply to each operation; `heads` gets what was asked."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = b""
        while not asked.endswith(b"Envelope>"):
            asked += await reader.read(4096)
        if heads is not None:
            heads.append(asked)
        clock = b"GetSystemDateAndTime" in asked
        writer.write(replies["clock" if clock else "identity"])
        await writer.drain()
        writer.close()

    async def run() -> Verdict:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = Target(
            1,
            "127.0.0.1",
            port,
            username="admin",
            password="word",
            networks=LOOPBACK,
            timeout_seconds=5,
        )
        verdict = await probe_once(requests, target, limits=QUICK)
        server.close()
        await server.wait_closed()
        return verdict

    return uvloop.run(run())


CLOCK = http(
    200,
    b"<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body>"
    b"<GetSystemDateAndTimeResponse/></e:Body></e:Envelope>",
)


def both(reply: bytes) -> dict[str, bytes]:
    """Give one reply to both operations."""
    return {"clock": reply, "identity": reply}


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize(
    ("code", "subcode", "text"),
    [
        ("Sender", "<e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode>", ""),
        ("Receiver", "", "Sender not authorized"),
        ("Sender", "", "Authentication failed"),
    ],
)
def test_a_refusal_is_one_under_any_status(
    requests: Requests, status: int, code: str, subcode: str, text: str
) -> None:
    """Devices refuse with 200, 400, 401 and 500; all of them are alive."""
    reply = http(status, FAULT.format(code, subcode, text).encode())

    verdict = ask(requests, both(reply))

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.AUTH_FAILED}
    assert verdict.authentication is Authentication.FAILED


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (http(404, b"<html>none</html>"), Reason.NOT_ONVIF),
        (http(503, b"busy"), Reason.HTTP_STATUS),
        (http(405, b""), Reason.HTTP_STATUS),
        (http(302, b"", extra="Location: https://10.0.0.1/\r\n"), Reason.REDIRECT),
        (
            http(500, b"Error: x", extra="Content-Type: application/soap+xml\r\n"),
            Reason.NOT_ONVIF,
        ),
        (http(200, b"<Envelope><Body>"), Reason.MALFORMED_XML),
        (http(500, FAULT.format("Receiver", "", "Action Failed").encode()), Reason.SOAP_FAULT),
        (
            http(200, b"\x1f\x8b\x08" + b"\0" * 20, extra="Content-Encoding: gzip\r\n"),
            Reason.NOT_ONVIF,
        ),
    ],
)
def test_what_is_no_onvif_is_down_and_says_why(
    requests: Requests, reply: bytes, reason: Reason
) -> None:
    """Something answers, but it is not the camera's ONVIF service."""
    verdict = ask(requests, both(reply))

    assert (verdict.health, verdict.reason, verdict.reachable) == (Health.DOWN, reason, True)


def test_a_401_without_soap_is_a_refusal(requests: Requests) -> None:
    """Web servers in front of ONVIF answer with a page of their own."""
    verdict = ask(requests, both(http(401, b"<html>401</html>")))

    assert verdict.health is Health.UP
    assert verdict.issues == {Issue.AUTH_FAILED}


# What each recorded device must come to when its two replies are played back:
# its file names begin with the key. None of them carries HTTP headers of its own.
RECORDED = {
    "axis_p3818pve": (Health.UP, {Issue.CLOCK_SKEW}),
    "bosch_autodome5000i": (Health.UP, {Issue.CLOCK_SKEW}),
    "bosch_flexidome5100iIR": (Health.UP, {Issue.CLOCK_SKEW}),
    "bosch_flexidome8000i": (Health.UP, {Issue.CLOCK_SKEW}),
    "dlink_dcs6511": (Health.UP, {Issue.CLOCK_SKEW}),
    "happytime_ipcamera": (Health.UP, {Issue.CLOCK_SKEW}),
    "none_gx728mf": (Health.UP, {Issue.CLOCK_SKEW}),
    "onvif_enp1a14": (Health.UP, {Issue.CLOCK_SKEW}),
    "onvifipnc_ipg8150pss": (Health.UP, {Issue.CLOCK_SKEW}),
    "reolink_e1zoom": (Health.UP, {Issue.CLOCK_SKEW}),
    "oss": (Health.UP, {Issue.CLOCK_SKEW, Issue.AUTH_FAILED}),
    "ipycam_auth": (Health.UP, {Issue.AUTH_FAILED}),
    "onvifgo": (Health.UP, {Issue.AUTH_FAILED}),
    "dh-emptybody": (Health.DOWN, Reason.NOT_ONVIF),
    "dh_": (Health.DOWN, Reason.NOT_ONVIF),
}


@pytest.mark.parametrize("device", RECORDED)
def test_a_recorded_device_gets_its_verdict(requests: Requests, shared: Path, device: str) -> None:
    """What real devices wrote, byte for byte, comes to the verdict that a person would give."""
    files = sorted((shared / "captures").rglob(f"{device}*.xml"))
    replies = {
        "clock": next((f for f in files if "GetSystemDateAndTime" in f.name), None),
        "identity": next((f for f in files if "GetDeviceInformation" in f.name), None),
    }
    if replies["clock"] is None:
        replies["clock"] = replies["identity"]
    assert replies["identity"] is not None
    status = 500 if device == "dh_" else 200
    label = "Content-Type: application/soap+xml\r\n"

    verdict = ask(
        requests,
        {
            name: http(status, path.read_bytes(), extra=label)
            for name, path in replies.items()
            if path
        },
    )

    health, expected = RECORDED[device]
    assert verdict.health is health
    assert (verdict.reason if health is Health.DOWN else verdict.issues) == expected


def test_no_more_than_two_logins_are_tried(requests: Requests) -> None:
    """A token, a digest, and then it is enough: cameras lock accounts."""
    challenge = 'WWW-Authenticate: Digest realm="x", nonce="n", qop="auth", stale=false\r\n'
    heads: list[bytes] = []
    refusal = http(401, b"", extra=challenge)

    verdict = ask(requests, {"clock": CLOCK, "identity": refusal}, heads=heads)

    logins = [head for head in heads if b"UsernameToken" in head or b"Authorization" in head]
    assert len(logins) == 2
    assert not [head for head in logins if b"UsernameToken" in head and b"Authorization" in head]
    assert verdict.authentication is Authentication.FAILED
    assert Issue.AUTH_FAILED in verdict.issues


def test_a_basic_challenge_gets_no_password(requests: Requests) -> None:
    """Base64 is no secret: the login is given up, and the issue says why."""
    heads: list[bytes] = []
    refusal = http(401, b"", extra='WWW-Authenticate: Basic realm="x"\r\n')

    verdict = ask(requests, {"clock": CLOCK, "identity": refusal}, heads=heads)

    assert Issue.AUTH_SCHEME_UNSUPPORTED in verdict.issues
    assert not [head for head in heads if b"Authorization" in head]


def test_an_operation_that_the_device_lacks_is_an_issue(requests: Requests) -> None:
    """It told the time: it is up, only nameless."""
    fault = FAULT.format(
        "Receiver", "<e:Subcode><e:Value>ter:ActionNotSupported</e:Value></e:Subcode>", "no"
    )

    verdict = ask(requests, {"clock": CLOCK, "identity": http(500, fault.encode())})

    assert verdict.health is Health.UP
    assert Issue.ACTION_NOT_SUPPORTED in verdict.issues
    assert verdict.identity is None


def test_the_date_header_is_a_clock_where_the_clock_call_is_refused(requests: Requests) -> None:
    """Some makes ask for a login even there; their token must still be in their time."""
    date = "Date: Mon, 23 Nov 2020 12:00:00 GMT\r\n"
    refusal = http(401, FAULT.format("Receiver", "", "Sender not authorized").encode(), extra=date)
    heads: list[bytes] = []

    verdict = ask(requests, both(refusal), heads=heads)

    assert Issue.CLOCK_SKEW in verdict.issues
    assert any(b"Created" in head and b"2020-11-23T" in head for head in heads)
