"""How long an authorisation may last, and spans of days that meet."""

from datetime import date, timedelta

import pytest

from registry.fleet.rules.papers import add_months, expiries, expiry, latest_expiry, overlap

DAYS = [date(2026, 1, day) for day in range(1, 5)]


@pytest.mark.parametrize(
    ("kind", "decided_on", "latest"),
    [
        ("permanent", date(2024, 2, 29), date(2029, 2, 28)),
        ("renewal", date(2026, 11, 23), date(2031, 11, 23)),
        ("provisional", date(2026, 10, 31), date(2027, 2, 28)),
    ],
)
def test_an_authorisation_lasts_no_longer_than_the_law(
    kind: str, decided_on: date, latest: date
) -> None:
    """Five years, or four months; a day that a month has not is its last one."""
    assert latest_expiry(kind, decided_on) == latest


@pytest.mark.parametrize(("months", "day"), [(1, date(2026, 12, 31)), (2, date(2027, 1, 31))])
def test_months_are_added_over_the_end_of_a_year(months: int, day: date) -> None:
    """December is not the thirteenth month of anything."""
    assert add_months(date(2026, 11, 30), months) == day.replace(day=30)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ((DAYS[0], DAYS[1]), (DAYS[1], DAYS[2]), False),
        ((DAYS[0], DAYS[2]), (DAYS[1], DAYS[3]), True),
        ((DAYS[0], None), (DAYS[3], None), True),
        ((DAYS[2], None), (DAYS[0], DAYS[2]), False),
    ],
)
def test_spans_meet_when_they_share_a_day(
    one: tuple[date, date | None], other: tuple[date, date | None], *, meet: bool
) -> None:
    """Half-open, either way round; an open end lasts for good."""
    assert overlap(one, other) is meet
    assert overlap(other, one) is meet


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (181, "later"), (180, "within_180"), (121, "within_180"), (120, "within_120"),
        (61, "within_120"), (60, "within_60"), (1, "within_60"), (0, "last_day"),
        (-1, "expired"), (-900, "expired"),
    ],
)  # fmt: skip
def test_the_end_of_a_paper_is_warned_of_in_time(left: int, told: str) -> None:
    """At 180, 120 and 60 days, on its last day, and ever after."""
    today = DAYS[0]

    assert expiry(today + timedelta(days=left), today=today) == told


def test_only_the_last_paper_of_a_site_is_warned_of() -> None:
    """What is followed by another needs nothing; what is to come is not in force."""
    first, last = date(2020, 1, 1), date(2026, 2, 1)
    today = DAYS[0]

    assert expiries([(first, DAYS[1]), (first, last)], today=today) == ["followed", "within_60"]
    assert expiries([(first, DAYS[1]), (DAYS[2], None)], today=today) == ["followed", "ahead"]
    assert expiries([(first, None)], today=today) == ["later"]
    assert expiries([], today=today) == []
