"""What is planned at a site, was lately, or was cancelled, for people to see and change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.monitoring.models import MaintenanceWindow

SHOWN_FOR = timedelta(days=30)
WINDOWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class WindowLine:
    """One maintenance window, and how it stands at an instant."""

    window: MaintenanceWindow
    at: datetime

    @property
    def state(self) -> str:
        """A word of render.WINDOW_WORDS."""
        if self.window.cancelled_at is not None:
            return "cancelled"
        if self.at < self.window.starts_at:
            return "to_come"
        return "running" if self.at < self.window.ends_at else "past"

    @property
    def late(self) -> bool:
        """Tell whether it was entered as it stands after it had begun."""
        return self.window.entered_at > self.window.starts_at


def windows_of(session: Session, site_id: int, *, at: datetime) -> tuple[WindowLine, ...]:
    """Return the windows of a site that are to come or ended lately, the latest first."""
    found = session.scalars(
        select(MaintenanceWindow)
        .where(MaintenanceWindow.site_id == site_id, MaintenanceWindow.ends_at > at - SHOWN_FOR)
        .options(joinedload(MaintenanceWindow.camera))
        .order_by(MaintenanceWindow.starts_at.desc(), MaintenanceWindow.id.desc())
        .limit(WINDOWS_SHOWN)
    )
    return tuple(WindowLine(each, at) for each in found)
