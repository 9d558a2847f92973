"""The availability of whatever has one: a camera, a site, a contract, a grant and more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid, NotFound, Problem
from registry.fleet.models import Camera, MaintenanceContract, Site
from registry.funding.models import Campaign, Grant
from registry.monitoring.queries.devices import device_reckonings
from registry.monitoring.queries.ledger import lives
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.queries.removed import (
    removed_cameras,
    removed_devices,
    require_answerable,
)
from registry.monitoring.queries.rollups import (
    Rolled,
    midnight,
    next_midnight,
    rolled,
    site_reckonings,
)
from registry.monitoring.queries.sums import hull
from registry.monitoring.uptime import Ratio, Reckoning, Span, percent_floor
from registry.territory.models import Commune

DIGITS = 4
# A camera-window takes some 20 us: a minute is the most that anybody should wait.
MOST_RECKONINGS = 3_000_000
MOST_SECONDS = 10 * 366 * 86_400


class Subject(StrEnum):
    """What an availability may be asked of."""

    CAMERA = "camera"
    SITE = "site"
    COMMUNE = "commune"
    CONTRACT = "contract"
    GRANT = "grant"
    CAMPAIGN = "campaign"


class Group(StrEnum):
    """Into what a window may be cut: days or months of Europe/Paris."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Part:
    """A window and what was reckoned in it."""

    window: Span
    reckoning: Reckoning


