"""A video server proves that it runs by any RTSP status line, and is asked for no more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
import uvloop

from probes.checks.rtsp import RtspAnswer, RtspVerdict, ask, question
from probes.target import InvalidTarget, RtspTarget
from tests.conftest import NOON
from tests.probes.conftest import LOOPBACK

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answers(*parts: bytes) -> Handler:
    """Return a server that answers one question with some bytes, and closes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0)
        writer.close()

    return handler


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the question and never answer."""
    await reader.read()
    writer.close()


def told(handler: Handler, *, seconds: float = 3) -> RtspVerdict:
    """Ask a server of one test."""

    async def run() -> RtspVerdict:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        target = RtspTarget(7, "127.0.0.1", port, networks=LOOPBACK, timeout_seconds=seconds)
        async with server:
            return await ask(target, now=lambda: NOON.replace(microsecond=999_999))

    return uvloop.run(run())


@pytest.mark.parametrize(
    "status", [b"RTSP/1.0 200 OK", b"RTSP/1.0 401 Unauthorized", b"RTSP/1.0 454 Session Not Found"]
)
def test_any_status_line_proves_that_the_server_runs(status: bytes) -> None:
    """A refusal as well: it is the server that refuses."""
    verdict = told(answers(status + b"\r\nCSeq: 1\r\n\r\n"))

    assert verdict == RtspVerdict(7, NOON, RtspAnswer.OK, status.decode())


def test_a_line_may_come_byte_by_byte() -> None:
    """TCP keeps no bounds."""
    line = b"RTSP/1.0 200 OK\r\n"

    assert told(answers(*(line[at : at + 1] for at in range(len(line))))).answer is RtspAnswer.OK


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        (answers(b"HTTP/1.1 400 Bad Request\r\n\r\n"), RtspAnswer.NOT_RTSP),
        (answers(b"\x00" * 5000), RtspAnswer.NOT_RTSP),
        (answers(b""), RtspAnswer.CLOSED),
        (answers(b"RTSP/1.0 200"), RtspAnswer.CLOSED),
    ],
)
def test_what_is_no_rtsp_does_not_pass(handler: Handler, answer: RtspAnswer) -> None:
    """What was seen is shown, bounded."""
    verdict = told(handler)

    assert verdict.answer is answer
    assert len(verdict.detail) <= 200


def test_a_server_that_hangs_costs_its_own_time_alone() -> None:
    """There are such, which take the connection and never answer."""
    assert told(hangs, seconds=0.2).answer is RtspAnswer.TIMEOUT


def test_a_port_that_refuses_is_told_from_one_that_may_not_be_dialled() -> None:
    """The one is the camera's, the other ours; a name that leads nowhere is ours too."""

    async def run(target: RtspTarget) -> RtspAnswer:
        return (await ask(target, now=lambda: datetime.now(UTC))).answer

    found = [
        uvloop.run(run(target))
        for target in (
            RtspTarget(1, "127.0.0.1", 9, networks=LOOPBACK),
            RtspTarget(1, "127.0.0.1", 9, networks=(ip_network("10.0.0.0/8"),)),
            RtspTarget(1, "camera.invalid", 9, networks=LOOPBACK),
        )
    ]

    assert found == [RtspAnswer.REFUSED, RtspAnswer.UNKNOWN, RtspAnswer.UNKNOWN]


def test_the_question_is_options_and_nothing_else() -> None:
    """What would tell more would describe the pictures."""
    asked = question(RtspTarget(1, "fd00::7", 8554, "/live"))

    assert asked.startswith(b"OPTIONS rtsp://[fd00::7]:8554/live RTSP/1.0\r\nCSeq: 1\r\n")
    assert asked.endswith(b"\r\n\r\n")
    assert asked.count(b"RTSP/1.0") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"host": ""}, "host"), ({"port": 0}, "rtsp_port"), ({"path": "live"}, "rtsp_path")],
)
def test_an_impossible_video_server_is_refused(changes: dict[str, object], field: str) -> None:
    """Before the loop, with the name of the field."""
    with pytest.raises(InvalidTarget) as refused:
        RtspTarget(**{"key": 1, "host": "10.0.0.1", **changes})  # type: ignore[arg-type]

    assert refused.value.field == field
