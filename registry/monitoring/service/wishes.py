"""What people ask of the monitor: a probe now."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.monitoring.models import ProbeRequest


def request_probes(
    session: Session, camera_ids: Collection[int], *, actor: str, at: datetime
) -> None:
    """Ask for a probe of some cameras now; a wish that still waits is not doubled."""
    waiting = session.scalars(
        select(ProbeRequest.camera_id).where(
            ProbeRequest.camera_id.in_(camera_ids), ProbeRequest.taken_at.is_(None)
        )
    )
    session.add_all(
        ProbeRequest(camera_id=camera_id, requested_at=at, requested_by=actor)
        for camera_id in sorted(set(camera_ids).difference(waiting))
    )
    session.flush()


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
