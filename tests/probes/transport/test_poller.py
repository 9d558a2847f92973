"""Many sockets are watched at once, and each one's deadline is kept."""

import asyncio
import socket
import time
from time import monotonic

import pytest
import uvloop

from probes.transport.poller import LAG_SECONDS, LOOK_SECONDS, READABLE, Poller


class Ear:
    """A listener that writes down what it is told."""

    def __init__(self, *, seconds: float = 60.0) -> None:
        """Listen until a deadline."""
        self.due = monotonic() + seconds
        self.heard: list[str] = []

    def ready(self, events: int) -> None:
        """Hear of a socket that is ready."""
        self.heard.append("readable" if events & READABLE else "writable")

    def expire(self) -> None:
        """Hear of a deadline."""
        self.heard.append("late")
        self.due = float("inf")

    def grant(self, seconds: float) -> None:
        """Hear of time given back."""
        self.heard.append("granted")
        self.due += seconds

    def close(self) -> None:
        """Hear of the end."""
        self.heard.append("closed")


def listen(ear: Ear, *, stall_seconds: float = 0.0, remove: bool = False) -> tuple[Ear, bool]:
    """Watch one end of a pair, write on the other, and wait for two looks."""

    async def run() -> bool:
        poller = Poller(asyncio.get_running_loop())
        began = monotonic()
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        poller.add(ours.fileno(), ear)
        await asyncio.sleep(0)
        if remove:
            poller.remove(ours.fileno())
        time.sleep(stall_seconds)  # noqa: ASYNC251 - the loop that stands still is the point
        theirs.send(b"x")
        await asyncio.sleep(2.5 * LOOK_SECONDS)
        lagged = poller.lagged_since(began)
        poller.close()
        poller.close()
        ours.close()
        theirs.close()
        return lagged

    return ear, uvloop.run(run())


def test_a_listener_hears_of_each_change_once() -> None:
    """Edges, not levels: what is not read is not told again."""
    ear, lagged = listen(Ear())

    # Both changes may be told at once.
    assert [each for each in ear.heard if each != "writable"] == ["readable", "closed"]
    assert ear.heard.count("writable") <= 1
    assert not lagged


def test_a_listener_that_is_removed_hears_nothing() -> None:
    """Its socket goes on elsewhere."""
    ear, _ = listen(Ear(), remove=True)

    assert "readable" not in ear.heard
    assert "closed" not in ear.heard


class Faulty(Ear):
    """A listener that fails in whatever it is told."""

    def ready(self, events: int) -> None:
        """Fail."""
        super().ready(events)
        raise KeyError

    def expire(self) -> None:
        """Fail, and stay overdue."""
        self.heard.append("late")
        raise KeyError

    def grant(self, seconds: float) -> None:
        """Fail."""
        super().grant(seconds)
        raise KeyError


def test_a_listener_that_fails_costs_no_other_anything(caplog: pytest.LogCaptureFixture) -> None:
    """An edge is told once: who misses it waits for ever."""
    ears = [Faulty(seconds=0.05), Ear(), Faulty(seconds=0.05), Ear()]

    async def run() -> int:
        poller = Poller(asyncio.get_running_loop())
        pairs = [socket.socketpair() for _ in ears]
        for (ours, theirs), ear in zip(pairs, ears, strict=True):
            ours.settimeout(0)
            poller.add(ours.fileno(), ear)
            theirs.send(b"x")
        time.sleep(LAG_SECONDS + 2 * LOOK_SECONDS)  # noqa: ASYNC251 - to be late is the point
        await asyncio.sleep(2.5 * LOOK_SECONDS)
        left = len(poller)
        poller.close()
        for ours, theirs in pairs:
            ours.close()
            theirs.close()
        return left

    left = uvloop.run(run())

    assert ["readable" in ear.heard for ear in ears] == [True] * 4
    assert ["granted" in ear.heard for ear in ears] == [True] * 4
    assert left == 2
    assert caplog.text.count("failed at its end") == 2


def test_a_deadline_is_kept_within_a_look_or_two() -> None:
    """One look at all of them replaces a timer each."""
    ear, _ = listen(Ear(seconds=LOOK_SECONDS / 2))

    assert "late" in ear.heard


@pytest.mark.parametrize("stall_seconds", [0.0, LAG_SECONDS + 2 * LOOK_SECONDS])
def test_a_loop_that_stood_still_is_noticed(stall_seconds: float) -> None:
    """What came too late meanwhile may be our fault."""
    _, lagged = listen(Ear(), stall_seconds=stall_seconds)

    assert lagged is (stall_seconds > 0)


def test_time_that_was_ours_to_lose_is_given_back() -> None:
    """A device has its whole time in front of somebody who listens."""
    ear, _ = listen(Ear(seconds=LAG_SECONDS), stall_seconds=LAG_SECONDS + 2 * LOOK_SECONDS)

    assert "granted" in ear.heard
    assert "late" not in ear.heard
