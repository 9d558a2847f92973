"""Hours of power by themselves: entered, set right, ended."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid
from registry.fleet.models import PowerHours, Site
from registry.fleet.service import add_power_hours, correct_power_hours
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.conftest import NOON
from tests.factories import make_site

AUTHOR = Signature("user:1", NOON, "relevé sur place")
NIGHT, EVENING = "mon-sun 20:00-06:00", "mon-sun 18:00-23:00"


@pytest.fixture
def site(session: Session) -> Site:
    """Write a site with night hours from January and evening hours from March."""
    site = make_site(session)
    for hours, month in ((NIGHT, 1), (EVENING, 3)):
        said = {"site": site.public_id, "hours": hours, "from_on": date(2026, month, 1)}
        add_power_hours(session, said, signed=AUTHOR)
    return site


def spans(site: Site) -> list[tuple[str, date, date | None]]:
    """Return what a site's hours are, in order."""
    return [(each.hours, each.from_on, each.until_on) for each in site.power_hours]


def test_hours_are_entered_from_a_day(session: Session, site: Site) -> None:
    """Written in French or English, kept in one form; those before end there."""
    with pytest.raises(Conflict):
        add_power_hours(
            session, {"site": site.public_id, "hours": "lun-dim 18h-23h"}, signed=AUTHOR
        )

    assert spans(site) == [
        (NIGHT, date(2026, 1, 1), date(2026, 3, 1)),
        (EVENING, date(2026, 3, 1), None),
    ]


def test_hours_are_set_right_and_ended_with_a_reason(session: Session, site: Site) -> None:
    """The journal has what stood before, under the site."""
    last = site.power_hours[-1]

    assert correct_power_hours(session, last, {"until_on": date(2026, 6, 1)}, signed=AUTHOR)
    assert correct_power_hours(session, last, {"hours": NIGHT}, signed=AUTHOR)
    assert not correct_power_hours(session, last, {"hours": NIGHT}, signed=AUTHOR)

    session.expire_all()
    assert spans(site)[-1] == (NIGHT, date(2026, 3, 1), date(2026, 6, 1))
    entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject) == ("power_hours.edit", f"site:{site.public_id}")
    assert EVENING in entry.before


@pytest.mark.parametrize(
    ("row", "values", "code"),
    [
        (1, {"from_on": date(2026, 2, 28)}, "power.overlap"),
        (0, {"until_on": date(2026, 3, 2)}, "power.overlap"),
        (0, {"until_on": None}, "power.overlap"),
        (0, {"until_on": date(2026, 1, 1)}, "span.order"),
        (0, {"hours": "at night"}, "hours"),
        (0, {"from_on": None}, "cell.required"),
    ],
    ids=str,
)
def test_two_sets_of_hours_never_hold_on_one_day(
    session: Session, site: Site, row: int, values: dict[str, Any], code: str
) -> None:
    """Nor does one end before it begins, or say something else than hours."""
    with pytest.raises(Invalid) as refused:
        correct_power_hours(session, site.power_hours[row], values, signed=AUTHOR)

    assert [each.code for each in refused.value.problems] == [code]


def test_the_past_changes_with_a_reason_only(session: Session, site: Site) -> None:
    """What was counted is counted anew."""
    silent = Signature("user:1", NOON)
    said = {"site": site.public_id, "hours": NIGHT}

    with pytest.raises(Invalid, match=r"reason\.required"):
        correct_power_hours(session, site.power_hours[0], {"hours": EVENING}, signed=silent)
    with pytest.raises(Invalid, match=r"reason\.required"):
        add_power_hours(session, said, signed=silent)
    assert len(session.scalars(select(PowerHours)).all()) == 2
