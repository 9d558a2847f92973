"""
Asks a plain camera its two questions in the quickest way, and never waits.

Nine probes of ten are alike: an address that is a number, no TLS, two short
replies in the plainest HTTP, an identity as it was a minute ago. Such a probe is
a few calls on one socket, without a task, a transport or a parser. Whatever is
not so plain is handed over, with the connection and the reply, to the thorough
check in health.py, which goes on from there: nothing is asked twice.

The trace's stage says where an attempt is:

1. connect: `start` has begun a connection; the poller calls `ready`, and it is `_send`'s turn.
2. first_byte: `_write` has sent the pending question; `ready` has `_receive` read.
3. body: a byte has come; `_take` reads on until the reply is whole, then `_go_on`.
4. After the clock first_byte again, for the identity; connect, if the device hung up.
5. `_end` or `_hand_over`, once and last: nothing comes after `done`.
"""

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from probes.checks.findings import Findings, remembered
from probes.checks.memory import Memory, Scheme
from probes.explain import Trace
from probes.guard import begin, literal
from probes.onvif.reply import fast_clock, fast_identity
from probes.onvif.wsse import sign
from probes.target import Requests, Target
from probes.transport.http1 import Reading, Reply, plain_body
from probes.transport.link import Exchange
from probes.transport.poller import ENDED, FAILED, READABLE, Poller
from probes.transport.request import write_request
from probes.verdict import Issue, Reason, Unusable

_READ_BYTES = 16 * 1024
_FINE = 200
# The peer had answered before it broke off: it was there.
_AFTERWARDS = frozenset({errno.ECONNRESET, errno.EPIPE})


@dataclass(frozen=True, slots=True)
class Means:
    """What the quick probes of an engine share."""

    requests: Requests
    memory: Memory
    poller: Poller
    now: Callable[[], datetime]
    connect_seconds: float
    max_skew_seconds: float


def is_quick(target: Target) -> bool:
    """Tell whether a target can be asked in the quick way."""
    if target.scheme != "http" or target.verify_authentication or "%" in target.host:
        return False
    return literal(target.host, target.networks) is not None


