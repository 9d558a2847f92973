"""Runs simulated cameras on sockets of this machine, each with its fault of the moment."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from struct import pack
from types import TracebackType
from typing import Self, cast

from probes.simulator import answers
from probes.simulator.device import Device, Fault
from probes.simulator.plan import Change, select
from probes.simulator.replies import reply_to

SLOW_SECONDS = 3.5
_DRIP_SECONDS = 0.2
_BYTE_SECONDS = 0.0
_MAX_REQUEST_BYTES = 64 * 1024

Heard = Callable[[Device, bytes], None]


class Camera:
    """
    One running simulated camera: its listener, and what is wrong with it now.

    `open` counts the connections that stand, `most_open` their maximum so far.
    """

    def __init__(self, device: Device, heard: Heard | None = None) -> None:
        """Prepare; nothing listens before `start`. `heard` is told every byte that comes in."""
        self.device = device
        self.fault = Fault.NONE
        self.heard = heard
        self.open = self.most_open = 0
        self.nonces: set[str] = set()
        self.port = device.port
        self.nonce = os.urandom(12).hex()
        self._server: asyncio.Server | None = None
        self._plugs: list[socket.socket] = []

    async def start(self) -> None:
        """Listen, and take on the fault of the start."""
        await self._listen()
        await self.become(self.device.fault)

    async def become(self, fault: Fault) -> None:
        """Change what is wrong; the listener comes and goes with it."""
        closed = {Fault.REFUSE, Fault.DARK}
        if fault in closed or self.fault in closed:
            await self.close()
        self.fault = fault
        if fault is Fault.DARK:
            self._plug()
        elif fault is not Fault.REFUSE and self._server is None:
            await self._listen()

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        for plug in self._plugs:
            plug.close()
        self._plugs.clear()

    async def _listen(self) -> None:
        """Accept connections."""
        context = None
        if self.device.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.device.certificate)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Conversation(self), self.device.host, self.port, ssl=context
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _plug(self) -> None:
        """
        Go dark: fill a queue of connections that nobody accepts.

        The kernel then drops every further SYN, as a dead host would.
        """
        family = socket.AF_INET6 if ":" in self.device.host else socket.AF_INET
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.device.host, self.port))
        listener.listen(0)
        self._plugs.append(listener)
        for _ in range(2):
            plug = socket.socket(family)
            plug.settimeout(0)
            plug.connect_ex((self.device.host, self.port))
            self._plugs.append(plug)


class Conversation(asyncio.Protocol):
    """One connection to a simulated camera."""

    def __init__(self, camera: Camera) -> None:
        """Wait for a request."""
        self._camera = camera
        self._buffer = b""
        self._answered = 0
        self._transport: asyncio.Transport | None = None
        self._later: list[asyncio.TimerHandle] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, or hang up at once on a device that does."""
        self._transport = cast("asyncio.Transport", transport)
        camera = self._camera
        camera.open += 1
        camera.most_open = max(camera.open, camera.most_open)
        full = camera.fault is Fault.ONE_CLIENT and camera.open > 1
        if full or camera.fault is Fault.RESET:
            self._reset()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was still to be said."""
        del exc
        self._camera.open -= 1
        for handle in self._later:
            handle.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        if self._camera.heard is not None:
            self._camera.heard(self._camera.device, data)
        self._buffer += data
        while True:
            head, blank, rest = self._buffer.partition(b"\r\n\r\n")
            if not blank or len(self._buffer) > _MAX_REQUEST_BYTES:
                return
            length = _content_length(head)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(head, rest[:length])

    def _answer(self, head: bytes, body: bytes) -> None:
        """Answer one request in the way of the fault of the moment."""
        camera, fault = self._camera, self._camera.fault
        if fault is Fault.STALL:
            return
        if fault is Fault.DROPS_REUSED and self._answered:
            self._reset()
            return
        if fault is Fault.FRESH_NONCE and self._replayed(body):
            fault = Fault.WRONG_PASSWORD
        self._answered += 1
        reply = reply_to(camera.device, fault, head, body, nonce=camera.nonce)
        if fault is Fault.SLOW_DRIP:
            self._drip(reply, 0, _DRIP_SECONDS)
        elif fault is Fault.BYTEWISE:
            self._drip(reply, 0, _BYTE_SECONDS)
        elif fault is Fault.SLOW:
            self._after(SLOW_SECONDS, lambda: self._send(reply))
        elif fault is Fault.CLOSES_EARLY:
            self._hang_up_within(reply)
        else:
            self._send(reply)

    def _replayed(self, body: bytes) -> bool:
        """Tell whether a token's nonce was used before, and remember it."""
        nonce, known = answers.nonce_of(body), self._camera.nonces
        replayed = nonce in known
        known |= {nonce} if nonce else set()
        return replayed

    def _hang_up_within(self, reply: bytes) -> None:
        """Write half a reply, and close."""
        if self._transport is not None:
            self._transport.write(reply[: len(reply) // 2])
            self._transport.close()

    def _reset(self) -> None:
        """Hang up with a reset."""
        if self._transport is not None:
            peer = self._transport.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
            self._transport.abort()

    def _send(self, reply: bytes) -> None:
        """Write a reply, and hang up if it says so."""
        if self._transport is None:
            return
        self._transport.write(reply)
        if b"\r\nConnection: close" in reply[:600]:
            self._transport.close()

    def _drip(self, reply: bytes, at: int, seconds: float) -> None:
        """Write one byte, and the next one later."""
        if self._transport is not None and at < len(reply):
            self._transport.write(reply[at : at + 1])
            self._after(seconds, lambda: self._drip(reply, at + 1, seconds))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something later, if the connection still stands."""
        self._later = [asyncio.get_running_loop().call_later(seconds, act)]


def _content_length(head: bytes) -> int:
    """Give the length of a request's body."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0


class Simulation:
    """
    Many simulated cameras on the running loop; a context manager.

    `ports` are the ports in fact taken, in the order of the devices.

    Raises:
        ValueError: The plan strikes a device that is not there.
    """

    def __init__(
        self,
        devices: Iterable[Device],
        plan: Sequence[Change] = (),
        *,
        heard: Heard | None = None,
    ) -> None:
        """Prepare the cameras; the plan's time begins when they start, `heard` gets every byte."""
        self.cameras = [Camera(device, heard) for device in devices]
        everyone = [camera.device for camera in self.cameras]
        self._plan = [
            (
                change,
                [self.cameras[each] for each in dict.fromkeys(select(change.devices, everyone))],
            )
            for change in plan
        ]
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ports(self) -> list[int]:
        """The port of each camera."""
        return [camera.port for camera in self.cameras]

    async def __aenter__(self) -> Self:
        """Start all cameras, then the plan's clock."""
        try:
            for camera in self.cameras:
                await camera.start()
        except OSError:
            await self._close()
            raise
        for change, struck in self._plan:
            task = asyncio.get_running_loop().create_task(self._carry_out(change, struck))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the plan and all cameras."""
        del kind, error, trace
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._close()

    async def _close(self) -> None:
        """Stop all cameras."""
        for camera in self.cameras:
            await camera.close()

    async def _carry_out(self, change: Change, struck: list[Camera]) -> None:
        """Bring a fault when its time has come, and take it away again."""
        await asyncio.sleep(change.after_seconds)
        for camera in struck:
            await camera.become(change.fault)
        if change.for_seconds is None:
            return
        await asyncio.sleep(change.for_seconds)
        for camera in struck:
            if camera.fault is change.fault:
                await camera.become(camera.device.fault)
