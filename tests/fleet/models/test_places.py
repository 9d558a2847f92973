"""What the database refuses of the hours in which a site is fed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.db import SessionFactory, session_scope
from registry.fleet.models import PowerHours
from tests.factories import make_site

HOURS = """
INSERT INTO power_hours (site_id, hours, from_on, until_on)
VALUES (:site, 'mon-sun 20:00-06:00', :start, :stop)
"""


def hours(site_id: int, start: date, end: date | None) -> PowerHours:
    """Return hours of the night, in force between two days."""
    return PowerHours(site_id=site_id, hours="mon-sun 20:00-06:00", from_on=start, until_on=end)


def test_one_set_of_hours_is_in_force(session: Session) -> None:
    """Two open ends at one site are refused."""
    site = make_site(session)
    session.add_all([hours(site.id, date(2026, 1, day), None) for day in (1, 2)])

    with pytest.raises(IntegrityError):
        session.flush()


def test_hours_end_after_they_begin(session: Session) -> None:
    """A span of no day, or less, is refused."""
    session.add(hours(make_site(session).id, date(2026, 1, 2), date(2026, 1, 2)))

    with pytest.raises(IntegrityError, match="ordered"):
        session.flush()


def test_a_site_lists_its_hours_in_order(session: Session) -> None:
    """What was in force stays readable, oldest first."""
    site = make_site(session)
    session.add(hours(site.id, date(2026, 3, 1), None))
    session.add(hours(site.id, date(2026, 1, 1), date(2026, 3, 1)))
    session.flush()
    session.expire_all()

    assert [each.from_on.month for each in site.power_hours] == [1, 3]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, 9), (8, 10)),
        ((1, 9), (2, 3)),
        ((2, 3), (1, 9)),
        ((1, None), (5, 6)),
        ((1, 9), (8, None)),
    ],
)
def test_no_site_has_two_sets_of_hours_on_one_day(
    session: Session, first: tuple[int, int | None], second: tuple[int, int | None]
) -> None:
    """However their days meet, the database refuses the second set."""
    site = make_site(session)
    one, other = (
        {"site": site.id, "start": date(2026, 1, start), "stop": stop and date(2026, 1, stop)}
        for start, stop in (first, second)
    )
    session.execute(text(HOURS), one)

    with pytest.raises(IntegrityError, match=r"power.hours"):
        session.execute(text(HOURS), other)


@pytest.mark.parametrize(
    "change", ["until_on = '2026-03-02'", "from_on = '2026-02-28'", "site_id = :site"]
)
def test_no_change_brings_two_sets_of_hours_together(session: Session, change: str) -> None:
    """Neither other days nor another site; sets that meet end to end are right."""
    here, there = make_site(session), make_site(session)
    for site, start, stop in ((here, 1, 3), (here, 3, None), (there, 2, None)):
        span = {"start": date(2026, start, 1), "stop": stop and date(2026, stop, 1)}
        session.execute(text(HOURS), {"site": site.id, **span})
    which = {"until_on": 1, "from_on": 2, "site_id": 3}[change.partition(" ")[0]]
    query = f"UPDATE power_hours SET {change} WHERE id = :id"  # noqa: S608 - our own words
    said = {"id": which, "site": here.id} if ":site" in change else {"id": which}

    with pytest.raises(IntegrityError, match=r"power.hours"):
        session.execute(text(query), said)


def test_of_two_sets_of_hours_written_at_once_one_is_refused(
    session: Session, sessions: SessionFactory
) -> None:
    """Neither writer sees the other's row before it is committed; the database does."""
    site_id = make_site(session).id
    session.commit()
    ready = Barrier(2, timeout=30)

    def write(day: int) -> bool:
        ready.wait()
        try:
            with session_scope(sessions) as own:
                span = {"start": date(2026, 1, day), "stop": date(2026, 2, day)}
                own.execute(text(HOURS), {"site": site_id, **span})
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(write, (1, 2)))

    assert sorted(written) == [False, True]
