"""Planned time: maintenance, and the hours in which a site has no power."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from registry.clock import paris_midnight
from registry.fleet.models import PowerHours
from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.queries.planned import dark_sites, dark_spans, planned_spans
from registry.monitoring.uptime import HOUR, Span
from tests import factories
from tests.monitoring.telling import NOON, at_minute

NIGHT = "mon-sun 20:00-06:00"


def day(day: date) -> Span:
    """Return a day of Paris."""
    start, end = (paris_midnight(each) for each in (day, day + timedelta(days=1)))
    return Span(int(start.timestamp()), int(end.timestamp()))


def fed_at_night(session: Session, *, from_on: date, until_on: date | None = None) -> int:
    """Return a site whose lamp posts have power from 20:00 to 06:00."""
    site = factories.make_site(session)
    row = PowerHours(site_id=site.id, hours=NIGHT, from_on=from_on, until_on=until_on)
    session.add(row)
    session.flush()
    return site.id


def test_the_hours_without_power_are_planned(session: Session) -> None:
    """Fourteen hours of an ordinary day, by the clock on the wall."""
    site_id = fed_at_night(session, from_on=date(2026, 1, 1))
    monday = day(date(2026, 11, 23))

    planned = planned_spans(session, monday)

    assert planned.of(site_id, 1) == [Span(monday.start + 6 * HOUR, monday.start + 20 * HOUR)]
    assert dark_sites(session, at=NOON) == {site_id}
    assert dark_sites(session, at=NOON + timedelta(hours=8)) == frozenset()


def test_a_night_in_which_the_clocks_change_is_an_hour_longer(session: Session) -> None:
    """On 25 October 2026 the lamps burn until six on the wall: that is seven hours."""
    site_id = fed_at_night(session, from_on=date(2026, 1, 1))
    sunday = day(date(2026, 10, 25))

    (dark,) = dark_spans(session, sunday)[site_id]

    assert sunday.length == 25 * HOUR
    assert dark == Span(sunday.start + 7 * HOUR, sunday.start + 21 * HOUR)


def test_hours_count_while_they_are_in_force(session: Session) -> None:
    """Before a site was put on the lamps' circuit, and after, it was always fed."""
    monday = date(2026, 11, 23)
    site_id = fed_at_night(session, from_on=monday, until_on=monday + timedelta(days=1))
    window = Span(day(monday - timedelta(days=1)).start, day(monday + timedelta(days=1)).end)

    start = day(monday).start
    assert dark_spans(session, window) == {site_id: [Span(start + 6 * HOUR, start + 20 * HOUR)]}


def test_a_window_of_ages_is_dark_no_earlier_than_the_first_hours(session: Session) -> None:
    """Whoever asks since 1900 gets what there is, not a century of days laid out for nothing."""
    monday = date(2026, 11, 23)
    fed_at_night(session, from_on=monday)
    end = day(monday + timedelta(days=3)).end

    ages = dark_spans(session, Span(day(date(1900, 1, 1)).start, end))

    assert ages == dark_spans(session, Span(day(monday).start, end))
    assert dark_spans(session, Span(day(date(1900, 1, 1)).start, day(monday).start - 1)) == {}


def test_what_was_entered_late_can_be_left_out(session: Session) -> None:
    """Of a window entered half-way only the second half was known on time."""
    site = factories.make_site(session)
    for first, last, entered in ((0, 10, 4), (20, 30, 40), (50, 60, -5)):
        session.add(
            MaintenanceWindow(
                site_id=site.id,
                starts_at=at_minute(first),
                ends_at=at_minute(last),
                reason="test",
                author="test",
                entered_at=at_minute(entered),
            )
        )
    session.flush()
    noon = int(NOON.timestamp())

    known = planned_spans(session, Span(noon, noon + HOUR), on_time=True)

    assert [(datetime.fromtimestamp(s, UTC), datetime.fromtimestamp(e, UTC)) for s, e in
            known.of(site.id, 1)] == [
        (at_minute(4), at_minute(10)),
        (at_minute(50), at_minute(60)),
    ]  # fmt: skip
