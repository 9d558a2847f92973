"""What people ask of monitoring: a probe now, a maintenance window, an acknowledgement."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import journal
from registry.clock import whole_second
from registry.errors import Conflict, Invalid, NotFound, Problem
from registry.fleet.models import Camera, Site
from registry.monitoring.models import MaintenanceWindow, Outage, ProbeRequest
from registry.monitoring.service.rollups import DAY_SECONDS, mark_stale
from registry.monitoring.uptime import Span

NOTE_LENGTH = 400
REASON_LENGTH = 200


def request_probe(session: Session, camera_id: int, *, actor: str, at: datetime) -> ProbeRequest:
    """
    Ask for a probe of a camera now; a wish that still waits is not doubled.

    Raises:
        NotFound: There is no such camera.
    """
    if session.get(Camera, camera_id) is None:
        raise NotFound(f"camera {camera_id}")
    waiting = session.scalar(
        select(ProbeRequest).where(
            ProbeRequest.camera_id == camera_id, ProbeRequest.taken_at.is_(None)
        )
    )
    if waiting is not None:
        return waiting
    request = ProbeRequest(camera_id=camera_id, requested_at=at, requested_by=actor)
    session.add(request)
    session.flush()
    return request


def take_probe_requests(session: Session, *, at: datetime) -> list[tuple[int, int]]:
    """Take the wishes that nobody has taken yet, as (request, camera), oldest first."""
    waiting = session.scalars(
        select(ProbeRequest).where(ProbeRequest.taken_at.is_(None)).order_by(ProbeRequest.id)
    ).all()
    for request in waiting:
        request.taken_at = at
    return [(request.id, request.camera_id) for request in waiting]


def answer_probe_request(
    session: Session, request_id: int, *, verdict: Mapping[str, object], at: datetime
) -> None:
    """Leave the verdict (`Verdict.to_dict()`) for whoever asked."""
    request = session.get(ProbeRequest, request_id)
    if request is not None:
        request.verdict = dict(verdict)
        request.answered_at = at


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
        Invalid: The window is empty or has no reason.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound(f"site {site_id}")
    if camera_id is not None:
        camera = session.get(Camera, camera_id)
        if camera is None or camera.site_id != site_id:
            raise NotFound(f"camera {camera_id} at site {site_id}")
    problems = []
    if whole_second(ends_at) <= whole_second(starts_at):
        problems.append(Problem("after_start", "ends_at", ends_at.isoformat()))
    if not reason.strip() or len(reason) > REASON_LENGTH:
        problems.append(Problem("required", "reason", reason[:REASON_LENGTH]))
    if problems:
        raise Invalid(problems)
    window = MaintenanceWindow(
        site_id=site_id,
        camera_id=camera_id,
        starts_at=whole_second(starts_at),
        ends_at=whole_second(ends_at),
        reason=reason.strip(),
        author=actor,
        entered_at=at,
    )
    session.add(window)
    session.flush()
    # Whoever rolls time up may be ahead of this process by a clock set back since.
    known = Span(0, int(at.timestamp()) + DAY_SECONDS)
    span = Span(int(window.starts_at.timestamp()), int(window.ends_at.timestamp()))
    mark_stale(session, [site_id], span.cut(known))
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


def acknowledge(
    session: Session, outage_id: int, *, actor: str, at: datetime, note: str = ""
) -> Outage:
    """
    Note that somebody has seen an outage and takes care of it.

    Raises:
        NotFound: There is no such outage.
        Conflict: Somebody has acknowledged it before.
        Invalid: The note is too long.
    """
    outage = session.get(Outage, outage_id)
    if outage is None:
        raise NotFound(f"outage {outage_id}")
    if outage.acknowledged_at is not None:
        raise Conflict(f"outage {outage_id} was acknowledged by {outage.acknowledged_by}")
    if len(note) > NOTE_LENGTH:
        limit = {"limit": str(NOTE_LENGTH)}
        raise Invalid([Problem("too_long", "note", note[:40], parameters=limit)])
    outage.acknowledged_at = at
    outage.acknowledged_by = actor
    outage.note = note.strip()
    journal.write(
        session,
        at=at,
        actor=actor,
        action="outage.acknowledge",
        subject=f"outage:{outage_id}",
        after={"note": outage.note},
    )
    return outage
