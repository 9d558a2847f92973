"""
Asks the same two questions with a bare uvloop protocol: the yardstick of the prober.

It sends, finds the end of the reply and forgets: no deadline, no bounds, no verdict, one
place in flight after the other. What a probe costs above it is what the verdict costs.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from typing import cast

from probes.onvif.wsse import sign
from probes.target import Requests, Target
from probes.transport.request import write_request

_LENGTH = re.compile(rb"(?i)content-length:\s*(\d+)")


class Course:
    """The bare probes of one run, so many at once."""

    def __init__(self, requests: Requests, targets: Sequence[Target]) -> None:
        """Prepare; nothing is sent before `run`."""
        self.requests = requests
        self._waiting: Iterator[Target] = iter(targets)
        self._left = len(targets)
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, *, in_flight: int) -> None:
        """Ask every target once."""
        for _ in range(in_flight):
            self.start_next()
        await self._over

    def start_next(self) -> None:
        """Begin with the next target, if there is one."""
        target = next(self._waiting, None)
        if target is not None:
            task = self._loop.create_task(self._ask(target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def end_one(self) -> None:
        """Count one that has been asked."""
        self._left -= 1
        if self._left:
            self.start_next()
        else:
            self._over.set_result(None)

    async def _ask(self, target: Target) -> None:
        """Connect to a target."""
        await self._loop.create_connection(lambda: Bare(self, target), target.host, target.port)


class Bare(asyncio.Protocol):
    """One connection, two questions."""

    __slots__ = ("_buffer", "_course", "_named", "_target", "_transport")

    def __init__(self, course: Course, target: Target) -> None:
        """Wait to be connected."""
        self._course = course
        self._target = target
        self._buffer = b""
        self._named = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the time."""
        requests = self._course.requests
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(write_request(self._target, requests.clock, requests.clock_action))

    def data_received(self, data: bytes) -> None:
        """Find the end of the reply, then ask for the identity or hang up."""
        data = self._buffer + data if self._buffer else data
        end = data.find(b"\r\n\r\n")
        length = _LENGTH.search(data, 0, end) if end > 0 else None
        if length is None or len(data) - end - 4 < int(length[1]):
            self._buffer = data
            return
        self._buffer = b""
        if self._named:
            self._transport.abort()
            self._course.end_one()
            return
        self._named = True
        target, requests = self._target, self._course.requests
        body = sign(requests.signed, target.username, target.password, at=time.time())
        self._transport.write(write_request(target, body, requests.identity_action))
