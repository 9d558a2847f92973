"""The only reader of the wall clock; everything else is handed an instant."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

Clock: TypeAlias = Callable[[], datetime]
# What another clock shows at an instant of one's own.
Conversion: TypeAlias = Callable[[datetime], datetime]

PARIS = ZoneInfo("Europe/Paris")
STEP_SECONDS = 2.0


def utc_now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)


def same_instant(instant: datetime) -> datetime:
    """Return an instant as it is: what a clock shows that agrees with one's own."""
    return instant


def whole_second(instant: datetime) -> datetime:
    """Floor an instant to whole seconds, the resolution of every verdict."""
    return instant.replace(microsecond=0)


def paris_midnight(day: date) -> datetime:
    """Return the UTC instant at which a calendar day begins in metropolitan France."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


def paris_day(instant: datetime) -> date:
    """Return the calendar day that metropolitan France has at an instant."""
    return instant.astimezone(PARIS).date()


class SteadyClock:
    """
    A clock that never goes back: monotonic time anchored to UTC at its start.

    `step()` tells how far the wall clock has moved against it since the last
    look; more than `STEP_SECONDS` means that somebody set the clock.
    """

    def __init__(
        self, wall: Clock = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Anchor to the wall clock as it stands."""
        self._wall = wall
        self._monotonic = monotonic
        self._anchor = wall()
        self._started = monotonic()

    def __call__(self) -> datetime:
        """Return the current instant in UTC; never earlier than a former answer."""
        return self._anchor + timedelta(seconds=self._monotonic() - self._started)

    def on_the_wall(self, instant: datetime) -> datetime:
        """
        Return what the wall clock shows at an instant of this one.

        For what others hold against their own clock: after a step back this one is ahead.
        """
        return instant + (self._wall() - self())

    def step(self) -> float:
        """
        Return by how many seconds the wall clock was moved, 0.0 when it was not.

        Forward steps (a clock set right, a machine that slept) are followed by
        anchoring anew; backward ones never are, so no instant goes back.
        """
        moved = (self._wall() - self()).total_seconds()
        if abs(moved) <= STEP_SECONDS:
            return 0.0
        if moved > 0:
            self._anchor = self._wall()
            self._started = self._monotonic()
        return moved
