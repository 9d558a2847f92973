"""Time as the database knows it: what was planned, seen and swapped, and its sums."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera
from registry.monitoring.models import Interval, Standing
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.queries.standings import batched, seconds_of, service_bounds
from registry.monitoring.queries.sums import By, hull, least, odd_cameras, plain_sums
from registry.monitoring.rules import Stretch
from registry.monitoring.uptime import Reckoning, Span, position_tally, transitions


@dataclass(frozen=True, slots=True)
class Life:
    """One camera's time in service and what was seen of it, ready to be tallied."""

    camera_id: int
    site_id: int
    service: Span
    stretches: Sequence[Stretch]

    def reckon(self, window: Span, planned: PlannedSpans) -> Reckoning:
        """Reckon this camera's position in a window."""
        spans = planned.of(self.site_id, self.camera_id)
        near = self.near(window)
        return Reckoning(
            position_tally(window, near, service=self.service, planned=spans),
            transitions(window, near, service=self.service),
        )

    def near(self, window: Span) -> Sequence[Stretch]:
        """Return the stretches that touch a window: of a year's, those of a day are few."""
        first = bisect_right(self.stretches, window.start, key=attrgetter("start")) - 1
        last = bisect_left(self.stretches, window.end, key=attrgetter("start"))
        return self.stretches[max(0, first) : last]


def reckon(
    session: Session, windows: Sequence[Span], by: By, site_ids: Collection[int] | None = None
) -> dict[int, list[Reckoning]]:
    """
    Reckon the positions of every camera (of some sites) in several windows, by site or not.

    The database sums what it can, the others are read out and reckoned one by one.
    Cameras that were never probed are not counted: monitoring has not begun there.
    """
    scope = hull(windows)
    sums = plain_sums(session, windows, by, site_ids)
    planned = planned_spans(session, scope)
    for life in lives(session, odd_cameras(session, scope, site_ids), scope):
        key = life.site_id if by is Camera.site_id else life.camera_id
        found = sums.setdefault(key, [Reckoning()] * len(windows))
        for place, window in enumerate(windows):
            found[place] += life.reckon(window, planned)
    return sums


def reckon_sites(
    session: Session, site_ids: Collection[int], windows: Sequence[Span]
) -> dict[int, list[Reckoning]]:
    """Reckon a few sites, camera by camera: what `reckon` says of them."""
    cameras = [
        camera_id
        for chunk in batched(sorted(site_ids))
        for camera_id in session.scalars(select(Camera.id).where(Camera.site_id.in_(chunk)))
    ]
    sums: dict[int, list[Reckoning]] = {}
    scope = hull(windows)
    planned = planned_spans(session, scope)
    for life in lives(session, cameras, scope):
        found = sums.setdefault(life.site_id, [Reckoning()] * len(windows))
        for place, window in enumerate(windows):
            found[place] += life.reckon(window, planned)
    return sums


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
    held = case(
        (Standing.health == Health.UNKNOWN, window.end), else_=seconds_of(Standing.held_until)
    )
    running = least(held, window.end)
    return least(func.coalesce(seconds_of(Interval.ended_at), running), window.end)
