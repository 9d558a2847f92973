"""
Planned time: entered, changed, cancelled; what it was before is never lost.

Every change marks the rollups of what it was and of what it becomes as stale, in the
same transaction, and stands in the journal with both and its reason.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry import journal
from registry.clock import whole_second
from registry.errors import Conflict, Invalid, NotFound, Problem
from registry.fleet.models import Camera, Site
from registry.monitoring.models import MaintenanceVersion, MaintenanceWindow
from registry.monitoring.queries.removed import require_kept
from registry.monitoring.queries.rollups import rolled
from registry.monitoring.service.rollups import DAY_SECONDS, mark_stale
from registry.monitoring.uptime import Span

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """Planned time [starts_at, ends_at), in whole seconds, and what is done in it."""

    starts_at: datetime
    ends_at: datetime
    reason: str

    @property
    def span(self) -> Span:
        """The time in seconds since 1970."""
        return Span(int(self.starts_at.timestamp()), int(self.ends_at.timestamp()))

    def to_dict(self) -> dict[str, object]:
        """Give it as the journal keeps it."""
        return {"starts_at": self.starts_at, "ends_at": self.ends_at, "reason": self.reason}


def enter_maintenance(  # noqa: PLR0913 - a window has this many sides
    session: Session,
    site_id: int,
    *,
    camera_id: int | None = None,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    actor: str,
    at: datetime,
) -> MaintenanceWindow:
    """
    Enter planned time for a site or for one of its cameras, and journal it.

    A window that lies in the past changes the ratios, never the counters.

    Raises:
        NotFound: The site, or a camera of it, is not there.
        Invalid: The window is empty, has no reason, or begins where intervals were removed.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound(f"site {site_id}")
    if camera_id is not None:
        camera = session.get(Camera, camera_id)
        if camera is None or camera.site_id != site_id:
            raise NotFound(f"camera {camera_id} at site {site_id}")
    plan = _checked(starts_at, ends_at, reason)
    window = MaintenanceWindow(
        site_id=site_id,
        camera_id=camera_id,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        reason=plan.reason,
        author=actor,
        entered_at=at,
    )
    session.add(window)
    session.flush()
    _mark(session, window, plan, at=at)
    journal.write(
        session,
        at=at,
        actor=actor,
        action="maintenance.enter",
        subject=f"site:{site.public_id}" if camera_id is None else f"camera:{camera_id}",
        after={"starts_at": window.starts_at, "ends_at": window.ends_at},
        reason=window.reason,
    )
    return window


def change_maintenance(  # noqa: PLR0913 - a window has this many sides
    session: Session,
    window_id: int,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    why: str,
    actor: str,
    at: datetime,
) -> MaintenanceWindow:
    """
    Give planned time other dates or another reason; what it was is kept as a version.

    Raises:
        NotFound: There is no such window.
        Conflict: It is cancelled, or somebody else has changed it meanwhile.
        Invalid: The window would be empty or without a reason, or no `why` is given.
    """
    window = _standing(session, window_id)
    _require(why)
    plan = _checked(starts_at, ends_at, reason)
    if plan != _plan_of(window):
        _replace(session, window, plan, why=why, actor=actor, at=at, action="maintenance.change")
    return window


def cancel_maintenance(
    session: Session, window_id: int, *, why: str, actor: str, at: datetime
) -> MaintenanceWindow:
    """
    Cancel planned time: one that runs ends now, any other counts no longer.

    One that has passed is withdrawn like one that is to come: it was entered in error.

    Raises:
        NotFound: There is no such window.
        Conflict: It is cancelled already, or somebody else has changed it meanwhile.
        Invalid: No `why` is given.
    """
    window = _standing(session, window_id)
    _require(why)
    plan, now = _plan_of(window), whole_second(at)
    if plan.starts_at < now < plan.ends_at:
        rest = Plan(plan.starts_at, now, plan.reason)
        _replace(session, window, rest, why=why, actor=actor, at=at, action="maintenance.cut")
        return window
    _guarded(session, window, {"cancelled_at": at, "cancelled_by": actor})
    _mark(session, window, plan, where="why", at=at)
    journal.write(
        session,
        at=at,
        actor=actor,
        action="maintenance.cancel",
        subject=f"maintenance:{window.id}",
        before=plan.to_dict(),
        after={"cancelled_at": at},
        reason=why.strip(),
    )
    return window


