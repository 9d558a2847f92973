"""What time is planned: maintenance, and the hours in which a site has no power."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clock import paris_day, paris_midnight
from registry.fleet.models import PowerHours
from registry.fleet.rules.power import parse_hours
from registry.monitoring.models import MaintenanceVersion, MaintenanceWindow
from registry.monitoring.queries.standings import seconds_of, service_bounds
from registry.monitoring.uptime import Span


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


def planned_spans(session: Session, window: Span, *, on_time: bool = False) -> PlannedSpans:
    """Read what is planned in a span of time; `on_time` leaves out what was entered late."""
    planned = PlannedSpans(defaultdict(list), defaultdict(list))
    start, end = seconds_of(MaintenanceWindow.starts_at), seconds_of(MaintenanceWindow.ends_at)
    rows = session.execute(
        select(
            MaintenanceWindow.id,
            MaintenanceWindow.site_id,
            MaintenanceWindow.camera_id,
            start,
            end,
            MaintenanceWindow.entered_at,
        ).where(MaintenanceWindow.cancelled_at.is_(None), end > window.start, start < window.end)
    )
    announced = _announced(session, window) if on_time else {}
    for window_id, site_id, camera_id, starts_at, ends_at, entered_at in rows:
        spans = planned.sites[site_id] if camera_id is None else planned.cameras[camera_id]
        now = Span(starts_at, ends_at)
        if not on_time:
            spans.append(now)
            continue
        known = [Span(int(entered_at.timestamp()), ends_at), *announced.get(window_id, ())]
        spans.extend(cut for span in known if span.length and (cut := span.cut(now)).length)
    for site_id, dark in dark_spans(session, window).items():
        planned.sites[site_id].extend(dark)
    return planned


def _announced(session: Session, window: Span) -> dict[int, list[Span]]:
    """Return by window what its former versions had announced by the time it passed."""
    found: defaultdict[int, list[Span]] = defaultdict(list)
    start, end = seconds_of(MaintenanceVersion.starts_at), seconds_of(MaintenanceVersion.ends_at)
    rows = session.execute(
        select(
            MaintenanceVersion.window_id,
            start,
            end,
            MaintenanceVersion.entered_at,
            MaintenanceVersion.replaced_at,
        ).where(end > window.start, start < window.end)
    )
    for window_id, starts_at, ends_at, entered_at, replaced_at in rows:
        first = max(starts_at, int(entered_at.timestamp()))
        last = min(ends_at, int(replaced_at.timestamp()))
        if first < last:
            found[window_id].append(Span(first, last))
    return found


def dark_spans(session: Session, window: Span) -> dict[int, list[Span]]:
    """Return when sites that are not always fed have no power, within a span of time."""
    if not window.length:
        return {}
    begin, end = (datetime.fromtimestamp(second, UTC) for second in window)
    rows = session.execute(
        select(PowerHours.site_id, PowerHours.hours, PowerHours.from_on, PowerHours.until_on).where(
            PowerHours.from_on <= paris_day(end),
            PowerHours.until_on.is_(None) | (PowerHours.until_on > paris_day(begin)),
        )
    ).all()
    if not rows:
        return {}
    since = max(begin, paris_midnight(min(row.from_on for row in rows)))
    # Many sites share their hours; laying them over a month of days takes a millisecond.
    laid: dict[str, list[Span]] = {}
    dark: dict[int, list[Span]] = {}
    for site_id, hours, from_on, until_on in rows:
        if hours not in laid:
            outside = parse_hours(hours).outside(since, end)
            laid[hours] = [Span(int(a.timestamp()), int(b.timestamp())) for a, b in outside]
        in_force = service_bounds(from_on, until_on)
        cut = [each for span in laid[hours] if (each := span.cut(in_force)).length]
        if cut:
            dark.setdefault(site_id, []).extend(cut)
    return dark


def dark_sites(session: Session, *, at: datetime) -> frozenset[int]:
    """Return the sites that have no power at an instant, because they are fed by hours."""
    now = int(at.timestamp())
    return frozenset(dark_spans(session, Span(now, now + 1)))
