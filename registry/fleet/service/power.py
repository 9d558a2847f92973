"""Enters the hours in which a site's cameras are fed, and sets right what was entered."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clock import paris_day
from registry.errors import Conflict, Invalid, Problem
from registry.fleet.models import PowerHours, Site
from registry.fleet.rules.tables import POWER
from registry.fleet.service.edits import amend, days, read_values, require
from registry.fleet.service.sites import set_power_hours, sites_by_public_id
from registry.signature import Signature


def add_power_hours(
    session: Session, values: Mapping[str, Any], *, signed: Signature
) -> PowerHours:
    """
    Put weekly hours in force at a site from a day, by default today.

    What was in force before that day stays so; what began later gives way.

    Raises:
        Invalid: With every wrong field, or for want of a reason.
        Conflict: The same hours are in force since that day or longer.
    """
    read = read_values(POWER, values, complete=True)
    (site,) = sites_by_public_id(session, read["site"], "site")
    _lock(session, site)
    from_on = read.get("from_on") or paris_day(signed.at)
    if not set_power_hours(session, site, read["hours"], from_on=from_on, signed=signed):
        raise Conflict(f"site {site.public_id} is fed in these hours already")
    session.flush()
    return site.power_hours[-1]


def correct_power_hours(
    session: Session, row: PowerHours, values: Mapping[str, Any], *, signed: Signature
) -> bool:
    """
    Set right what was entered, or end it: `until_on` is the first day without these hours.

    Tell whether anything changed; availability is counted anew where it did.

    Raises:
        Invalid: With every wrong field, for want of a reason, or because the site would
            have two sets of hours on one day.
    """
    read = read_values(POWER, values, complete=False)
    read.pop("site", None)
    _lock(session, row.site)
    start = read.get("from_on", row.from_on)
    end = read.get("until_on", row.until_on)
    if end is not None and end <= start:
        said = {"first": f"{start:%d/%m/%Y}"}
        raise Invalid([Problem("span.order", "until_on", str(end), said)])
    require([each for other in row.site.power_hours if other is not row
             for each in _meets(other, start, end)])  # fmt: skip
    subject = f"site:{row.site.public_id}"
    changed = amend(session, row, read, table=POWER, subject=subject, signed=signed)
    session.flush()
    return changed


def _meets(other: PowerHours, start: date, end: date | None) -> list[Problem]:
    before = other.until_on is not None and other.until_on <= start
    after = end is not None and end <= other.from_on
    said = {"hours": other.hours, "second": days(other.from_on, other.until_on)}
    return [] if before or after else [Problem("power.overlap", "from_on", str(start), said)]


def _lock(session: Session, site: Site) -> None:
    # Two clients cannot both fill the same days.
    session.execute(select(Site.id).where(Site.id == site.id).with_for_update())
    session.expire(site, ["power_hours"])
