"""Devices that speak TLS, well or badly: points 13, 38 and 40 of the quirk list."""

import asyncio
import ssl
from pathlib import Path

import pytest
import uvloop

from probes.engine import probe_once
from probes.simulator import Device, Fault, answers, http
from probes.target import Requests, Target
from probes.verdict import Authentication, Health, Issue, Reason, Verdict
from tests.probes.certificates import pin_of, write_certificate
from tests.probes.conftest import LOOPBACK, QUICK, Probe

SECRET = "a-word-that-stands-out"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Write a certificate that no authority vouches for."""
    return write_certificate(tmp_path / "camera.pem", days=30)


def camera(certificate: Path, fault: Fault = Fault.NONE) -> Device:
    """Make a camera that speaks https alone."""
    return Device(password=SECRET, fault=fault, certificate=certificate)


@pytest.mark.parametrize(
    ("policy", "issues", "authentication"),
    [
        ("ca", {Issue.TLS_UNTRUSTED}, Authentication.NONE),
        (f"pin:{'0' * 64}", {Issue.TLS_CERT_CHANGED}, Authentication.NONE),
        ("off", set(), Authentication.VERIFIED),
    ],
)
def test_q38_a_certificate_of_its_own_is_no_outage(
    probe: Probe,
    certificate: Path,
    policy: str,
    issues: set[Issue],
    authentication: Authentication,
) -> None:
    """Each camera has its own rule of trust; where trust fails, no credential is sent."""
    heard: list[bytes] = []

    verdict = probe(camera(certificate), heard=heard, scheme="https", tls_verify=policy)

    assert verdict.health is Health.UP
    assert (set(verdict.issues), verdict.authentication) == (issues, authentication)
    if authentication is Authentication.NONE:
        assert b"UsernameToken" not in b"".join(heard)
        assert b"Authorization" not in b"".join(heard)


def test_q38_a_pinned_certificate_is_trusted(probe: Probe, certificate: Path) -> None:
    """Whoever signed it."""
    verdict = probe(camera(certificate), scheme="https", tls_verify=pin_of(certificate))

    assert verdict.issues == frozenset()
    assert verdict.authentication is Authentication.VERIFIED


def test_q38_a_camera_of_legacy_tls_alone_is_down_and_reachable(requests: Requests) -> None:
    """TLS 1.1 is no encryption any more; the reason names the handshake."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # As a server does that finds no version in common: a fatal alert, and the end.
        writer.write(b"\x15\x03\x01\x00\x02\x02\x46")
        writer.close()

    async def run() -> Verdict:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = Target(1, "127.0.0.1", port, scheme="https", networks=LOOPBACK, timeout_seconds=2)
        verdict = await probe_once(requests, target, limits=QUICK)
        server.close()
        await server.wait_closed()
        return verdict

    verdict = uvloop.run(run())

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.TLS_HANDSHAKE)
    assert verdict.reachable


@pytest.mark.parametrize(
    ("policy", "issues"), [("ca", {Issue.TLS_UNTRUSTED}), ("off", {Issue.ANONYMOUS_ACCESS})]
)
def test_q38_a_cipher_too_weak_for_trust_is_no_outage(
    requests: Requests, certificate: Path, policy: str, issues: set[Issue]
) -> None:
    """Only a handshake that cannot be completed at all is: this one can, without credentials."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    device = Device(password="")
    replies = {
        b"GetSystemDateAndTime": answers.clock_answer(device, Fault.NONE),
        b"GetDeviceInformation": answers.identity_answer(device, Fault.NONE),
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(1 << 16)
        body = next(reply for name, reply in replies.items() if name in asked)
        writer.write(http.written(200, body, extra="Connection: close\r\n"))
        writer.close()

    async def run() -> Verdict:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        target = Target(1, "127.0.0.1", port, scheme="https", tls_verify=policy, networks=LOOPBACK)
        async with server:
            return await probe_once(requests, target, limits=QUICK)

    verdict = uvloop.run(run())

    assert verdict.health is Health.UP
    assert issues <= verdict.issues


def test_q40_plain_http_to_a_tls_port_is_told_from_a_dead_camera(
    probe: Probe, certificate: Path
) -> None:
    """Something is there, and hangs up on us: reachable, with a reason that says to look."""
    verdict = probe(camera(certificate))

    assert (verdict.health, verdict.reachable) == (Health.DOWN, True)
    assert verdict.reason in {Reason.CLOSED_EARLY, Reason.CONNECT_RESET, Reason.NOT_HTTP}


def test_q40_https_to_a_plain_port_is_told_from_a_dead_camera(probe: Probe) -> None:
    """The handshake cannot be completed; the sentence says to look at the port."""
    verdict = probe(Device(password=SECRET), scheme="https", tls_verify="off")

    assert (verdict.health, verdict.reason) == (Health.DOWN, Reason.TLS_HANDSHAKE)
    assert verdict.reachable


def test_q13_a_clear_password_goes_only_where_it_was_opted_for(
    probe: Probe, certificate: Path
) -> None:
    """Per camera, and inside TLS whose certificate is the pinned one."""
    device = camera(certificate, Fault.PASSWORD_TEXT)
    https = {"scheme": "https", "tls_verify": pin_of(certificate)}
    heard: list[bytes] = []

    without = probe(device, heard=heard, **https)
    assert SECRET.encode() not in b"".join(heard)
    opted = probe(device, **https, password_text=True)

    assert (without.health, without.authentication) == (Health.UP, Authentication.FAILED)
    assert (opted.health, opted.authentication) == (Health.UP, Authentication.VERIFIED)


def test_q13_a_clear_password_does_not_go_where_trust_fails(
    probe: Probe, certificate: Path
) -> None:
    """Opted for, but the certificate is not the pinned one: nothing of the login is sent."""
    heard: list[bytes] = []

    verdict = probe(
        camera(certificate, Fault.PASSWORD_TEXT),
        heard=heard,
        scheme="https",
        tls_verify=f"pin:{'0' * 64}",
        password_text=True,
    )

    assert (verdict.health, verdict.authentication) == (Health.UP, Authentication.NONE)
    assert SECRET.encode() not in b"".join(heard)