class Quick:
    """
    One attempt at one plain camera; `done` is called once, when it has ended.

    Where it `resumes`, the thorough check goes on with `plain` and `past`: the
    connection, and the reply that nobody has read. Else it has come to `findings`
    and perhaps to an `error`, after so many `seconds`.

    Args:
        means: What all attempts share.
        target: Whom to ask; one that `is_quick`.
        trace: Told where the attempt is, and what took how long.
        done: Called at the end, but never from within `start`.
        seconds: For the whole attempt.
    """

    __slots__ = (
        "_asked_at",
        "_bare",
        "_descriptor",
        "_done",
        "_ended",
        "_findings",
        "_means",
        "_reading",
        "_request",
        "_used",
        "_wall",
        "at",
        "began",
        "due",
        "ends_at",
        "error",
        "past",
        "plain",
        "resumes",
        "seconds",
        "target",
        "trace",
    )

    def __init__(
        self,
        means: Means,
        target: Target,
        trace: Trace,
        done: "Callable[[Quick], None]",
        *,
        seconds: float,
    ) -> None:
        """Take the instant from which all times are counted."""
        self._means = means
        self._done = done
        self._asked_at = 0.0
        self._descriptor = -1
        self._reading: Reading | None = None
        self._request = b""
        self._used = False
        self._ended = False
        self._bare = False
        self.at = means.now()
        self._wall = self.at.timestamp()
        self.began = began = monotonic()
        self.due = began + min(seconds, means.connect_seconds)
        self.ends_at = began + seconds
        self.target = target
        self.trace = trace
        self._findings: Findings | None = None
        self.error: Exception | None = None
        self.resumes = False
        self.seconds = 0.0
        self.plain: socket.SocketType | None = None
        self.past: Exchange | None = None

    @property
    def findings(self) -> Findings:
        """What has been found; made when it is asked for: a dark fleet finds nothing."""
        if self._findings is None:
            self._findings = Findings()
        return self._findings

    def start(self) -> bool:
        """Begin to connect; false where that is the end already, with an error."""
        try:
            self._connect()
        except Exception as error:  # noqa: BLE001 - the engine's one table takes everything
            self.error = error
            self.close()
        return self.error is None

    def close(self) -> None:
        """Let the connection go, and call nobody."""
        if self.plain is not None:
            self._means.poller.forget(self._descriptor)
            self.plain.close()
            self.plain = None

    def ready(self, events: int) -> None:
        """Go on, now that the socket is ready; what goes wrong is the attempt's end."""
        try:
            if self.trace.stage == "connect":
                self._send(events)
            if events & READABLE and self.trace.stage != "connect":
                self._ended = bool(events & ENDED)
                self._receive()
        except Exception as error:  # noqa: BLE001 - the engine's one table takes everything
            self._end(error)

    def expire(self) -> None:
        """End for want of time."""
        self._end(TimeoutError())

    def grant(self, seconds: float) -> None:
        """Take more time, because ours has been lost."""
        self.due += seconds
        self.ends_at += seconds

    def _connect(self) -> None:
        """Open a connection on which the pending request is sent."""
        target = self.target
        self.trace.stage = "connect"
        self._asked_at = monotonic()
        self.plain = plain = begin(target.host, target.port, target.networks)
        self._descriptor = descriptor = plain.fileno()
        self._means.poller.add(descriptor, self)

    def _send(self, events: int) -> None:
        """Send the pending request on a connection that has come about, or has not."""
        trace, now = self.trace, monotonic()
        if events & FAILED and self.plain is not None:
            failed = self.plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            trace.reachable = trace.reachable or failed in _AFTERWARDS
            if failed:
                raise OSError(failed, os.strerror(failed))
        trace.reachable = True
        phases = trace.phases
        phases["dns"] = 0.0
        phases["connect"] = phases.get("connect", 0.0) + now - self._asked_at
        self.due = self.ends_at
        self._used = self._ended = False
        if not self._request:
            # Not before somebody listens: a dark fleet would hold thousands of them.
            requests = self._means.requests
            self._request = write_request(self.target, requests.clock, requests.clock_action)
        self._write(now)

    def _write(self, now: float) -> None:
        """Send the pending request."""
        self.trace.stage = "first_byte"
        self._asked_at = now
        self._reading = None
        request, plain = self._request, self.plain
        try:
            sent = plain.send(request) if plain is not None else 0
        except ConnectionError:
            if not self._is_dropped():
                raise
            self._hand_over(None)
            return
        # The buffer of a socket at rest takes a request twenty times as long.
        if sent != len(request):
            raise OSError(errno.ENOBUFS, "a request was not taken whole")

    def _receive(self) -> None:
        """Read what has come, up to its end if the connection has one."""
        plain = self.plain
        while plain is not None:
            try:
                data = plain.recv(_READ_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:
                if self._is_dropped():
                    self._hand_over(None)
                    return
                raise
            if not data:
                self._take_end()
                return
            self.trace.stage = "body"
            if self._take(data) or (len(data) < _READ_BYTES and not self._ended):
                return

    def _take(self, data: bytes) -> bool:
        """Read on; true once the reply is whole, and something has come of it."""
        body = plain_body(data) if self._reading is None else None
        if body is not None and self._read(body):
            self._go_on(persistent=True)
            return True
        if self._reading is None:
            self._reading = Reading()
        reply = self._reading.feed(data)
        if reply is None:
            return False
        self._answer(reply)
        return True

    def _take_end(self) -> None:
        """Mind that the device has hung up."""
        if self._reading is not None:
            self._answer(self._reading.finish())
        elif self._is_dropped():
            self._hand_over(None)
        else:
            raise Unusable(Reason.CLOSED_EARLY)

    def _is_dropped(self) -> bool:
        """Tell whether a connection that served before was dropped without an answer."""
        return self._used and self._reading is None

    def _answer(self, reply: Reply) -> None:
        """Read a reply that was not plain enough to be read at sight, if it is fine so far."""
        if reply.status == _FINE and self._read(reply.body):
            self._go_on(persistent=reply.persistent)
        else:
            self._hand_over(reply)

    def _read(self, body: bytes) -> bool:
        """Read the answer to the question of the moment; false where that takes a parser."""
        return self._read_identity(body) if self.findings.answered else self._read_clock(body)

    def _go_on(self, *, persistent: bool) -> None:
        """Ask the next question, if there is one."""
        if self.findings.identity is not None or not self._asks_identity():
            self._end(None)
        elif persistent and not self._ended:
            self._used = True
            self._write(monotonic())
        else:
            self.close()
            self._connect()

    def _read_clock(self, body: bytes) -> bool:
        """Read the first answer; false where it is not plain."""
        clock = fast_clock(body)
        if clock is None:
            return False
        took = monotonic() - self._asked_at
        self.trace.phases["clock"] = took
        self.findings.answered = True
        self.findings.note_clock(
            clock,
            self._wall + self._asked_at - self.began + took / 2,
            slack=took / 2,
            max_skew_seconds=self._means.max_skew_seconds,
        )
        return True

    def _asks_identity(self) -> bool:
        """Prepare the second question, if it is to be asked."""
        target, requests, found = self.target, self._means.requests, self.findings
        body = requests.identity
        if target.username:
            if not target.send_credentials:
                found.note_latch(target)
                return False
            # Should the login get no answer, what was known before still holds.
            found.authentication = remembered(target)
            # A challenge is answered by the thorough check.
            self._bare = self._means.memory.scheme(target.key) is Scheme.DIGEST
        if target.username and not self._bare:
            at = self._wall + monotonic() - self.began + (found.clock_offset_seconds or 0.0)
            body = sign(requests.signed, target.username, target.password, at=at)
        self._request = write_request(target, body, requests.identity_action)
        return True

    def _read_identity(self, body: bytes) -> bool:
        """Read the second answer; false where it is neither plain nor known."""
        if self._bare:
            return False
        target, memory, found = self.target, self._means.memory, self.findings
        known = memory.recall(target.key, body, target.basis)
        if known is None:
            named = fast_identity(body)
            if named is None:
                return False
            known = memory.learn(target.key, body, named, target.basis)
        self.trace.phases["identity"] = monotonic() - self._asked_at
        if target.username:
            found.note_login(target, refused_bare=False, open_to_all=False)
        else:
            found.issues.add(Issue.ANONYMOUS_ACCESS)
        found.note_identity(known.named, known.compared)
        return True

    def _hand_over(self, reply: Reply | None) -> None:
        """End with what somebody more thorough goes on with."""
        self.resumes = True
        if reply is None and self.target.username and not self._bare:
            # The device may have counted it; one that was answered counts where it is read.
            self.trace.logins += 1
        if reply is not None:
            sent_at = self._wall + self._asked_at - self.began
            self.past = Exchange(reply, sent_at, monotonic() - self._asked_at)
        if self.plain is not None and reply is not None and reply.persistent:
            self._means.poller.remove(self._descriptor)
        else:
            self.close()
        self._done(self)

    def _end(self, error: Exception | None) -> None:
        """End, well or not."""
        self.error = error
        self.seconds = monotonic() - self.began
        self.close()
        self._done(self)
