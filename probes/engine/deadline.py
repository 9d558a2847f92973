"""Ends an attempt that takes too long."""

import asyncio
from typing import cast


class Deadline:
    """
    Cancels the task that makes it once its time is up, and says so.

    `asyncio.timeout` arms a timer, then another where the end is moved, and
    costs 20 us: a tenth of a probe, for what hardly ever comes to pass. Here
    the one timer sees, when it fires, that its end has moved meanwhile.
    """

    __slots__ = ("_before", "_end", "_loop", "_task", "_timer", "expired")

    def __init__(self, loop: asyncio.AbstractEventLoop, *, seconds: float) -> None:
        """Start to count, in the task that is to be cancelled."""
        task = cast("asyncio.Task[object]", asyncio.current_task(loop))
        self.expired = False
        self._loop = loop
        self._task = task
        self._before = task.cancelling()
        self._end = loop.time() + seconds
        self._timer = loop.call_later(seconds, self._ring)

    def move(self, end: float) -> None:
        """Set another end, by the loop's clock; it counts once the first is reached."""
        self._end = end

    def stop(self) -> None:
        """Count no more."""
        self._timer.cancel()

    def took_back(self) -> bool:
        """
        Take back the cancellation, once it has been caught, if it is the deadline's.

        False where somebody else cancelled the task as well: that must go on.
        """
        return self.expired and self._task.uncancel() <= self._before

    def _ring(self) -> None:
        """Cancel the task, or wait on where the end has moved."""
        left = self._end - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._ring)
        else:
            self.expired = True
            self._task.cancel()
