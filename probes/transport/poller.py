"""
Watches the plain sockets of many probes with one descriptor of the loop.

An asyncio transport serves any protocol, and costs a third of a quick probe for
that (measured on uvloop): here the kernel's own list of ready sockets is read,
and each one's listener called. One look at all of them, ten times a second,
stands for a timer each: nobody needs a deadline to the millisecond.
"""

import asyncio
import logging
import select
from time import monotonic
from typing import Protocol

_LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.1
READABLE = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
ENDED = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
FAILED = select.EPOLLERR | select.EPOLLHUP
# Edges, not levels: a socket is added once and never changed, which saves two
# calls to the kernel a probe; its listener reads until there is no more.
_EDGES = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_AT_ONCE = 256
# A loop that looks so late has kept answers waiting, and gives the time back.
LAG_SECONDS = 1.0
# After so long a standstill devices have hung up on us, and no failure means a thing.
STANDSTILL_SECONDS = 5.0


class Listener(Protocol):
    """Who minds one socket; a call that raises is logged, and costs nobody else anything."""

    due: float

    def ready(self, events: int) -> None:
        """Take note of what the socket is ready for."""

    def expire(self) -> None:
        """Take note that `due` has passed, by the monotonic clock."""

    def grant(self, seconds: float) -> None:
        """Take more time, because ours has been lost."""

    def close(self) -> None:
        """Let the socket go and say nothing."""


class Poller:
    """The listeners of one loop, and the one clock of their deadlines."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch nothing yet."""
        self.loop = loop
        self._epoll = select.epoll()
        self._listeners: dict[int, Listener] = {}
        self._lagged_at = self._stood_still_at = float("-inf")
        self._next = monotonic() + LOOK_SECONDS
        self._timer = loop.call_later(LOOK_SECONDS, self._look)
        loop.add_reader(self._epoll.fileno(), self._wake)

    def __len__(self) -> int:
        """How many sockets are watched."""
        return len(self._listeners)

    def add(self, descriptor: int, listener: Listener) -> None:
        """Watch a socket until it is closed or removed."""
        self._epoll.register(descriptor, _EDGES)
        self._listeners[descriptor] = listener

    def forget(self, descriptor: int) -> None:
        """Watch a socket no more that is about to be closed: the kernel forgets it by itself."""
        self._listeners.pop(descriptor, None)

    def remove(self, descriptor: int) -> None:
        """Watch a socket no more that stays open."""
        if self._listeners.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def lagged_since(self, instant: float) -> bool:
        """Tell whether the loop itself was late since an instant of the monotonic clock."""
        return self._lagged_at >= instant

    def stood_still_since(self, instant: float) -> bool:
        """Tell whether it was so late that even time given back is no help."""
        return self._stood_still_at >= instant

    def close(self) -> None:
        """Let all sockets go, and their listeners unheard."""
        self._timer.cancel()
        for listener in list(self._listeners.values()):
            listener.close()
        self._listeners.clear()
        if not self._epoll.closed:
            self.loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def _wake(self) -> None:
        """Call the listeners whose sockets are ready."""
        find = self._listeners.get
        for descriptor, events in self._epoll.poll(0, _AT_ONCE):
            listener = find(descriptor)
            if listener is None:
                continue
            # An edge is told once: one listener's fault must not cost the others theirs.
            try:
                listener.ready(events)
            except Exception:  # noqa: BLE001 - the loop outlives every bug
                _LOG.exception("the listener of socket %d failed", descriptor)

    def _look(self) -> None:
        """End what has taken too long, and look again."""
        now = monotonic()
        late = now - self._next
        if late > LAG_SECONDS:
            self._give_back(late, now)
        overdue = [each for each in self._listeners.items() if each[1].due <= now]
        for descriptor, listener in overdue[:_AT_ONCE]:
            try:
                listener.expire()
            except Exception:  # noqa: BLE001 - the loop outlives every bug
                _LOG.exception("the listener of socket %d failed at its end", descriptor)
                self.forget(descriptor)
        # Where a whole fleet falls silent, what else the loop has to do comes in between.
        pause = LOOK_SECONDS if len(overdue) <= _AT_ONCE else 0.0
        self._next = monotonic() + pause
        self._timer = self.loop.call_later(pause, self._look)

    def _give_back(self, late: float, now: float) -> None:
        """Move all deadlines: while the loop was late nobody of ours read what came."""
        _LOG.warning("the probes' loop was %.1f s late", late)
        self._lagged_at = now
        if late > STANDSTILL_SECONDS:
            self._stood_still_at = now
        for descriptor, listener in self._listeners.items():
            try:
                listener.grant(late)
            except Exception:  # noqa: BLE001 - the loop outlives every bug
                _LOG.exception("the listener of socket %d took no time", descriptor)
