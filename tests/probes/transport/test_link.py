"""The conversation with a device survives its habits, and keeps credentials to itself."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import uvloop

from probes.explain import Trace
from probes.simulator import Device
from probes.target import Target
from probes.transport.http1 import Reply
from probes.transport.link import Link
from probes.transport.tls import Contexts
from probes.verdict import Authentication, Health, Issue, Reason, Unusable
from tests.probes.certificates import pin_of, write_certificate
from tests.probes.conftest import LOOPBACK, Probe

Result = TypeVar("Result")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


def talk(handler: Handler, ask: Callable[[Link], Awaitable[Result]]) -> Result:
    """Run a server of one test, and a link to it."""

    async def run() -> Result:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        link = Link(
            Target(1, "127.0.0.1", port, networks=LOOPBACK), Contexts(), Trace(), now=utc_now
        )
        try:
            async with asyncio.timeout(5):
                await link.open()
                return await ask(link)
        finally:
            link.close()
            server.close()
            await server.wait_closed()

    return uvloop.run(run())


async def two_questions(link: Link) -> list[Reply]:
    """Ask twice, as a probe does."""
    return [(await link.post(b"one", "a")).reply, (await link.post(b"two", "b")).reply]


def test_two_questions_share_a_connection() -> None:
    """A camera has few sockets: one is taken, and kept for both."""
    connections = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.read(4096):
            writer.write(OK)
        writer.close()

    replies = talk(handler, two_questions)

    assert [reply.body for reply in replies] == [b"ok", b"ok"]
    assert connections == 1


def test_a_reused_connection_that_dies_is_replaced_once() -> None:
    """A device that drops it between two questions is not down."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(OK)
        await reader.read(4096)
        writer.close()

    assert [reply.status for reply in talk(handler, two_questions)] == [200, 200]


def test_a_fresh_connection_that_dies_is_a_failure() -> None:
    """Only what worked before gets a second chance here; the rest is the engine's."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.close()

    with pytest.raises(Unusable) as caught:
        talk(handler, two_questions)

    assert caught.value.reason is Reason.CLOSED_EARLY


def test_the_request_says_what_devices_want_to_read() -> None:
    """The action stands in the content type, no compression is asked for, the path is exact."""
    heads: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.read(4096))
        writer.write(OK)
        await writer.drain()
        writer.close()

    talk(handler, lambda link: link.post(b"<x/>", "urn:act"))

    head, _, body = heads[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /onvif/device_service HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b'Content-Type: application/soap+xml; charset=utf-8; action="urn:act"' in head
    assert b"Accept-Encoding: identity" in head
    assert b"Content-Length: 4" in head
    assert body == b"<x/>"


def test_a_pinned_certificate_carries_credentials(probe: Probe, certificate: Path) -> None:
    """A self-signed camera is as good as its pin."""
    device = Device(password="word", certificate=certificate)

    verdict = probe(device, scheme="https", tls_verify=pin_of(certificate))

    assert verdict.health is Health.UP
    assert verdict.authentication is Authentication.VERIFIED
    assert verdict.issues == frozenset()
    assert verdict.phases["tls"] > 0


@pytest.mark.parametrize(
    ("policy", "issue"),
    [("ca", Issue.TLS_UNTRUSTED), ("pin:" + "0" * 64, Issue.TLS_CERT_CHANGED)],
)
def test_where_trust_fails_the_camera_is_up_and_gets_no_credentials(
    probe: Probe, certificate: Path, policy: str, issue: Issue
) -> None:
    """The clock call alone goes on: an answer proves life, not identity."""
    trace = Trace(keep=True)
    device = Device(password="word", certificate=certificate)

    verdict = probe(device, scheme="https", tls_verify=policy, trace=trace)

    assert verdict.health is Health.UP
    assert verdict.issues == {issue}
    assert verdict.authentication is Authentication.NONE
    assert not [step for step in trace.steps if step.code.startswith("login")]


def test_a_pin_does_not_outlive_its_certificate(probe: Probe, tmp_path: Path) -> None:
    """What has expired cannot be trusted, whoever it is."""
    expired = write_certificate(tmp_path / "old.pem", days=-1)
    device = Device(password="word", certificate=expired)

    verdict = probe(device, scheme="https", tls_verify=pin_of(expired))

    assert verdict.issues == {Issue.TLS_CERT_EXPIRED}
    assert verdict.authentication is Authentication.NONE


def test_an_expired_certificate_of_a_known_authority_is_told_apart(
    probe: Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is renewed, not pinned."""
    expired = write_certificate(tmp_path / "old.pem", days=-1)
    monkeypatch.setenv("SSL_CERT_FILE", str(expired))

    verdict = probe(Device(password="word", certificate=expired), scheme="https")

    assert verdict.issues == {Issue.TLS_CERT_EXPIRED}
    assert verdict.authentication is Authentication.NONE


def test_a_certificate_of_a_known_authority_is_trusted(
    probe: Probe, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority of one's own is read from where OpenSSL looks."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    verdict = probe(Device(password="word", certificate=certificate), scheme="https")

    assert verdict.issues == frozenset()
    assert verdict.authentication is Authentication.VERIFIED


def test_with_verification_off_credentials_are_sent(probe: Probe, certificate: Path) -> None:
    """That is what an operator asks for by `off`."""
    device = Device(password="word", certificate=certificate)

    verdict = probe(device, scheme="https", tls_verify="off")

    assert verdict.authentication is Authentication.VERIFIED


def test_https_to_a_plain_port_is_a_failed_handshake(probe: Probe) -> None:
    """Reachable, and no word of HTTP exchanged."""
    verdict = probe(Device(), scheme="https")

    assert verdict.reason is Reason.TLS_HANDSHAKE
    assert verdict.reachable


def test_plain_http_to_a_tls_port_is_down_but_reachable(probe: Probe, certificate: Path) -> None:
    """The hint says to try https."""
    verdict = probe(Device(certificate=certificate))

    assert verdict.health is Health.DOWN
    assert verdict.reachable
    assert verdict.reason in {Reason.CLOSED_EARLY, Reason.NOT_HTTP, Reason.CONNECT_RESET}


def test_a_certificate_to_be_pinned_is_told_and_gets_no_credentials(
    probe: Probe, certificate: Path
) -> None:
    """What is seen for the first time is not yet trusted: the register pins it first."""
    trace = Trace(keep=True)
    device = Device(password="word", certificate=certificate)

    verdict = probe(device, scheme="https", tls_verify="pin", trace=trace)

    assert verdict.health is Health.UP
    assert verdict.issues == frozenset()
    assert f"pin:{verdict.certificate}" == pin_of(certificate)
    assert verdict.certificate_until is not None
    assert verdict.certificate_until > utc_now() + timedelta(days=29)
    assert not [step for step in trace.steps if step.code.startswith("login")]
