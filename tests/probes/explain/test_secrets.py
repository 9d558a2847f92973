"""Nothing that is shown of a probe holds a credential, even where the device repeats it."""

import asyncio
import json
import re

import pytest
import uvloop

from probes.engine import probe_once
from probes.explain import Trace, explain
from probes.simulator import Device, Fault
from probes.target import Requests, Target
from probes.verdict import Verdict
from tests.probes.conftest import LOOPBACK, QUICK, Probe

SECRET = "a-word-that-stands-out"
# These take their time, and say nothing.
SLOW = {Fault.SLOW, Fault.SLOW_DRIP, Fault.STALL, Fault.DARK}


def shown(verdict: Verdict, trace: Trace) -> str:
    """Give all that is ever shown of a probe, in both languages and in JSON."""
    told = [line for language in ("fr", "en") for line in explain(verdict, language, trace=trace)]
    return "\n".join([*told, json.dumps(verdict.to_dict()), repr(trace), repr(verdict)])


def sent(heard: bytes) -> set[str]:
    """List the credentials that travelled: digests, nonces, whole headers and their responses."""
    patterns = (
        rb"PasswordDigest\">([^<]+)<",
        rb"Nonce[^>]*>([^<]+)<",
        rb"Authorization: ([^\r\n]+)",
        rb"response=\"([^\"]+)\"",
    )
    return {each.decode() for pattern in patterns for each in re.findall(pattern, heard)}


@pytest.mark.parametrize("fault", [each for each in Fault if each not in SLOW])
@pytest.mark.parametrize("password", [SECRET, f"{SECRET}-wrong"])
def test_no_simulated_camera_makes_a_credential_show(
    probe: Probe, fault: Fault, password: str
) -> None:
    """Right or wrong, refused, locked, redirected or echoed."""
    heard: list[bytes] = []
    trace = Trace(keep=True)

    verdict = probe(
        Device(password=SECRET, fault=fault),
        password=password,
        trace=trace,
        heard=heard,
        timeout_seconds=1,
    )

    text = shown(verdict, trace)
    assert SECRET not in text
    for each in sent(b"".join(heard)):
        assert each not in text


def test_an_echoed_digest_header_is_not_shown(requests: Requests) -> None:
    """A device that challenges, and then repeats what it got as its reason for failing."""
    heard = bytearray()
    challenge = b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = b""
        while not asked.endswith(b"Envelope>"):
            asked += await reader.read(4096)
        heard.extend(asked)
        found = re.search(rb"Authorization: [^\r\n]+", asked)
        said = found[0] if found else b"login please"
        fault = b"<Envelope><Body><Fault><faultstring>%b</faultstring></Fault></Body></Envelope>"
        body = fault % said
        head = b"HTTP/1.1 401 X\r\n%bConnection: close\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (challenge, len(body)) + body)
        writer.close()

    async def run() -> tuple[Verdict, Trace]:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = Target(1, "127.0.0.1", port, username="admin", password=SECRET, networks=LOOPBACK)
        trace = Trace(keep=True)
        verdict = await probe_once(requests, target, limits=QUICK, trace=trace)
        server.close()
        await server.wait_closed()
        return verdict, trace

    text = shown(*uvloop.run(run()))

    assert len(sent(bytes(heard))) >= 2
    assert "***" in text
    for each in sent(bytes(heard)):
        assert each not in text
