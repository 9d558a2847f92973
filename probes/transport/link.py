"""
Holds the conversation with one device.

A protocol of our own on uvloop: streams cost a fifth more, an HTTP library
three times as much.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import NamedTuple, cast

from probes.explain import Trace
from probes.guard import dial
from probes.target import Target
from probes.transport.http1 import MAX_BODY_BYTES, Reading, Reply
from probes.transport.request import PLAIN, Form, write_request
from probes.transport.tls import PIN_FIRST, Contexts, issue_of, objection, read_certificate
from probes.verdict import Issue, Reason, Unusable

CONNECT_SECONDS = 3.0


class Wire(asyncio.Protocol):
    """One connection: bytes out, one reply in at a time."""

    __slots__ = ("_most", "_reading", "_trace", "_waiter", "lost", "transport", "used")

    def __init__(self, trace: Trace, most: int = MAX_BODY_BYTES) -> None:
        """Wait to be connected; a body of more than `most` bytes is refused."""
        self._most = most
        self.transport: asyncio.Transport | None = None
        self.lost = False
        self.used = False
        self._trace = trace
        self._reading: Reading | None = None
        self._waiter: asyncio.Future[Reply] | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing has come since the last question."""
        return self._reading is None or not self._reading.begun

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> "asyncio.Future[Reply]":
        """Send a request, and promise its reply."""
        self._reading = Reading(self._most)
        self._waiter = asyncio.get_running_loop().create_future()
        self._trace.stage = "first_byte"
        if self.transport is None or self.lost:
            self._fail(Unusable(Reason.CLOSED_EARLY))
        else:
            self.transport.write(request)
        return self._waiter

    def data_received(self, data: bytes) -> None:
        """Read on; what nobody has asked for is dropped."""
        if self._waiter is None or self._reading is None or self._waiter.done():
            return
        self._trace.stage = "body"
        try:
            reply = self._reading.feed(data)
        except Unusable as error:
            self._fail(error)
            return
        if reply is not None:
            self._waiter.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was being read: well, if only the end was missing."""
        self.lost = True
        if self._waiter is None or self._reading is None or self._waiter.done():
            return
        if exc is not None:
            self._fail(exc)
            return
        try:
            self._waiter.set_result(self._reading.finish())
        except Unusable as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Break the promise, unless nobody waits any more."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


class Dropped(ConnectionResetError):
    """A connection that had served before went without an answer: a login is made anew."""


class Exchange(NamedTuple):
    """One question and its reply: when it was sent (epoch seconds), and how long it took."""

    reply: Reply
    sent_at: float
    seconds: float


class Link:
    """
    The way to one device, reopened where the device closes it.

    `trusted` is false once TLS trust failed, and while the certificate is still to be
    pinned: no credentials may then be sent. `certificate` is then what was seen (the
    SHA-256 of its DER form), for the register to pin; `certificate_until` is the end
    of validity of any.

    Args:
        target: Whom to speak to.
        contexts: How to shake hands.
        trace: Told what was met.
        now: The wall clock, in aware UTC, by which certificates expire.
        most: The bytes that a body may have.
        connect_seconds: What the addresses of a name share.
    """

    def __init__(  # noqa: PLR0913 - its owner decides how far it goes
        self,
        target: Target,
        contexts: Contexts,
        trace: Trace,
        *,
        now: Callable[[], datetime],
        most: int = MAX_BODY_BYTES,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        """Prepare; nothing is sent before `open`."""
        self.trusted = True
        self.certificate = ""
        self.certificate_until: datetime | None = None
        self._now = now
        self.issues: set[Issue] = set()
        self._target = target
        self._contexts = contexts
        self._trace = trace
        self._most = most
        self._connect_seconds = connect_seconds
        self._wire: Wire | None = None
        self._plain: socket.SocketType | None = None
        self._past: Exchange | None = None

    def resume(self, plain: socket.SocketType | None, past: Exchange | None) -> None:
        """
        Go on where another left off, instead of `open`.

        Args:
            plain: A connection that has served a question already, if it still stands.
            past: An exchange that nobody has read: the next question's.
        """
        self._plain = plain
        self._past = past

    async def open(self) -> None:
        """
        Connect, and shake hands where the scheme is https.

        Raises:
            BlockedAddress: The address is not allowed.
            OSError: No connection, or no handshake (SSLError).
        """
        wire = await self._connect()
        if self._target.scheme == "https":
            began = monotonic()
            self._trace.stage = "tls"
            wire = await self._secure(wire)
            self._trace.spend("tls", monotonic() - began, seen=self._seen(wire))
        self._wire = wire

    async def post(
        self,
        body: bytes,
        action: str,
        *,
        authorization: str = "",
        form: Form = PLAIN,
        login: bool = False,
    ) -> Exchange:
        """
        Send one request and wait for its reply.

        A device may have dropped a connection that was used before; that alone
        is answered with one new connection and the same request, but for a `login`:
        the device may have read it, and would refuse its nonce the second time.

        Raises:
            Dropped: That befell a login.
            Unusable: What came back is no HTTP reply, or too large.
            OSError: The connection broke.
        """
        if self._past is not None:
            past, self._past = self._past, None
            return past
        data = write_request(self._target, body, action, authorization=authorization, form=form)
        wire = await self._connected()
        sent_at, began = self._now().timestamp(), monotonic()
        try:
            reply = await wire.ask(data)
        except (ConnectionError, Unusable) as error:
            if not (wire.used and wire.silent and wire.lost):
                raise
            if login:
                raise Dropped from error
            wire = await self._reopen()
            sent_at, began = self._now().timestamp(), monotonic()
            reply = await wire.ask(data)
        wire.used = True
        exchange = Exchange(reply, sent_at, monotonic() - began)
        # A connection that ends with its reply is let go.
        if not reply.persistent:
            self.close()
        return exchange

    def close(self) -> None:
        """Let the connection go, whatever state it is in."""
        if self._wire is not None:
            _abort(self._wire)
            self._wire = None
        if self._plain is not None:
            self._plain.close()
            self._plain = None

    async def _connected(self) -> Wire:
        """Give the connection to ask on: the one at hand, or a new one."""
        if self._plain is not None:
            # asyncio wants the class around the plain type.
            taken = socket.socket(fileno=self._plain.detach())
            self._plain = None
            loop = asyncio.get_running_loop()
            _, self._wire = await loop.create_connection(
                lambda: Wire(self._trace, self._most), sock=taken
            )
            self._wire.used = True
        if self._wire is None or self._wire.lost:
            return await self._reopen()
        return self._wire

    async def _connect(self) -> Wire:
        """Open a TCP connection, and take its times."""
        trace, target = self._trace, self._target
        trace.stage = "dns"
        began = monotonic()
        resolved = began

        def on_resolved() -> None:
            nonlocal resolved
            resolved = monotonic()
            trace.stage = "connect"

        _, wire = await dial(
            target.host,
            target.port,
            lambda: Wire(trace, self._most),
            networks=target.networks,
            seconds=self._connect_seconds,
            resolved=on_resolved,
        )
        trace.reachable = True
        trace.spend("dns", resolved - began)
        trace.spend("connect", monotonic() - resolved)
        return wire

    async def _reopen(self) -> Wire:
        """
        Connect again in the middle of a conversation.

        Raises:
            SSLError: Another certificate than before: what is about to be sent
                may hold credentials that were meant for the first.
        """
        self.close()
        was_trusted = self.trusted
        await self.open()
        if was_trusted and not self.trusted:
            raise ssl.SSLError(f"another certificate than before: {sorted(self.issues)}")
        if self._wire is None:
            raise ConnectionResetError
        return self._wire

    async def _secure(self, wire: Wire) -> Wire:
        """Shake hands; where trust fails, do it again without, and remember that."""
        policy = self._target.tls_verify
        context = self._contexts.first(policy)
        try:
            await self._handshake(wire, context)
        except (ssl.SSLError, ConnectionError) as error:
            _abort(wire)
            if context is self._contexts.unchecked:
                raise
            # Keys and ciphers too weak for trust end the first handshake as well.
            self._distrust(issue_of(error))
            wire = await self._connect()
            self._trace.stage = "tls"
            await self._handshake(wire, self._contexts.unchecked)
        seen = read_certificate(_certificate(wire))
        self.certificate_until = seen.until
        if policy == PIN_FIRST:
            self.trusted = False
            self.certificate = seen.sha256
        doubt = objection(policy, seen, at=self._now())
        if doubt is not None:
            self._distrust(doubt)
        return wire

    async def _handshake(self, wire: Wire, context: ssl.SSLContext) -> None:
        """Turn the connection into a TLS one."""
        loop = asyncio.get_running_loop()
        plain = wire.transport
        if plain is None:
            raise ConnectionResetError
        try:
            secured = await loop.start_tls(plain, wire, context, server_hostname=self._target.host)
        except BaseException:
            plain.abort()
            raise
        wire.transport = secured

    def _distrust(self, issue: Issue) -> None:
        """Withhold credentials from here on."""
        self.trusted = False
        self.issues.add(issue)

    def _seen(self, wire: Wire) -> str:
        """Describe the TLS connection for a technician."""
        session = wire.transport.get_extra_info("ssl_object") if wire.transport else None
        version = session.version() if session else ""
        return " ".join([version or "", *sorted(self.issues)]).strip()


def _abort(wire: Wire) -> None:
    """Drop a connection without waiting for the other end."""
    if wire.transport is not None:
        wire.transport.abort()


def _certificate(wire: Wire) -> bytes:
    """Give the certificate of the other end, as it was sent (DER)."""
    session = wire.transport.get_extra_info("ssl_object") if wire.transport else None
    return (session.getpeercert(binary_form=True) or b"") if session else b""
