"""
What an outage comes from, what it shares with others, and until when it must be repaired.

A cause says where to look first; a root says what broke once where many cameras fell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays

from probes.verdict import Health, Reason
from registry.clock import paris_day, paris_midnight
from registry.fleet.rules.power import WeeklyHours

# Beyond this a repair that is due in business hours is not looked for any further.
HORIZON = timedelta(days=400)


class Cause(StrEnum):
    """Where to look first: on the way, at the supply, at the device, in its settings."""

    LINK = "link"
    SUPPLY = "supply"
    DEVICE = "device"
    SETTINGS = "settings"
    OTHER = "other"


CAUSES: Mapping[Reason, Cause] = {
    Reason.GATEWAY_DOWN: Cause.LINK,
    Reason.NO_ROUTE: Cause.LINK,
    Reason.DNS: Cause.LINK,
    Reason.CONNECT_TIMEOUT: Cause.SUPPLY,
    Reason.CONNECT_REFUSED: Cause.DEVICE,
    Reason.CONNECT_RESET: Cause.DEVICE,
    Reason.TIMEOUT_FIRST_BYTE: Cause.DEVICE,
    Reason.TIMEOUT_BODY: Cause.DEVICE,
    Reason.CLOSED_EARLY: Cause.DEVICE,
    Reason.SOAP_FAULT: Cause.DEVICE,
    Reason.MALFORMED_XML: Cause.DEVICE,
    Reason.TOO_LARGE: Cause.DEVICE,
    Reason.TLS_HANDSHAKE: Cause.SETTINGS,
    Reason.NOT_HTTP: Cause.SETTINGS,
    Reason.HTTP_STATUS: Cause.SETTINGS,
    Reason.REDIRECT: Cause.SETTINGS,
    Reason.NOT_ONVIF: Cause.SETTINGS,
}


class Root(StrEnum):
    """What several outages share, from the widest to the single camera."""

    ZONE_SILENT = "zone_silent"
    SITE_DARK = "site_dark"
    CREDENTIALS_CHANGED = "credentials_changed"
    CAMERA = "camera"


class Exclusion(StrEnum):
    """Why an outage does not count against whoever maintains the camera."""

    PLANNED = "planned"
    VANDALISM = "vandalism"
    POWER = "power"
    NETWORK = "network"
    FORCE_MAJEURE = "force_majeure"


class Repair(StrEnum):
    """How an outage stands against the time that the contract guarantees."""

    NO_CONTRACT = "no_contract"
    RUNNING = "running"
    KEPT = "kept"
    LATE = "late"
    UNSEEN = "unseen"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Fallen:
    """One camera that is out: since when, and for which reason."""

    camera_id: int
    site_id: int
    since: datetime
    health: Health
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Place:
    """
    A site as the grouping sees it.

    `rejecting` are the cameras of the site that answer but refuse our credentials.
    """

    site_id: int
    zone: str
    in_service: int
    rejecting: int = 0


@dataclass(frozen=True, slots=True)
class Incident:
    """
    Outages that have one root, and since when.

    `zone` is empty but for a silent zone, `site_id` none for it. A site that rejects
    our credentials has no outage: `fallen` is empty there.
    """

    root: Root
    since: datetime | None
    zone: str = ""
    site_id: int | None = None
    fallen: tuple[Fallen, ...] = ()


def cause_of(reason: Reason | None) -> Cause:
    """Say where to look first."""
    return CAUSES.get(reason, Cause.OTHER) if reason else Cause.OTHER


def incidents(places: Iterable[Place], fallen: Iterable[Fallen]) -> list[Incident]:
    """
    Group what is out by what it shares, the widest first.

    A site of two or more cameras that are all out is dark; where every camera of a zone
    is out, and two or more sites are dark, the zone is silent. A site on which every
    camera that answers refuses our credentials, two or more, had them changed. What
    is left is a camera that fell by itself.
    """
    known = {place.site_id: place for place in places}
    by_site: defaultdict[int, list[Fallen]] = defaultdict(list)
    for each in fallen:
        by_site[each.site_id].append(each)
    dark = {
        site_id
        for site_id, out in by_site.items()
        if site_id in known and 1 < known[site_id].in_service <= len(out)
    }
    silent = _silent_zones(known.values(), by_site)
    found = [_zone(zone, sites, by_site) for zone, sites in silent.items()]
    in_silence = {site_id for sites in silent.values() for site_id in sites}
    found += [
        _incident(Root.SITE_DARK, by_site[site_id], site_id=site_id)
        for site_id in sorted(dark - in_silence)
    ]
    found += [
        Incident(Root.CREDENTIALS_CHANGED, None, site_id=place.site_id)
        for place in known.values()
        if had_credentials_changed(place, len(by_site.get(place.site_id, ())))
    ]
    found += [
        _incident(Root.CAMERA, [each], site_id=site_id)
        for site_id, out in sorted(by_site.items())
        if site_id not in dark | in_silence
        for each in out
    ]
    return found


def silent_sites(places: Iterable[Place], out: Mapping[int, Sized]) -> dict[int, str]:
    """
    Return the sites of every zone that is silent as a whole, each with its zone.

    Args:
        places: Every site.
        out: What is out, by site.
    """
    silent = _silent_zones(places, out)
    return {site_id: zone for zone, sites in silent.items() for site_id in sites}


def _silent_zones(places: Iterable[Place], out: Mapping[int, Sized]) -> dict[str, list[int]]:
    """Return the zones with no camera left, and two or more sites of several cameras each."""
    zones: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.in_service:
            zones[place.zone].append(place)
    return {
        zone: [each.site_id for each in sites]
        for zone, sites in sorted(zones.items())
        if sum(each.in_service > 1 for each in sites) > 1
        and all(each.in_service <= len(out.get(each.site_id, ())) for each in sites)
    }


def had_credentials_changed(place: Place, out: int) -> bool:
    """Tell whether every camera of a site that answers, two or more, refuses our login."""
    answering = place.in_service - out
    return place.rejecting > 1 and place.rejecting == answering


def _zone(zone: str, sites: Sequence[int], by_site: Mapping[int, list[Fallen]]) -> Incident:
    out = [each for site_id in sites for each in by_site[site_id]]
    return Incident(Root.ZONE_SILENT, min(each.since for each in out), zone, None, tuple(out))


def _incident(root: Root, out: Sequence[Fallen], *, site_id: int) -> Incident:
    return Incident(root, min(each.since for each in out), "", site_id, tuple(out))


def repair_due(
    started_at: datetime, *, gtr_hours: int | None, hours: WeeklyHours | None
) -> datetime | None:
    """
    Return until when a camera must be repaired; none where nothing is guaranteed.

    None also where the hours of a contract do not come to so much within `HORIZON`.
    Business hours run by the clock of Paris and stand still on public holidays
    (Code du travail, L3133-1).

    Args:
        started_at: When the outage began.
        gtr_hours: Guaranteed time to repair (GTR), in hours.
        hours: The weekly hours in which it runs; none for around the clock.
    """
    if gtr_hours is None:
        return None
    left = timedelta(hours=gtr_hours)
    if hours is None:
        return started_at + left
    at = started_at
    step = timedelta(days=14)
    while at < started_at + HORIZON:
        for start, end in worked(hours, at, at + step):
            if end - start >= left:
                return start + left
            left -= end - start
        at += step
    return None


def worked(hours: WeeklyHours, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the stretches of weekly hours inside a window that no public holiday takes away."""
    found: list[tuple[datetime, datetime]] = []
    for start, stop in hours.between(begin, end):
        at, day = start, paris_day(start)
        while at < stop:
            midnight = min(stop, paris_midnight(day + timedelta(days=1)))
            if not is_holiday(day):
                if found and found[-1][1] == at:
                    found[-1] = (found[-1][0], midnight)
                else:
                    found.append((at, midnight))
            at, day = midnight, day + timedelta(days=1)
    return found


def is_holiday(day: date) -> bool:
    """Tell whether a day is a public holiday in metropolitan France."""
    return day in _holidays(day.year)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def repair_state(
    due_at: datetime | None,
    *,
    ended_at: datetime | None,
    ended_by: Health | None = None,
    excluded: bool,
    at: datetime,
) -> Repair:
    """
    Say how an outage stands against its guaranteed repair.

    One that ended because nobody looked any more was not repaired in time for that: nobody
    knows. It is late only if it was still seen out when the time was over.

    Args:
        due_at: Until when it must be repaired; none where nothing is guaranteed.
        ended_at: When it ended; none while it lasts.
        ended_by: The health that ended it.
        excluded: Whether it was judged not to count.
        at: Now.
    """
    if due_at is None:
        return Repair.NO_CONTRACT
    if excluded:
        return Repair.EXCLUDED
    if ended_at is not None and ended_at <= due_at:
        return Repair.UNSEEN if ended_by is Health.UNKNOWN else Repair.KEPT
    if ended_at is not None:
        return Repair.LATE
    return Repair.RUNNING if at <= due_at else Repair.LATE
