"""Sites with a past, for tests of pages: what was seen of a camera, in one line."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Reason
from registry.fleet.models import Camera
from registry.monitoring.models import Interval, Outage, Standing

REASONS = {
    Health.UP: None,
    Health.DOWN: Reason.CONNECT_REFUSED,
    Health.UNREACHABLE: Reason.GATEWAY_DOWN,
    Health.UNKNOWN: Reason.NOT_PROBED,
}


def watch(  # noqa: PLR0913 - one keyword for each thing that a page shows
    session: Session,
    camera: Camera,
    health: Health = Health.UP,
    *,
    now: datetime,
    lasting: timedelta = timedelta(hours=2),
    before: Health = Health.UP,
    watched: timedelta = timedelta(days=30),
    issues: str = "",
    clock_offset_seconds: float | None = 0.2,
    serial: str = "",
    held: timedelta = timedelta(minutes=5),
    simulated: bool = False,
) -> Standing:
    """
    Write a camera's past as the monitor would: `before`, then `health` for `lasting`.

    An outage is opened when the camera is not up now.
    """
    began, since = now - watched, now - lasting
    if since > began:
        add_interval(session, camera, before, began, since, simulated=simulated)
    add_interval(session, camera, health, max(began, since), None, simulated=simulated)
    if health in {Health.DOWN, Health.UNREACHABLE}:
        session.add(
            Outage(
                site_id=camera.site_id,
                camera_id=camera.id,
                health=health,
                reason=REASONS[health],
                started_at=since,
                simulated=simulated,
            )
        )
    standing = Standing(
        camera_id=camera.id,
        began_at=began,
        health=health,
        reason=REASONS[health],
        since=since,
        reachable=health is Health.UP,
        issues=issues,
        last_at=now,
        hold_seconds=int(held.total_seconds()),
        held_until=now + held,
        settled_until=now,
        last_up_at=now if health is Health.UP else since,
        identified_at=now if health is Health.UP else since,
        authentication=Authentication.VERIFIED,
        clock_offset_seconds=clock_offset_seconds,
        serial=serial,
    )
    session.add(standing)
    session.flush()
    return standing


def add_interval(  # noqa: PLR0913 - an interval has this many sides
    session: Session,
    camera: Camera,
    health: Health,
    started_at: datetime,
    ended_at: datetime | None,
    *,
    simulated: bool = False,
) -> None:
    """Add one stretch of a camera's past."""
    session.add(
        Interval(
            camera_id=camera.id,
            health=health,
            reason=REASONS[health],
            started_at=started_at,
            ended_at=ended_at,
            simulated=simulated,
        )
    )
    session.flush()
