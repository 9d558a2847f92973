"""Time as the database knows it: what was planned, seen and swapped, and its sums."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.clock import paris_day
from registry.fleet.models import Camera
from registry.monitoring.models import Interval, MaintenanceWindow, Standing
from registry.monitoring.queries.standings import batched, seconds_of, service_bounds
from registry.monitoring.rules import Stretch
from registry.monitoring.uptime import Span, Tally, position_tally


@dataclass(frozen=True, slots=True)
class PlannedSpans:
    """Planned time by site, and by camera where only one of them is worked on."""

    sites: dict[int, list[Span]]
    cameras: dict[int, list[Span]]

    def of(self, site_id: int, camera_id: int) -> Sequence[Span]:
        """Return the planned spans of one camera; they may overlap."""
        if not self.sites and not self.cameras:
            return ()
        return [*self.sites.get(site_id, ()), *self.cameras.get(camera_id, ())]


def planned_spans(session: Session, window: Span) -> PlannedSpans:
    """Read the maintenance windows that overlap a span of time."""
    planned = PlannedSpans(defaultdict(list), defaultdict(list))
    start, end = seconds_of(MaintenanceWindow.starts_at), seconds_of(MaintenanceWindow.ends_at)
    rows = session.execute(
        select(MaintenanceWindow.site_id, MaintenanceWindow.camera_id, start, end).where(
            end > window.start, start < window.end
        )
    )
    for site_id, camera_id, starts_at, ends_at in rows:
        if camera_id is None:
            planned.sites[site_id].append(Span(starts_at, ends_at))
        else:
            planned.cameras[camera_id].append(Span(starts_at, ends_at))
    return planned


@dataclass(frozen=True, slots=True)
class Life:
    """One camera's time in service and what was seen of it, ready to be tallied."""

    camera_id: int
    site_id: int
    service: Span
    stretches: Sequence[Stretch]


def site_tallies(session: Session, windows: Sequence[Span]) -> dict[int, list[Tally]]:
    """
    Tally the positions of every site in several windows that end together.

    The database sums what it can: cameras in service through the longest window,
    without maintenance in it. The others are read out and tallied one by one.
    Cameras that were never probed are not counted: monitoring has not begun there.
    """
    longest = max(windows, key=lambda window: window.length)
    tallies = _summed(session, windows, longest)
    odd = _odd_cameras(session, longest)
    planned = planned_spans(session, longest)
    for life in lives(session, odd, longest):
        site = tallies.setdefault(life.site_id, [Tally()] * len(windows))
        spans = planned.of(life.site_id, life.camera_id)
        for number, window in enumerate(windows):
            site[number] += position_tally(
                window, life.stretches, service=life.service, planned=spans
            )
    return tallies


def lives(session: Session, camera_ids: Sequence[int], window: Span) -> Iterator[Life]:
    """Read what was seen of some cameras in a window; never probed ones are left out."""
    for chunk in batched(camera_ids):
        seen = _stretches(session, chunk, window)
        rows = session.execute(
            select(
                Camera.id,
                Camera.site_id,
                Camera.commissioned_on,
                Camera.retired_on,
                seconds_of(Standing.began_at),
            )
            .join(Standing, Standing.camera_id == Camera.id)
            .where(Camera.id.in_(chunk))
        )
        for camera_id, site_id, commissioned_on, retired_on, began_at in rows:
            bounds = service_bounds(commissioned_on, retired_on)
            service = Span(max(bounds.start, began_at), bounds.end)
            yield Life(camera_id, site_id, service, seen[camera_id])


def _stretches(
    session: Session, camera_ids: Sequence[int], window: Span
) -> defaultdict[int, list[Stretch]]:
    """Read intervals as stretches; one that still runs ends with what vouches for it."""
    start, end = seconds_of(Interval.started_at), _end(window)
    found: defaultdict[int, list[Stretch]] = defaultdict(list)
    rows = session.execute(
        select(Interval.camera_id, start, end, Interval.health)
        .join(Standing, Standing.camera_id == Interval.camera_id)
        .where(Interval.camera_id.in_(camera_ids), end > window.start, start < window.end)
        .order_by(Interval.camera_id, start)
    )
    for camera_id, started_at, ended_at, health in rows:
        found[camera_id].append(Stretch(started_at, max(started_at, ended_at), health))
    return found


def _end(window: Span) -> ColumnElement[int]:
    """Return the end of an interval within a window, for a row joined to its standing."""
    running = least(seconds_of(Standing.held_until), window.end)
    return least(func.coalesce(seconds_of(Interval.ended_at), running), window.end)


def least(one: ColumnElement[int], other: int) -> ColumnElement[int]:
    """Return the smaller of two numbers (SQLite says min, PostgreSQL least)."""
    return case((one < other, one), else_=other)


def greatest(one: ColumnElement[int], other: int) -> ColumnElement[int]:
    """Return the larger of two numbers (SQLite says max, PostgreSQL greatest)."""
    return case((one > other, one), else_=other)


def _is_plain(window: Span) -> ColumnElement[bool]:
    """Tell whether a camera was in service all through a window, with nothing planned."""
    first, last = (paris_day(datetime.fromtimestamp(each, UTC)) for each in window)
    planned = (
        select(MaintenanceWindow.id)
        .where(
            MaintenanceWindow.site_id == Camera.site_id,
            seconds_of(MaintenanceWindow.ends_at) > window.start,
            seconds_of(MaintenanceWindow.starts_at) < window.end,
        )
        .correlate(Camera)
        .exists()
    )
    return (
        (Camera.commissioned_on <= first)
        & (Camera.retired_on.is_(None) | (Camera.retired_on > last))
        & ~planned
    )


def _odd_cameras(session: Session, window: Span) -> list[int]:
    return list(
        session.scalars(
            select(Camera.id).where(Camera.commissioned_on.is_not(None), ~_is_plain(window))
        )
    )


def _summed(session: Session, windows: Sequence[Span], longest: Span) -> dict[int, list[Tally]]:
    """Let the database tally the plain cameras, by site."""
    plain = _is_plain(longest)
    totals = session.execute(
        select(Camera.site_id, *(func.sum(_watched(window)) for window in windows))
        .join(Standing, Standing.camera_id == Camera.id)
        .where(plain)
        .group_by(Camera.site_id)
    )
    tallies = {
        site_id: [Tally(unknown=int(total)) for total in per_window]
        for site_id, *per_window in totals
    }
    start, end = seconds_of(Interval.started_at), _end(longest)
    sums = session.execute(
        select(
            Camera.site_id,
            Interval.health,
            *(func.sum(greatest(end - greatest(start, window.start), 0)) for window in windows),
        )
        .join(Camera, Camera.id == Interval.camera_id)
        .join(Standing, Standing.camera_id == Interval.camera_id)
        .where(
            plain,
            Interval.health != Health.UNKNOWN,
            start < longest.end,
            or_(Interval.ended_at.is_(None), seconds_of(Interval.ended_at) > longest.start),
        )
        .group_by(Camera.site_id, Interval.health)
    )
    for site_id, health, *per_window in sums:
        site = tallies[site_id]
        for number, seconds in enumerate(per_window):
            known = Tally(**{health.value: int(seconds)}, unknown=-int(seconds))
            site[number] += known
    return tallies


def _watched(window: Span) -> ColumnElement[int]:
    """Return for how long a plain camera was monitored in a window."""
    return greatest(window.end - greatest(seconds_of(Standing.began_at), window.start), 0)
