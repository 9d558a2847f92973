"""
Rolls time up into hours and days, and says which of these are true no longer.

The rolled up is a cache: whatever changes the past marks what it touches in its own
transaction, and the next turns rebuild it. One turn is short, some sites of an hour or a
day, so that verdicts need not wait long; a database that was never rolled up is worked
through day by day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.fleet.models import Camera, Site
from registry.monitoring.models import (
    CameraDay,
    RollupBasis,
    RollupPower,
    RollupSpan,
    SiteDay,
    SiteHour,
    StaleDay,
    Standing,
)
from registry.monitoring.queries.ledger import lives, reckon, reckon_sites
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.queries.rollups import (
    BEGUN_DAY,
    BEGUN_HOURS,
    DAYS,
    HOURS,
    SUMS,
    Rolled,
    changed_power,
    midnight,
    moved_cameras,
    next_midnight,
    rolled,
)
from registry.monitoring.queries.standings import among, batched, is_watched, seconds_of
from registry.monitoring.service.trail import plain_parameter, table_of
from registry.monitoring.uptime import HOUR, Reckoning, Span, whole_hours

DAY_SECONDS = 86_400
# A verdict is under way for a minute at most, and silence is noted within four: an hour
# that is summed later than that is hardly ever touched again.
SETTLING_SECONDS = 300
STALE_AT_ONCE = 50
# Some 2,500 cameras: verdicts wait while a turn lasts, and a day of 100,000 takes 8 s.
SITES_AT_ONCE = 125

Row = dict[str, int]


@dataclass(frozen=True, slots=True)
class Keeping:
    """
    How many days of hourly checkpoints, daily rollups of cameras and intervals are kept.

    The intervals for good where `interval_days` is 0.
    """

    hours_days: int
    camera_days: int
    interval_days: int = 0


def mark_stale(session: Session, site_ids: Iterable[int], changed: Span) -> None:
    """
    Say that nobody may read the rollups of some sites for a span of time.

    Every day of the span is marked, rolled up or not: whoever is rolling it up at this
    moment has not seen the change. Takes the lock that `roll` holds. A day whose
    intervals were removed is final, and passed over.
    """
    sites, days = sorted(set(site_ids)), _days(changed)
    if not (sites and days):
        return
    lock_rollups(session)
    kept_from = rolled(session).removed.end
    rows = [
        {"site_id": site_id, "starts_at": day}
        for site_id in sites
        for day in days
        if day >= kept_from
    ]
    if rows:
        table = table_of(StaleDay)
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        values = {name: plain_parameter(table, name) for name in ("site_id", "starts_at")}
        session.execute(dialect.insert(table).values(values).on_conflict_do_nothing(), rows)


def roll(
    session: Session, *, at: datetime, keeping: Keeping, sites_at_once: int = SITES_AT_ONCE
) -> bool:
    """
    Do one turn of work, and tell whether there is more to do at once.

    What the register changed first, then what was begun, then what is stale, then the
    next hours or day. What was begun goes on before anything is rebuilt: a stale day of
    it cannot be until all its sites are there.
    """
    now = int(at.timestamp())
    lock_rollups(session)
    known = rolled(session)
    if not known.until and not _begin(session, now, keeping):
        return False
    known = rolled(session)
    _mark_changed(session, known)
    if known.begun_hours.length or known.begun_day.length:
        _go_on(session, known, sites_at_once)
        return True
    if _rebuild_some(session, known):
        return True
    settled = now - SETTLING_SECONDS
    following = next_midnight(known.days.end)
    last_hour = min(settled - settled % HOUR, following)
    if known.hours.end < last_hour:
        _begin_span(session, BEGUN_HOURS, Span(known.hours.end, last_hour))
        return True
    if following <= settled:
        _begin_span(session, BEGUN_DAY, Span(known.days.end, following))
        return True
    _forget_old(session, known, now, keeping)
    return False


def lock_rollups(session: Session) -> None:
    """Let one at a time roll up, mark or remove: who comes later sees what the other did."""
    session.execute(update(RollupSpan).values(name=RollupSpan.name))


def _begin(session: Session, now: int, keeping: Keeping) -> bool:
    """Begin with the day of the first verdict of all, if there was one."""
    first = session.scalar(select(func.min(seconds_of(Standing.began_at))))
    if first is None:
        return False
    start = midnight(first)
    hours = max(start, midnight(now - keeping.hours_days * DAY_SECONDS))
    for name, second in ((HOURS, hours), (DAYS, start)):
        instant = datetime.fromtimestamp(second, UTC)
        session.add(RollupSpan(name=name, starts_at=instant, ends_at=instant))
    session.flush()
    return True


def _days(span: Span) -> list[int]:
    """Return the midnights of the days that a span touches."""
    days = []
    day = midnight(span.start)
    while day < span.end:
        days.append(day)
        day = next_midnight(day)
    return days


def _mark_changed(session: Session, known: Rolled) -> None:
    """Mark all of the past of sites that the register now describes otherwise."""
    past = Span(known.days.start, known.until)
    moved = session.execute(moved_cameras()).all()
    power = changed_power(session)
    for chunk in batched(row[0] for row in moved):
        session.execute(delete(RollupBasis).where(RollupBasis.camera_id.in_(chunk)))
        _take_bases(session, Camera.id.in_(chunk))
    for site_id, text in power.items():
        session.merge(RollupPower(site_id=site_id, power=text))
    touched = {site_id for row in moved for site_id in row[1:]} | power.keys()
    mark_stale(session, touched, past)


def _take_bases(session: Session, chosen: ColumnElement[bool]) -> None:
    """Note what the register says of cameras whose time is rolled up from now on."""
    said = (
        select(Camera.id, Camera.site_id, Camera.commissioned_on, Camera.retired_on)
        .join(Standing, Standing.camera_id == Camera.id)
        .where(chosen)
    )
    noted = select(RollupBasis.camera_id)
    names = ["camera_id", "site_id", "commissioned_on", "retired_on"]
    session.execute(insert(RollupBasis).from_select(names, said.where(Camera.id.not_in(noted))))


def _rebuild_some(session: Session, known: Rolled) -> bool:
    """Rebuild some stale days; tell whether there were any."""
    start = seconds_of(StaleDay.starts_at)
    stale = session.execute(
        select(StaleDay.site_id, start)
        .where(start < known.until)
        .order_by(StaleDay.site_id, start)
        .limit(STALE_AT_ONCE)
    ).all()
    for site_id, days in groupby(stale, key=attrgetter("site_id")):
        for _, day in days:
            _rebuild(session, site_id, Span(day, next_midnight(day)), known)
            session.execute(delete(StaleDay).where(StaleDay.site_id == site_id, start == day))
    return bool(stale)


def _rebuild(session: Session, site_id: int, day: Span, known: Rolled) -> None:
    """Rebuild one day of one site, as far as it was rolled up."""
    # Of a camera that was first heard of late, nothing is noted yet.
    _take_bases(session, Camera.site_id == site_id)
    hours = whole_hours(day.cut(known.hours))
    is_whole = known.days.start <= day.start < known.days.end
    windows = [*hours, *([day] if is_whole else [])]
    if not windows:
        return
    found = reckon_sites(session, [site_id], windows).get(site_id)
    reckonings = found or [Reckoning()] * len(windows)
    start = seconds_of(SiteHour.starts_at)
    session.execute(
        delete(SiteHour).where(SiteHour.site_id == site_id, start >= day.start, start < day.end)
    )
    rows = [_row("site_id", site_id, *pair) for pair in zip(hours, reckonings, strict=False)]
    insert_sums(session, SiteHour, rows)
    if is_whole:
        start = seconds_of(SiteDay.starts_at)
        session.execute(delete(SiteDay).where(SiteDay.site_id == site_id, start == day.start))
        insert_sums(session, SiteDay, [_row("site_id", site_id, day, reckonings[-1])])
        _rebuild_cameras(session, site_id, day)


def _rebuild_cameras(session: Session, site_id: int, day: Span) -> None:
    cameras = session.scalars(select(Camera.id).where(Camera.site_id == site_id)).all()
    start = seconds_of(CameraDay.starts_at)
    session.execute(delete(CameraDay).where(CameraDay.camera_id.in_(cameras), start == day.start))
    planned = planned_spans(session, day)
    rows = [
        _row("camera_id", life.camera_id, day, life.reckon(day, planned))
        for life in lives(session, cameras, day)
    ]
    insert_sums(session, CameraDay, rows)


def _begin_span(session: Session, name: str, span: Span) -> None:
    """Note what is rolled up from now on, so that changes meanwhile make it stale."""
    start, end = (datetime.fromtimestamp(each, UTC) for each in span)
    session.add(RollupSpan(name=name, starts_at=start, ends_at=end))


def _go_on(session: Session, known: Rolled, most: int) -> None:
    """Roll up some more sites of what was begun, or, after the last of them, say so."""
    model: type[SiteHour | SiteDay] = SiteDay if known.begun_day.length else SiteHour
    span = known.begun_day if known.begun_day.length else known.begun_hours
    site_ids = _sites_without(session, model, span.start, most)
    if site_ids:
        here = among(session, Camera.site_id, site_ids)
        _take_bases(session, here)
        roll_some = _roll_day if model is SiteDay else _roll_hours
        roll_some(session, span, site_ids)
        return
    begun = {BEGUN_HOURS, BEGUN_DAY}
    session.execute(delete(RollupSpan).where(RollupSpan.name.in_(begun)))
    _extend(session, DAYS if model is SiteDay else HOURS, span.end)


def _sites_without(
    session: Session, model: type[SiteHour | SiteDay], start: int, most: int
) -> Sequence[int]:
    """Return some of the sites whose cameras were ever probed, and that have no row yet."""
    has_row = (
        select(model.site_id)
        .where(model.site_id == Site.id, seconds_of(model.starts_at) == start)
        .exists()
    )
    some = select(Site.id).where(~has_row, is_watched()).order_by(Site.id).limit(most)
    return session.scalars(some).all()


def _roll_day(session: Session, day: Span, site_ids: Sequence[int]) -> None:
    """Roll up a day of some sites, and of their cameras."""
    cameras = {
        camera_id: found
        for camera_id, (found,) in reckon(session, [day], Camera.id, site_ids).items()
    }
    insert_sums(session, CameraDay, sums_rows("camera_id", day, cameras))
    sites = dict.fromkeys(site_ids, Reckoning())
    homes = select(Camera.id, Camera.site_id).where(among(session, Camera.site_id, site_ids))
    for camera_id, site_id in session.execute(homes):
        sites[site_id] += cameras.get(camera_id, Reckoning())
    insert_sums(session, SiteDay, sums_rows("site_id", day, sites))


def _roll_hours(session: Session, span: Span, site_ids: Sequence[int]) -> None:
    """Roll up full hours of some sites."""
    hours = whole_hours(span)
    found = reckon(session, hours, Camera.site_id, site_ids)
    nothing = [Reckoning()] * len(hours)
    for place, hour in enumerate(hours):
        sites = {site_id: found.get(site_id, nothing)[place] for site_id in site_ids}
        insert_sums(session, SiteHour, sums_rows("site_id", hour, sites))


def _extend(session: Session, name: str, until: int) -> None:
    session.execute(
        update(RollupSpan)
        .where(RollupSpan.name == name)
        .values(ends_at=datetime.fromtimestamp(until, UTC))
    )


def sums_rows(key: str, span: Span, found: Mapping[int, Reckoning]) -> list[Row]:
    """Return the rows that keep what was reckoned in a span, by site or by camera."""
    return [_row(key, number, span, reckoning) for number, reckoning in sorted(found.items())]


def _row(key: str, number: int, span: Span, reckoning: Reckoning) -> Row:
    tally = reckoning.tally
    sums = (tally.up, tally.down, tally.unreachable, tally.unknown, tally.planned)
    named = dict(zip(SUMS, (*sums, reckoning.transitions), strict=True))
    return {key: number, "starts_at": span.start, **named}


def insert_sums(
    session: Session, model: type[SiteHour] | type[SiteDay] | type[CameraDay], rows: list[Row]
) -> None:
    """Write rows of sums in bulk."""
    if rows:
        table = table_of(model)
        values = {name: plain_parameter(table, name) for name in rows[0]}
        session.execute(insert(table).values(values), rows)


def _forget_old(session: Session, known: Rolled, now: int, keeping: Keeping) -> None:
    """Drop checkpoints and rollups of cameras that are older than they are kept."""
    hours = midnight(now - keeping.hours_days * DAY_SECONDS)
    if known.hours.start < hours:
        session.execute(delete(SiteHour).where(seconds_of(SiteHour.starts_at) < hours))
        session.execute(
            update(RollupSpan)
            .where(RollupSpan.name == HOURS)
            .values(starts_at=datetime.fromtimestamp(hours, UTC))
        )
    days = midnight(now - keeping.camera_days * DAY_SECONDS)
    start = seconds_of(CameraDay.starts_at)
    # Where the intervals are gone these are no caches: they are all that is left.
    session.execute(delete(CameraDay).where(start >= known.removed.end, start < days))
