"""Time as the database knows it: what was planned, seen and swapped, and its sums."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.queries.standings import seconds_of
from registry.monitoring.uptime import Span


@dataclass(frozen=True, slots=True)
class PlannedSpans:
    """Planned time by site, and by camera where only one of them is worked on."""

    sites: dict[int, list[Span]]
    cameras: dict[int, list[Span]]

    def of(self, site_id: int, camera_id: int) -> Sequence[Span]:
        """Return the planned spans of one camera; they may overlap."""
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
