"""Posts to one device from a thread that has no loop, over the engine's own link."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Self

import uvloop

from probes.explain import Trace
from probes.target import Target
from probes.transport.digest import authorise, challenges, choose
from probes.transport.http1 import Reply
from probes.transport.link import Dropped, Link
from probes.transport.tls import Contexts

_UNAUTHORISED = 401


class Poster:
    """
    A conversation with one device, for a thread; a context manager.

    What holds for a probe holds here: the guard judges the address that is connected,
    TLS is trusted by the camera's own rule, no redirect is followed, and one deadline
    runs over everything, however slowly the bytes drip.

    Args:
        target: Whom to speak to.
        contexts: How to shake hands.
        now: The wall clock, in aware UTC.
        seconds: For the whole conversation.
        most: The bytes that one reply may have.
    """

    def __init__(
        self,
        target: Target,
        *,
        contexts: Contexts,
        now: Callable[[], datetime],
        seconds: float,
        most: int,
    ) -> None:
        """Prepare; nothing is sent before the context is entered."""
        self.trace = Trace()
        self._target = target
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._link = Link(target, contexts, self.trace, now=now, most=most)
        self._seconds = seconds
        self._end = 0.0
        self.dropped = False

    @property
    def trusted(self) -> bool:
        """Whether credentials may be sent."""
        return self._link.trusted

    def __enter__(self) -> Self:
        """
        Connect.

        Raises:
            BlockedAddress: The address is not allowed.
            OSError: No connection within the time, or no handshake.
        """
        self._runner.__enter__()
        self._end = monotonic() + self._seconds
        try:
            self._runner.run(self._timed_open())
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        del kind, error, trace
        self._close()

    def post(self, body: bytes, action: str, *, login: bool = False) -> Reply:
        """
        Send a request without HTTP credentials; one with a token in it is a `login`.

        Raises:
            Dropped: A login got no answer on a connection that had served before;
                `dropped` then holds, and it may be made anew, with another nonce.
            Unusable: What came back is no HTTP reply, or too large.
            OSError: The connection broke, or the time is over.
        """
        return self._runner.run(self._timed_post(body, action, login=login))

    def post_with_digest(self, body: bytes, action: str, *, again: bool = True) -> Reply:
        """
        Send a request, and answer the challenge that it meets; a new one each time.

        A login that got no answer is made anew, once if `again`, to a fresh challenge.

        Raises:
            Dropped: As for `post`.
            Unusable: As for `post`.
            OSError: As for `post`.
        """
        reply = self.post(body, action)
        challenge = choose(challenges(reply.header("WWW-Authenticate")))
        if reply.status != _UNAUTHORISED or challenge is None or not self.trusted:
            return reply
        target = self._target
        header = authorise(challenge, target.username, target.password, uri=target.path)
        try:
            return self._runner.run(self._timed_post(body, action, header, login=True))
        except Dropped:
            if not again:
                raise
        return self.post_with_digest(body, action, again=False)

    def wants_digest(self, reply: Reply) -> bool:
        """Tell whether a refusal comes with a Digest challenge that can be met."""
        offered = challenges(reply.header("WWW-Authenticate"))
        return reply.status == _UNAUTHORISED and choose(offered) is not None

    def cut(self) -> None:
        """End the conversation from another thread: whatever is asked of it now fails."""
        self._end = 0.0
        try:
            self._runner.get_loop().call_soon_threadsafe(self._link.close)
        except RuntimeError:
            # It has just come to its end by itself.
            return

    async def _timed_open(self) -> None:
        async with asyncio.timeout(self._left()):
            await self._link.open()

    async def _timed_post(
        self, body: bytes, action: str, authorization: str = "", *, login: bool
    ) -> Reply:
        self.dropped = False
        try:
            async with asyncio.timeout(self._left()):
                exchange = await self._link.post(
                    body, action, authorization=authorization, login=login
                )
        except Dropped:
            self.dropped = True
            raise
        return exchange.reply

    def _left(self) -> float:
        """
        Return the seconds that are left.

        Raises:
            TimeoutError: None: a timeout that is over would still let one request out.
        """
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _close(self) -> None:
        """Let the connection go, on its own loop, and the loop with it."""

        async def hang_up() -> None:
            self._link.close()

        self._runner.run(hang_up())
        self._runner.close()
