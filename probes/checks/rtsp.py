"""Asks the video server which methods it knows, and nothing else: a verdict of its own."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from probes.guard import NO_ROUTE, BlockedAddress, dial
from probes.target import RtspTarget
from probes.verdict import sanitise

# A status line is 20 to 60 bytes; whoever sends more without an end speaks no RTSP.
_LONGEST_LINE = 1024


class RtspAnswer(StrEnum):
    """What came of the question; never merged into the health of the camera."""

    OK = "ok"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    NOT_RTSP = "not_rtsp"
    # Our own side failed, or the address may not be dialled.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RtspVerdict:
    """What one question found; `detail` is the status line, bounded."""

    key: int
    at: datetime
    answer: RtspAnswer
    detail: str = ""


async def ask(target: RtspTarget, *, now: Callable[[], datetime]) -> RtspVerdict:
    """
    Ask for the RTSP methods that a camera knows, without opening a stream.

    Any RTSP status line passes, 401 included: it proves that the video server runs.
    What would tell more would describe the pictures, and is never sent. Source: RFC 2326,
    section 10.1.
    """
    at = now().replace(microsecond=0)
    try:
        async with asyncio.timeout(target.timeout_seconds):
            line = await _first_line(target)
    except Exception as error:  # noqa: BLE001 - like the engine: a bug here is no bug of the camera
        return RtspVerdict(target.key, at, _answer_of(error), sanitise(str(error)))
    shown = sanitise(line.decode("latin-1"))
    if line.startswith(b"RTSP/1."):
        return RtspVerdict(target.key, at, RtspAnswer.OK, shown)
    answer = RtspAnswer.NOT_RTSP if line else RtspAnswer.CLOSED
    return RtspVerdict(target.key, at, answer, shown)


async def _first_line(target: RtspTarget) -> bytes:
    """Send OPTIONS and give the first line that comes back; empty if none does."""
    transport, listener = await dial(
        target.host,
        target.port,
        _Listener,
        networks=target.networks,
        seconds=target.timeout_seconds,
    )
    try:
        transport.write(question(target))
        return await listener.line
    finally:
        transport.abort()


def question(target: RtspTarget) -> bytes:
    """Write the one request that is ever sent."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return (
        f"OPTIONS rtsp://{host}:{target.port}{target.path} RTSP/1.0\r\n"
        "CSeq: 1\r\nUser-Agent: VigiParc\r\n\r\n"
    ).encode()


class _Listener(asyncio.Protocol):
    """Waits for one line."""

    def __init__(self) -> None:
        self.line: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if b"\n" in self._heard or len(self._heard) > _LONGEST_LINE:
            self._end(self._heard.partition(b"\n")[0][:_LONGEST_LINE].rstrip(b"\r"))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._end(b"")

    def _end(self, line: bytes) -> None:
        if not self.line.done():
            self.line.set_result(line)


def _answer_of(error: Exception) -> RtspAnswer:
    """Turn what rose into an answer; what is our own fault says nothing of the camera."""
    match error:
        case BlockedAddress() | socket.gaierror():
            return RtspAnswer.UNKNOWN
        case ConnectionRefusedError():
            return RtspAnswer.REFUSED
        case TimeoutError():
            return RtspAnswer.TIMEOUT
        case ConnectionError():
            return RtspAnswer.CLOSED
        case OSError(errno=number) if number in NO_ROUTE:
            return RtspAnswer.TIMEOUT
        case _:
            return RtspAnswer.UNKNOWN