def _standing(session: Session, window_id: int) -> MaintenanceWindow:
    window = session.get(MaintenanceWindow, window_id, populate_existing=True)
    if window is None:
        raise NotFound(f"maintenance window {window_id}")
    if window.cancelled_at is not None:
        raise Conflict(f"maintenance window {window_id} was cancelled by {window.cancelled_by}")
    return window


def _plan_of(window: MaintenanceWindow) -> Plan:
    return Plan(window.starts_at, window.ends_at, window.reason)


def _checked(starts_at: datetime, ends_at: datetime, reason: str) -> Plan:
    problems = []
    plan = Plan(whole_second(starts_at), whole_second(ends_at), reason.strip())
    if plan.ends_at <= plan.starts_at:
        problems.append(Problem("after_start", "ends_at", ends_at.isoformat()))
    if not plan.reason:
        problems.append(Problem("required", "reason"))
    if len(plan.reason) > REASON_LENGTH:
        limit = {"limit": str(REASON_LENGTH)}
        problems.append(Problem("too_long", "reason", plan.reason[:40], limit))
    if problems:
        raise Invalid(problems)
    return plan


def _require(why: str) -> None:
    if not why.strip():
        raise Invalid([Problem("required", "why")])


def _replace(  # noqa: PLR0913 - what, why, by whom and when are four things
    session: Session,
    window: MaintenanceWindow,
    plan: Plan,
    *,
    why: str,
    actor: str,
    at: datetime,
    action: str,
) -> None:
    """Keep what a window was as a version, and let it be what it becomes."""
    before = _plan_of(window)
    version = MaintenanceVersion(
        window_id=window.id,
        **before.to_dict(),
        author=window.author,
        entered_at=window.entered_at,
        replaced_at=at,
    )
    _guarded(session, window, {**plan.to_dict(), "author": actor, "entered_at": at})
    session.add(version)
    for each in (before, plan):
        _mark(session, window, each, at=at)
    journal.write(
        session,
        at=at,
        actor=actor,
        action=action,
        subject=f"maintenance:{window.id}",
        before=before.to_dict(),
        after=plan.to_dict(),
        reason=why.strip(),
    )


def _guarded(session: Session, window: MaintenanceWindow, values: dict[str, object]) -> None:
    """
    Write a window as long as it stands as it was read.

    Raises:
        Conflict: Somebody else was quicker.
    """
    changed = session.execute(
        update(MaintenanceWindow)
        .where(
            MaintenanceWindow.id == window.id,
            MaintenanceWindow.cancelled_at.is_(None),
            MaintenanceWindow.entered_at == window.entered_at,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]  # an UPDATE has one
    if not changed:
        raise Conflict(f"maintenance window {window.id} was changed by somebody else")
    session.refresh(window)


def _mark(
    session: Session,
    window: MaintenanceWindow,
    plan: Plan,
    *,
    where: str = "starts_at",
    at: datetime,
) -> None:
    """
    Mark the rollups that planned time changes; a camera may have moved since it was entered.

    Raises:
        Invalid: It reaches into days whose intervals were removed: their sums are final.
    """
    # Whoever rolls time up may be ahead of this process by a clock set back since.
    known = Span(0, int(at.timestamp()) + DAY_SECONDS)
    stands_at = select(Camera.site_id).where(Camera.id == window.camera_id)
    sites = {window.site_id, *session.scalars(stands_at)}
    mark_stale(session, sites, plan.span.cut(known))
    # After the marking, which waits for whoever removes intervals at this moment.
    require_kept(plan.span, rolled(session), where=where)
