"""What the database refuses of the hours in which a site is fed."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.fleet.models import PowerHours
from tests.factories import make_site


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
