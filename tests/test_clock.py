"""The clock: instants never go back, days are those of the people in the street."""

from datetime import UTC, date, datetime, timedelta

from registry.clock import (
    SteadyClock,
    paris_day,
    paris_midnight,
    same_instant,
    utc_now,
    whole_second,
)
from tests.conftest import NOON


class Hands:
    """A wall clock and a monotonic one that a test moves by hand."""

    def __init__(self) -> None:
        """Start at noon."""
        self.wall = NOON
        self.seconds = 100.0

    def pass_time(self, seconds: float) -> None:
        """Let both clocks run."""
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    def steady(self) -> SteadyClock:
        """Return the clock under test, anchored now."""
        return SteadyClock(wall=lambda: self.wall, monotonic=lambda: self.seconds)


def test_the_clock_is_aware_and_in_utc() -> None:
    """No instant leaves the clock without its time zone."""
    assert utc_now().tzinfo is UTC


def test_seconds_are_floored() -> None:
    """A verdict is dated to the whole second in which its probe began."""
    assert whole_second(NOON + timedelta(milliseconds=999)) == NOON


def test_a_day_begins_at_midnight_in_paris() -> None:
    """In summer a day of Paris begins at 22:00 UTC of the day before."""
    assert paris_midnight(date(2026, 7, 14)) == datetime(2026, 7, 13, 22, tzinfo=UTC)


def test_the_day_of_the_clock_change_has_25_hours() -> None:
    """The last Sunday of October is an hour longer than the others."""
    length = paris_midnight(date(2026, 10, 26)) - paris_midnight(date(2026, 10, 25))

    assert length == timedelta(hours=25)


def test_an_instant_near_midnight_belongs_to_the_day_of_paris() -> None:
    """At 23:30 UTC in winter it is already tomorrow in Paris."""
    assert paris_day(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == date(2026, 11, 24)


def test_a_steady_clock_runs_with_the_wall_clock() -> None:
    """As long as nobody sets the clock, both show the same instant."""
    hands = Hands()
    clock = hands.steady()

    hands.pass_time(90)

    assert clock() == hands.wall
    assert clock.step() == 0.0


def test_a_clock_set_back_never_takes_an_instant_back() -> None:
    """A wall clock set back by an hour is told, and not followed."""
    hands = Hands()
    clock = hands.steady()
    hands.pass_time(10)
    before = clock()

    hands.wall -= timedelta(hours=1)

    assert clock.step() == -3600.0
    assert clock() >= before


def test_what_the_wall_clock_shows_is_known_all_the_same() -> None:
    """Whoever compares with a clock of his own is told by the one that was set back."""
    hands = Hands()
    clock = hands.steady()
    hands.pass_time(10)

    hands.wall -= timedelta(hours=1)

    assert clock.on_the_wall(clock()) == hands.wall
    assert clock.on_the_wall(NOON) == NOON - timedelta(hours=1)


def test_clocks_that_agree_show_the_same() -> None:
    """Nothing is converted between them."""
    assert same_instant(NOON) is NOON


def test_a_clock_set_forward_is_told_once_and_followed() -> None:
    """After a jump forward the steady clock shows the new time."""
    hands = Hands()
    clock = hands.steady()

    hands.wall += timedelta(hours=1)

    assert clock.step() == 3600.0
    assert clock() == hands.wall
    assert clock.step() == 0.0


def test_a_small_correction_is_no_step() -> None:
    """NTP may slew by up to two seconds without a word in the journal."""
    hands = Hands()
    clock = hands.steady()

    hands.wall += timedelta(seconds=1.5)

    assert clock.step() == 0.0
