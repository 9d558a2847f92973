"""Whatever comes out of a socket, it ends in a verdict, in time and in little memory."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from probes.engine import Engine, probe_once
from probes.simulator import answers
from probes.simulator.device import Device, Fault
from probes.target import Requests, Target
from probes.verdict import Health, Issue, Reason, Verdict
from tests.probes.conftest import LOOPBACK, QUICK

DEVICE = Device()
HEAD = b"HTTP/1.1 200 OK\r\n"
Frame = Callable[[bytes], bytes]


def plain(body: bytes) -> bytes:
    """Frame a reply as most devices do."""
    return HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def bent(old: bytes, new: bytes) -> Frame:
    """Frame a reply whose body was changed in one place."""
    return lambda body: plain(body.replace(old, new, 1))


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n"

GOOD: dict[str, Frame] = {
    "chunks": lambda body: HEAD + CHUNKS + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
    "one byte a chunk": lambda body: (
        HEAD + CHUNKS + b"".join(b"1\r\n%c\r\n" % each for each in body) + b"0\r\n\r\n"
    ),
    "no length": lambda body: HEAD + b"Connection: close\r\n\r\n" + body,
    "interim replies": lambda body: b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + plain(body),
    "early hints": lambda body: b"HTTP/1.1 103 X\r\nLink: </>\r\n\r\n" + plain(body),
    "two answers in one packet": lambda body: plain(body) * 2,
    "an answer and garbage": lambda body: plain(body) + b"\0" * 500,
    "NUL bytes after the envelope": lambda body: plain(body + b"\0" * 20),
}
BAD: dict[str, tuple[Frame, Reason]] = {
    "a header of 17 KB": (
        lambda body: HEAD + b"X: " + b"x" * 17_000 + b"\r\n\r\n" + body,
        Reason.TOO_LARGE,
    ),
    "a header without end": (lambda _: HEAD + b"X: y\r\n" * 200_000, Reason.TOO_LARGE),
    "a body stated too large": (
        lambda _: HEAD + b"Content-Length: 65537\r\n\r\n",
        Reason.TOO_LARGE,
    ),
    "a length of 5,000 digits": (
        lambda _: HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        Reason.TOO_LARGE,
    ),
    "a body without end": (lambda _: HEAD + b"\r\n" + b"x" * 1_000_000, Reason.TOO_LARGE),
    "a chunk of 4 GB": (lambda _: HEAD + CHUNKS + b"ffffffff\r\n", Reason.TOO_LARGE),
    "chunks without end": (
        lambda _: HEAD + CHUNKS + b"400\r\n%b\r\n" % (b"x" * 1024) * 1000,
        Reason.TOO_LARGE,
    ),
    "a chunk without size": (lambda _: HEAD + CHUNKS + b"z" * 400, Reason.NOT_HTTP),
    "an early end in the header": (lambda _: HEAD + b"Content-Le", Reason.CLOSED_EARLY),
    "an early end in the body": (lambda body: plain(body)[:-50], Reason.CLOSED_EARLY),
    "an early end in a chunk": (
        lambda body: HEAD + CHUNKS + b"%x\r\n%b" % (len(body), body[:-9]),
        Reason.CLOSED_EARLY,
    ),
    "a document type": (
        lambda body: plain(body.replace(b"?>", b"?><!DOCTYPE x>", 1)),
        Reason.MALFORMED_XML,
    ),
    "an entity bomb": (
        lambda body: plain(body.replace(b"?>", b"?>" + BOMB, 1)),
        Reason.MALFORMED_XML,
    ),
    "a gzip bomb": (
        lambda _: plain(zlib.compress(b" " * 10_000_000, wbits=31)),
        Reason.NOT_ONVIF,
    ),
    "only NUL bytes": (lambda _: plain(b"\0" * 4000), Reason.NOT_ONVIF),
}


def ask(requests: Requests, frame: Frame, *, quick: bool) -> Verdict:
    """Probe a server that frames the right answers in its way, and then hangs up."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = b""
        while data := await reader.read(4096):
            asked += data
            if asked.endswith(b"Envelope>"):
                clock = b"GetSystemDateAndTime" in asked
                write = answers.clock_answer if clock else answers.identity_answer
                writer.write(frame(b"<?xml version='1.0'?>" + write(DEVICE, Fault.NONE)))
                break
        try:
            await writer.drain()
        except ConnectionError:
            return
        writer.close()

    async def run() -> Verdict:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = Target(1, "127.0.0.1", port, networks=LOOPBACK, timeout_seconds=10)
        try:
            if not quick:
                return await probe_once(requests, target, limits=QUICK)
            return await anext(drained(requests, target))
        finally:
            server.close()

    return uvloop.run(run())


async def drained(requests: Requests, target: Target) -> AsyncIterator[Verdict]:
    """Give the verdicts of an engine that is fed one target."""
    engine = Engine(requests, QUICK)
    engine.feed([target])
    try:
        async with asyncio.timeout(15):
            while True:
                for verdict in engine.drain():
                    yield verdict
                await asyncio.sleep(0.01)
    finally:
        await engine.close()


@pytest.mark.parametrize("quick", [True, False], ids=["quick", "thorough"])
@pytest.mark.parametrize("kind", GOOD)
def test_an_answer_in_an_odd_frame_is_an_answer(
    requests: Requests, kind: str, *, quick: bool
) -> None:
    """HTTP allows more than most devices use."""
    verdict = ask(requests, GOOD[kind], quick=quick)

    assert (verdict.health, verdict.reason) == (Health.UP, None)
    assert verdict.identity is not None
    assert verdict.issues <= {Issue.ANONYMOUS_ACCESS, Issue.XML_BROKEN}


@pytest.mark.parametrize("quick", [True, False], ids=["quick", "thorough"])
@pytest.mark.parametrize("kind", BAD)
def test_a_hostile_answer_is_refused_with_its_reason(
    requests: Requests, kind: str, *, quick: bool
) -> None:
    """Bounds hold before anything is parsed or inflated."""
    frame, reason = BAD[kind]

    verdict = ask(requests, frame, quick=quick)

    assert (verdict.health, verdict.reason) == (Health.DOWN, reason)
    assert verdict.reachable
    assert verdict.detail.isprintable()


@pytest.mark.parametrize("quick", [True, False], ids=["quick", "thorough"])
def test_nesting_without_end_is_no_crash(requests: Requests, *, quick: bool) -> None:
    """A parser that recurses dies of 10,000 elements; ours gives up."""
    verdict = ask(requests, lambda _: plain(b"<a>" * 20_000), quick=quick)

    assert verdict.health is Health.DOWN
    assert verdict.reason in {Reason.MALFORMED_XML, Reason.NOT_ONVIF}
