"""Writes the outages of sites that verdicts begin, prolong and end."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from probes.verdict import Health, Reason
from registry.fleet.models import Camera
from registry.monitoring.models import Outage, Standing
from registry.monitoring.queries.standings import batched
from registry.monitoring.rules.darkness import Darkness, Shift, sweep


def write_site_outages(
    session: Session, shifts: Mapping[int, Sequence[Shift]], *, simulated: bool
) -> None:
    """
    Write what the shifts of cameras do to the outages of their sites.

    To be called before the standings are written: they still tell how many cameras
    were unreachable before.
    """
    before = _unreachable(session, shifts)
    for site_id, last in _last(session, shifts).items():
        told = sweep(_darkness(last), before.get(site_id, 0), shifts[site_id])
        if last is not None:
            _become(last, told.pop(0))
        for darkness in told:
            outage = Outage(
                site_id=site_id,
                health=Health.UNREACHABLE,
                reason=Reason.GATEWAY_DOWN,
                simulated=simulated,
            )
            _become(outage, darkness)
            session.add(outage)
    session.flush()


def with_outage(session: Session, camera_ids: Iterable[int]) -> set[int]:
    """Return which of some cameras have an outage of their own that lasts."""
    return {
        camera_id
        for chunk in batched(sorted(camera_ids))
        for camera_id in session.scalars(
            select(Outage.camera_id).where(Outage.camera_id.in_(chunk), Outage.ended_at.is_(None))
        )
        if camera_id is not None
    }


def end_orphans(session: Session, *, at: datetime) -> None:
    """
    End the outages of sites where no camera is unreachable any more.

    Their last one may have been moved to another site, or retired.
    """
    lasting = session.scalars(
        select(Outage).where(Outage.camera_id.is_(None), Outage.ended_at.is_(None))
    ).all()
    dark = _unreachable(session, [outage.site_id for outage in lasting])
    for outage in lasting:
        if not dark.get(outage.site_id) and outage.started_at < at:
            outage.ended_at, outage.ended_by = at, Health.UNKNOWN
    session.flush()


def _unreachable(session: Session, site_ids: Iterable[int]) -> dict[int, int]:
    """Count the cameras of some sites that are unreachable."""
    found: dict[int, int] = {}
    for chunk in batched(sorted(site_ids)):
        rows = session.execute(
            select(Camera.site_id, func.count())
            .join(Standing, Standing.camera_id == Camera.id)
            .where(Camera.site_id.in_(chunk), Standing.health == Health.UNREACHABLE)
            .group_by(Camera.site_id)
        )
        found.update((site_id, number) for site_id, number in rows)
    return found


def _last(session: Session, site_ids: Iterable[int]) -> dict[int, Outage | None]:
    """Return the outage of each of some sites that lasts, or its newest, or None."""
    found: dict[int, Outage | None] = dict.fromkeys(site_ids)
    whole_site = Outage.camera_id.is_(None)
    for chunk in batched(sorted(found)):
        newest = (
            select(Outage.site_id, func.max(Outage.started_at).label("started_at"))
            .where(whole_site, Outage.site_id.in_(chunk))
            .group_by(Outage.site_id)
            .subquery()
        )
        rows = session.scalars(
            select(Outage)
            .join(newest, Outage.site_id == newest.c.site_id)
            .where(
                whole_site,
                Outage.ended_at.is_(None) | (Outage.started_at == newest.c.started_at),
            )
            # A backlog may begin what lasts before what has ended: what lasts comes last.
            .order_by(Outage.ended_at.is_(None), Outage.id)
        )
        found.update((outage.site_id, outage) for outage in rows)
    return found


def _darkness(outage: Outage | None) -> Darkness | None:
    if outage is None:
        return None
    end = None if outage.ended_at is None else int(outage.ended_at.timestamp())
    return Darkness(int(outage.started_at.timestamp()), end, outage.ended_by)


def _become(outage: Outage, darkness: Darkness) -> None:
    outage.started_at = datetime.fromtimestamp(darkness.start, UTC)
    outage.ended_at = None if darkness.end is None else datetime.fromtimestamp(darkness.end, UTC)
    outage.ended_by = darkness.ended_by
