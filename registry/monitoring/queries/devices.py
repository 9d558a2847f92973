"""How long the funded devices themselves were up: the ledger of what the money bought."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.fleet.models import Device
from registry.monitoring.models import Substitution
from registry.monitoring.queries.ledger import lives, planned_spans
from registry.monitoring.queries.standings import seconds_of
from registry.monitoring.uptime import Span, Tally, device_tally


def device_tallies(session: Session, camera_ids: Sequence[int], window: Span) -> dict[int, Tally]:
    """
    Tally the unit that is mounted at each of some cameras, from when it was mounted.

    Time in which another unit answered is substituted, never up. A camera without a
    unit, or never probed, has no tally.
    """
    mounted = _mounted(session, camera_ids)
    swaps = _substitutions(session, camera_ids, window)
    planned = planned_spans(session, window)
    tallies = {}
    for life in lives(session, camera_ids, window):
        if life.camera_id not in mounted:
            continue
        service = Span(max(life.service.start, mounted[life.camera_id]), life.service.end)
        tallies[life.camera_id] = device_tally(
            window,
            life.stretches,
            service=service,
            planned=planned.of(life.site_id, life.camera_id),
            substituted=swaps[life.camera_id],
        )
    return tallies


def _mounted(session: Session, camera_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Device.camera_id, Device.mounted_at).where(
            Device.camera_id.in_(camera_ids), Device.removed_at.is_(None)
        )
    )
    return {camera_id: int(mounted_at.timestamp()) for camera_id, mounted_at in rows}


def _substitutions(
    session: Session, camera_ids: Sequence[int], window: Span
) -> defaultdict[int, list[Span]]:
    start = seconds_of(Substitution.started_at)
    # One that lasts is good to the end of the window: what was not seen in it is
    # unknown, not substituted, and the ledger takes care of that.
    end = func.coalesce(seconds_of(Substitution.ended_at), window.end)
    rows = session.execute(
        select(Substitution.camera_id, start, end).where(
            Substitution.camera_id.in_(camera_ids), start < window.end, end > window.start
        )
    )
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for camera_id, started_at, ended_at in rows:
        spans[camera_id].append(Span(started_at, ended_at))
    return spans
