"""What people ask of monitoring: a probe now, an acknowledgement."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import journal
from registry.errors import Conflict, Invalid, NotFound, Problem
from registry.fleet.models import Camera
from registry.monitoring.models import Outage, ProbeRequest

NOTE_LENGTH = 400


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