@dataclass(frozen=True, slots=True)
class Availability:
    """
    An availability with all that it is made of.

    `by_device` tells the ledger of the funded devices from that of positions;
    `planned_late` are the planned seconds that were entered after they had passed.
    """

    subject: Subject
    name: str
    whole: Part
    parts: tuple[Part, ...]
    planned_late: int
    by_device: bool

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values, fit for JSON."""
        told = part_dict(self.whole, by_device=self.by_device)
        told["seconds"]["planned_late"] = self.planned_late
        return {
            "subject": self.subject.value,
            "name": self.name,
            "ledger": "device" if self.by_device else "position",
            **told,
            "parts": [part_dict(part, by_device=self.by_device) for part in self.parts],
        }


def availability(
    session: Session, subject: Subject, name: str, window: Span, *, group: Group | None = None
) -> Availability:
    """
    Reckon an availability in a window, and in the days or months that it touches.

    Positions are reckoned for a camera, a site, a commune and the sites of a contract,
    funded devices for a grant and a campaign.

    Raises:
        NotFound: There is nothing of this name.
        Invalid: The window is empty, or cut into more pieces than can be reckoned, or the
            intervals that it would be reckoned from were removed.
    """
    if not window.length:
        raise Invalid([Problem("after_start", "to", _text(window.end))])
    if group and window.length > MOST_SECONDS:
        raise Invalid([Problem("too_many_parts", "group", group.value)])
    pieces = cut_into(window, group) if group else []
    windows = [window, *pieces]
    by_device = subject in {Subject.GRANT, Subject.CAMPAIGN}
    known = rolled(session)
    require_answerable(window, known)
    if subject in {Subject.SITE, Subject.COMMUNE, Subject.CONTRACT}:
        sites = _sites(session, subject, name)
        found: Iterable[Sequence[Reckoning]] = site_reckonings(session, windows, sites).values()
        cameras = _cameras_at(session, sites)
    else:
        cameras = _cameras(session, subject, name)
        if len(cameras) * len(windows) > MOST_RECKONINGS:
            raise Invalid([Problem("too_many_parts", "group", str(group or ""))])
        found = _reckonings(session, cameras, windows, known, by_device=by_device)
    sums = [Reckoning()] * len(windows)
    for reckonings in found:
        sums = [one + other for one, other in zip(sums, reckonings, strict=True)]
    whole, *parts = (Part(*pair) for pair in zip(windows, sums, strict=True))
    late = _planned_late(session, cameras, window, by_device=by_device)
    return Availability(subject, name, whole, tuple(parts), late, by_device=by_device)


def cut_into(window: Span, group: Group) -> list[Span]:
    """Cut a window at the midnights of Europe/Paris, or at those that begin a month."""
    pieces: list[Span] = []
    start = window.start
    while start < window.end:
        end = next_midnight(midnight(start))
        while group is Group.MONTH and not _begins_month(end):
            end = next_midnight(end)
        pieces.append(Span(start, min(end, window.end)))
        start = end
    return pieces


def part_dict(part: Part, *, by_device: bool) -> dict[str, Any]:
    """
    Give one reckoning as plain values.

    Percentages are rounded down and written as decimals, so that no reader's floats
    change them; each stands beside the seconds it is made of, and its bounds.
    """
    tally = part.reckoning.tally
    seconds = {
        "in_service": tally.total,
        "up": tally.up,
        "down": tally.down,
        "unreachable": tally.unreachable,
        "unknown": tally.unknown,
        "planned": tally.planned,
    }
    if by_device:
        seconds["substituted"] = tally.substituted
    ratios = {
        "device_availability": (tally.device_availability, tally.device_bounds),
        "service_availability": (tally.service_availability, tally.service_bounds),
        "coverage": (tally.coverage, None),
    }
    return {
        "from": _text(part.window.start),
        "to": _text(part.window.end),
        "seconds": seconds,
        **{name: _ratio_dict(*pair) for name, pair in ratios.items()},
        "transitions": part.reckoning.transitions,
        "reasons": {
            name: ratio.reason.value for name, (ratio, _) in ratios.items() if ratio.reason
        },
    }


def _ratio_dict(ratio: Ratio, bounds: tuple[Ratio, Ratio] | None) -> dict[str, Any] | None:
    if ratio.reason is not None:
        return None
    told: dict[str, Any] = {
        "part": ratio.part,
        "whole": ratio.whole,
        "percent": percent_floor(ratio, DIGITS),
    }
    if bounds is not None:
        least, most = bounds
        told |= {"least": percent_floor(least, DIGITS), "most": percent_floor(most, DIGITS)}
    return told


def _begins_month(second: int) -> bool:
    # Paris is ahead of UTC: its midnight is the day before, an hour or two earlier.
    return datetime.fromtimestamp(second + 3 * 3_600, UTC).day == 1


def _text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def _sites(session: Session, subject: Subject, name: str) -> list[int]:
    if subject is Subject.SITE:
        site = session.scalar(select(Site.id).where(Site.public_id == name))
        if site is None:
            raise NotFound(f"site {name}")
        return [site]
    if subject is Subject.CONTRACT:
        contract = session.scalar(select(MaintenanceContract).filter_by(reference=name))
        if contract is None:
            raise NotFound(f"contract {name}")
        return [site.id for site in contract.sites]
    if session.get(Commune, name) is None:
        raise NotFound(f"commune {name}")
    return list(session.scalars(select(Site.id).where(Site.insee == name)))


def _cameras_at(session: Session, site_ids: Sequence[int]) -> list[int]:
    return list(session.scalars(select(Camera.id).where(Camera.site_id.in_(site_ids))))


def _cameras(session: Session, subject: Subject, name: str) -> list[int]:
    """Return the cameras of a grant or a campaign, or the one that is asked for."""
    number = int(name) if name.isdecimal() and len(name) < len(str(2**31)) else 0
    cameras = select(Camera.id).order_by(Camera.id)
    if subject is Subject.CAMERA:
        there = select(Camera.id).where(Camera.id == number)
        wanted = there
    elif subject is Subject.GRANT:
        there = select(Grant.id).where(Grant.file_number == name)
        wanted = cameras.where(Camera.grant_id.in_(there))
    else:
        there = select(Campaign.id).where(Campaign.id == number)
        grants = select(Grant.id).where(Grant.campaign_id.in_(there))
        wanted = cameras.where(Camera.grant_id.in_(grants))
    if session.scalar(there) is None:
        raise NotFound(f"{subject} {name}")
    return list(session.scalars(wanted))


def _reckonings(
    session: Session,
    cameras: Sequence[int],
    windows: Sequence[Span],
    known: Rolled,
    *,
    by_device: bool,
) -> Iterable[Sequence[Reckoning]]:
    kept = [known.since_removal(each) for each in windows]
    if by_device:
        past = removed_devices(session, cameras, windows, known)
        return [*past.values(), *device_reckonings(session, cameras, kept).values()]
    scope = hull(kept)
    planned = planned_spans(session, scope)
    recent = [
        [life.reckon(window, planned) for window in kept] for life in lives(session, cameras, scope)
    ]
    return [*removed_cameras(session, cameras, windows, known).values(), *recent]


def _planned_late(
    session: Session, cameras: Sequence[int], window: Span, *, by_device: bool
) -> int:
    """Count the planned seconds that nobody had entered when they passed."""
    planned = planned_spans(session, window)
    announced = planned_spans(session, window, on_time=True)
    if planned == announced:
        return 0
    if by_device:
        entered, known = (
            device_reckonings(session, cameras, [window], on_time=on_time).values()
            for on_time in (False, True)
        )
        return _planned(entered) - _planned(known)
    return sum(
        life.reckon(window, planned).tally.planned - life.reckon(window, announced).tally.planned
        for life in lives(session, cameras, window)
    )


def _planned(found: Iterable[Sequence[Reckoning]]) -> int:
    return sum(reckoning.tally.planned for (reckoning,) in found)
