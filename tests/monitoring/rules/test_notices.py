"""When people are told: quiet hours, digests, flapping, retries."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.verdict import Authentication
from registry.clock import PARIS
from registry.monitoring.rules.notices import (
    BEGINNINGS,
    ENDINGS,
    MATTERS,
    MENDED,
    Flapping,
    Happening,
    Matter,
    Quiet,
    Severity,
    SiteOuts,
    due_at,
    is_wanted,
    login_turn,
    retry_after,
)

FAILED, VERIFIED = Authentication.FAILED, Authentication.VERIFIED

NIGHT = Quiet(time(22), time(6, 30))
LUNCH = Quiet(time(12), time(14))
SIX_IN_HALF_AN_HOUR = Flapping(changes=6, window_seconds=1_800)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def paris(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """Return an instant of 2026 by the clocks of Paris."""
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        (paris(23, 22), paris(24, 6, 30)),
        (paris(23, 23, 59), paris(24, 6, 30)),
        (paris(24, 0), paris(24, 6, 30)),
        (paris(24, 6, 29), paris(24, 6, 30)),
        (paris(24, 6, 30), None),
        (paris(23, 21, 59), None),
    ],
)
def test_quiet_hours_may_span_midnight(at: datetime, ends: datetime | None) -> None:
    """Whoever sleeps from ten to half past six is told in the morning, not a second before."""
    assert NIGHT.end_after(at) == ends


def test_quiet_hours_within_a_day() -> None:
    """Quiet hours that do not span midnight end on the same day."""
    assert LUNCH.end_after(paris(23, 12)) == paris(23, 14)
    assert LUNCH.end_after(paris(23, 14)) is None
    assert LUNCH.end_after(paris(23, 11, 59)) is None


def test_quiet_hours_end_by_the_clock_on_the_wall() -> None:
    """On the night of 25 October the hour from two to three comes twice: still half past six."""
    ends = NIGHT.end_after(paris(24, 23, month=10))

    assert ends == datetime(2026, 10, 25, 5, 30, tzinfo=UTC)


def test_what_is_critical_is_told_at_once() -> None:
    """A dark site wakes people up, digest or not."""
    at = paris(23, 23)

    assert due_at(at, severity=Severity.CRITICAL, quiet=NIGHT, digest_minutes=60) == at


@pytest.mark.parametrize(
    ("at", "quiet", "digest_minutes", "due"),
    [
        (paris(23, 10, 7), None, 0, paris(23, 10, 7)),
        (paris(23, 10, 7), None, 60, paris(23, 11)),
        (paris(23, 11), None, 60, paris(23, 11)),
        (paris(23, 10, 7), None, 1_440, paris(24, 0)),
        (paris(23, 23, 7), NIGHT, 0, paris(24, 6, 30)),
        (paris(23, 23, 7), NIGHT, 60, paris(24, 6, 30)),
        (paris(23, 21, 30), NIGHT, 60, paris(24, 6, 30)),
    ],
)
def test_a_warning_waits_for_digest_and_morning(
    at: datetime, quiet: Quiet | None, digest_minutes: int, due: datetime
) -> None:
    """A digest that would fall into the quiet hours comes when they end."""
    assert due_at(at, severity=Severity.WARNING, quiet=quiet, digest_minutes=digest_minutes) == due


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    starts=st.times(),
    ends=st.times(),
    digest_minutes=st.integers(0, 1_440),
)
def test_nothing_is_due_before_it_happened_nor_in_quiet_hours(
    at: datetime, starts: time, ends: time, digest_minutes: int
) -> None:
    """Whatever the hours, a warning is told later, within two days, and outside of them."""
    quiet, at = Quiet(starts.replace(second=0, microsecond=0), ends), at.replace(tzinfo=UTC)

    due = due_at(at, severity=Severity.WARNING, quiet=quiet, digest_minutes=digest_minutes)

    assert at <= due <= at + timedelta(days=2, hours=2)
    assert due == at or quiet.end_after(due) in {None, due}


def minutes(*numbers: float) -> list[datetime]:
    """Return instants some minutes after noon."""
    return [NOON + timedelta(minutes=each) for each in numbers]


@pytest.mark.parametrize(
    ("changes", "now", "holds"),
    [
        ((), 0, False),
        ((0, 1, 2, 3, 4), 5, False),
        ((0, 1, 2, 3, 4, 5), 6, True),
        ((5, 3, 1, 0, 2, 4), 6, True),
        ((0, 10, 20, 30, 40, 50, 60), 61, False),
        ((0, 1, 2, 3, 4, 5), 35, False),
        ((0, 1, 2, 3, 4, 5, 20, 40, 60), 61, True),
        ((0, 1, 2, 3, 4, 5, 40, 41), 42, False),
    ],
)
def test_a_camera_flaps_until_it_has_kept_still(
    changes: tuple[float, ...], now: float, *, holds: bool
) -> None:
    """Six changes within half an hour, and then until half an hour without one."""
    at = NOON + timedelta(minutes=now)

    assert SIX_IN_HALF_AN_HOUR.holds(minutes(*changes), at=at) is holds


@pytest.mark.parametrize(
    ("in_service", "before", "after", "severity"),
    [
        (4, 0, 4, Severity.CRITICAL),
        (4, 4, 3, Severity.CRITICAL),
        (4, 0, 3, Severity.WARNING),
        (1, 0, 1, Severity.CRITICAL),
        (0, 0, 0, Severity.WARNING),
    ],
)
def test_a_site_is_critical_when_it_goes_dark_or_comes_back(
    in_service: int, before: int, after: int, severity: Severity
) -> None:
    """Whoever is told of a dark site only is told of its return as well."""
    assert SiteOuts(in_service, before, after).severity is severity


def test_messages_are_offered_again_for_a_day() -> None:
    """Soon at first, then every hour, and no longer than a day."""
    hour, day = timedelta(hours=1), timedelta(days=1)

    assert retry_after(1, since=timedelta()) == timedelta(minutes=1)
    assert retry_after(4, since=hour) == hour
    assert retry_after(20, since=day - timedelta(seconds=1)) == hour
    assert retry_after(21, since=day) is None


def test_severities_are_ordered() -> None:
    """A wish for warnings includes what is critical, not the other way round."""
    assert is_wanted(Severity.CRITICAL, Severity.WARNING)
    assert not is_wanted(Severity.WARNING, Severity.CRITICAL)


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        (None, FAILED, Happening.REFUSED),
        (VERIFIED, FAILED, Happening.REFUSED),
        (Authentication.NONE, FAILED, Happening.REFUSED),
        (FAILED, FAILED, None),
        (FAILED, VERIFIED, Happening.ACCEPTED),
        (FAILED, Authentication.UNVERIFIED, Happening.ACCEPTED),
        (FAILED, Authentication.NONE, Happening.WITHHELD),
        (VERIFIED, Authentication.NONE, None),
        (None, VERIFIED, None),
    ],
)
def test_a_login_is_refused_once_and_accepted_once(
    before: Authentication | None, after: Authentication, turn: Happening | None
) -> None:
    """What is told is the change; a login that is not tried any more is not called accepted."""
    assert login_turn(before, after) is turn


def test_every_matter_has_one_beginning_and_an_end_that_mends_it() -> None:
    """Recoveries are always told: no matter begins that cannot end."""
    for matter in Matter:
        own = {each for each in Happening if MATTERS[each] is matter}
        assert len(own & BEGINNINGS) == len(own & MENDED) == 1
        assert own & MENDED <= own & ENDINGS
