"""
Removes the intervals of days that are older than they are kept, and leaves their sums.

Day by day, the oldest first, in turns that are short enough for verdicts to wait: the
sums of the day are made final, then the day is sealed, so that nobody reads its
intervals any more, then these are removed. A kill between two turns costs nothing, and
no figure of whole days is another afterwards.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Integer, cast, delete, select
from sqlalchemy.orm import Session

from registry import journal
from registry.clock import paris_day
from registry.fleet.models import Camera, Site
from registry.monitoring.models import (
    CameraDay,
    Interval,
    Removal,
    RollupSpan,
    SiteDay,
)
from registry.monitoring.queries.ledger import reckon
from registry.monitoring.queries.rollups import (
    REMOVED,
    Rolled,
    midnight,
    next_midnight,
    read_sums,
    rolled,
    stale_sites,
)
from registry.monitoring.queries.standings import among, is_watched, seconds_of
from registry.monitoring.service.rollups import (
    DAY_SECONDS,
    insert_sums,
    lock_rollups,
    mark_stale,
    sums_rows,
)
from registry.monitoring.uptime import Reckoning, Span

# Some 1,000 cameras, and rows in thousands: verdicts wait for a turn, and nobody is in a hurry.
SITES_AT_ONCE = 50
ROWS_AT_ONCE = 2_000


def retain(
    session: Session,
    *,
    at: datetime,
    interval_days: int,
    sites_at_once: int = SITES_AT_ONCE,
    rows_at_once: int = ROWS_AT_ONCE,
) -> bool:
    """
    Do one turn of work, and tell whether there is more to do at once.

    Args:
        session: Where all of it is kept.
        at: Now.
        interval_days: Days for which intervals are kept; 0 keeps them for good.
        sites_at_once: Of so many sites the day is summed in a turn.
        rows_at_once: So many intervals are removed in a turn.
    """
    if not interval_days:
        return False
    lock_rollups(session)
    known = rolled(session)
    removal = session.scalar(select(Removal).where(Removal.finished_at.is_(None)))
    if removal is None:
        return _begin(session, known, midnight(int(at.timestamp()) - interval_days * DAY_SECONDS))
    day = Span(int(removal.starts_at.timestamp()), int(removal.ends_at.timestamp()))
    if removal.sealed_at is None:
        sites = _sites(session, removal.next_site_id, sites_at_once)
        if sites:
            _make_final(session, day, sites)
            removal.next_site_id = sites[-1] + 1
            return True
        if stale_sites(session, day, known):
            # Whoever rolls up sums them anew first, and comes back.
            return False
        _seal(session, known, day)
        removal.sealed_at = at
        return True
    if not _remove_some(session, removal, day.end, rows_at_once):
        _tell(session, removal, at=at)
    return True


def chained(digest: str, rows: Iterable[Sequence[object]]) -> str:
    """
    Fold rows that are removed into a digest, in the order of their ends, then of cameras.

    The same whatever turns they were removed in: a copy of the database from before
    recomputes it. See docs/uptime.md.
    """
    for row in rows:
        line = ",".join("" if each is None else str(each) for each in row)
        digest = hashlib.sha256(f"{digest}\n{line}".encode()).hexdigest()
    return digest


def _begin(session: Session, known: Rolled, until: int) -> bool:
    """Begin with the oldest day whose intervals are there, if it is over its term and summed."""
    start = known.removed.end or known.days.start
    end = next_midnight(start)
    if not known.days.length or end > min(until, known.days.end):
        return False
    session.add(
        Removal(
            starts_at=datetime.fromtimestamp(start, UTC), ends_at=datetime.fromtimestamp(end, UTC)
        )
    )
    return True


def _sites(session: Session, first: int, most: int) -> Sequence[int]:
    """Return some sites with cameras that were ever probed, from an identifier on."""
    some = select(Site.id).where(Site.id >= first, is_watched()).order_by(Site.id).limit(most)
    return session.scalars(some).all()


def _make_final(session: Session, day: Span, site_ids: Sequence[int]) -> None:
    """
    Sum a day of some sites' cameras from their intervals, once more and for good.

    Days of cameras are kept for a while only, and may be gone. A site whose own sum says
    something else is marked: it is rolled up anew before the day is sealed.
    """
    found = {
        camera_id: reckoning
        for camera_id, (reckoning,) in reckon(session, [day], Camera.id, site_ids).items()
        if reckoning != Reckoning()
    }
    homes = dict(
        session.execute(
            select(Camera.id, Camera.site_id).where(among(session, Camera.site_id, site_ids))
        ).all()
    )
    start = seconds_of(CameraDay.starts_at)
    session.execute(
        delete(CameraDay).where(among(session, CameraDay.camera_id, homes), start == day.start)
    )
    insert_sums(session, CameraDay, sums_rows("camera_id", day, found))
    sites = dict.fromkeys(site_ids, Reckoning())
    for camera_id, reckoning in found.items():
        sites[homes[camera_id]] += reckoning
    kept = read_sums(session, SiteDay, day, site_ids)
    wrong = [each for each in site_ids if kept.get(each, Reckoning()) != sites[each]]
    mark_stale(session, wrong, day)


def _seal(session: Session, known: Rolled, day: Span) -> None:
    """Say that nobody may read the intervals of a day any more."""
    ends_at = datetime.fromtimestamp(day.end, UTC)
    span = session.get(RollupSpan, REMOVED)
    if span is None:
        start = datetime.fromtimestamp(known.days.start, UTC)
        session.add(RollupSpan(name=REMOVED, starts_at=start, ends_at=ends_at))
    else:
        span.ends_at = ends_at


def _remove_some(session: Session, removal: Removal, until: int, most: int) -> bool:
    """
    Remove some of the intervals that had ended before the end of a sealed day, if any are left.

    One that ends with the day stays for a day more: its end is a change in the next one.
    """
    start, end = seconds_of(Interval.started_at), seconds_of(Interval.ended_at)
    rows = session.execute(
        select(
            Interval.id,
            Interval.camera_id,
            Interval.health,
            Interval.reason,
            start,
            end,
            cast(Interval.simulated, Integer),
        )
        .where(end < until)
        .order_by(end, Interval.camera_id)
        .limit(most)
    ).all()
    if not rows:
        return False
    session.execute(delete(Interval).where(among(session, Interval.id, [row[0] for row in rows])))
    removal.intervals += len(rows)
    removal.digest = chained(removal.digest, (row[1:] for row in rows))
    return True


def _tell(session: Session, removal: Removal, *, at: datetime) -> None:
    """Note in the journal what was removed of a day."""
    removal.finished_at = at
    journal.write(
        session,
        at=at,
        actor="monitor",
        action="intervals.remove",
        subject=f"day:{paris_day(removal.starts_at)}",
        after={
            "from": removal.starts_at,
            "to": removal.ends_at,
            "intervals": removal.intervals,
            "digest": removal.digest,
        },
    )
