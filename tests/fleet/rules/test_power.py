"""Weekly hours: how they are read, kept, and laid over the days of a year."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.fleet.rules.power import french_hours, parse_hours

HOUR = timedelta(hours=1)
FIRST, LAST = datetime(2026, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001 - hypothesis asks for it
NIGHT = "mon-sun 20:00-06:00"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("lun-ven 17:00-07:00; sam,dim 0h-24h", "mon-fri 17:00-07:00; sat-sun 00:00-24:00"),
        ("MON-SUN 20:00–06:00", "mon-sun 20:00-06:00"),
        ("sat-mon 8h30-12h", "mon,sat-sun 08:30-12:00"),
        ("lundi 08:00-12:00,14:00-18:00", "mon 08:00-12:00,14:00-18:00"),
        ("mon-sun 07:00-07:00", "mon-sun 07:00-07:00"),
    ],
)
def test_hours_are_kept_in_one_form(typed: str, kept: str) -> None:
    """French and English, ranges over midnight; what is kept reads as itself."""
    assert str(parse_hours(typed)) == kept
    assert str(parse_hours(kept)) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "always", "mon", "mon 25:00-26:00", "mon 08:60-09:00", "xyz 08:00-09:00", "mon 8-9"],
)
def test_what_is_no_hours_is_refused(typed: str) -> None:
    """Words, days and times that are none."""
    with pytest.raises(ValueError):  # noqa: PT011 - the code of the cell says it in words
        parse_hours(typed)


def test_a_winter_night_is_ten_hours_of_utc() -> None:
    """20:00 in Paris is 19:00 UTC, and the night belongs to two days."""
    begin = datetime(2026, 11, 23, tzinfo=UTC)

    fed = parse_hours(NIGHT).between(begin, begin + 24 * HOUR)

    assert fed == [
        (begin, begin + 5 * HOUR),
        (begin + 19 * HOUR, begin + 24 * HOUR),
    ]


@pytest.mark.parametrize(("evening", "hours"), [((2026, 3, 28), 9), ((2026, 10, 24), 11)])
def test_the_night_of_a_clock_change_is_as_long_as_it_is(
    evening: tuple[int, int, int], hours: int
) -> None:
    """By the clock on the wall: one hour less in March, one more in October."""
    begin = datetime(*evening, 12, tzinfo=UTC)

    (night,) = parse_hours(NIGHT).between(begin, begin + 24 * HOUR)

    assert night[1] - night[0] == hours * HOUR


@given(
    st.sampled_from([NIGHT, "mon-fri 08:00-18:00", "sun 23:00-22:00", "mon-sun 00:00-24:00"]),
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    st.integers(0, 20 * 24 * 3600),
)
def test_fed_and_dark_share_out_every_window(hours: str, begin: datetime, seconds: int) -> None:
    """Nothing is both, nothing is neither, whatever the window."""
    end = begin + timedelta(seconds=seconds)
    weekly = parse_hours(hours)

    spans = sorted([*weekly.between(begin, end), *weekly.outside(begin, end)])

    assert sum((stop - start for start, stop in spans), timedelta()) == end - begin
    assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_hours_are_told_in_french_and_read_back() -> None:
    """Only the days change."""
    kept = "mon-fri 17:00-07:00; sat-sun 00:00-24:00"

    told = french_hours(kept)

    assert told == "lun-ven 17:00-07:00; sam-dim 00:00-24:00"
    assert str(parse_hours(told)) == kept
