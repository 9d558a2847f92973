"""
Sums read from rollups: full days and full hours as kept, the rest from the intervals.

A rollup is a cache. One that anything has made untrue is never read: the sites with a
stale day, and those of a camera that the register now describes otherwise, are reckoned
from the intervals. So a figure is the same to the second, whichever way it came.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.clock import paris_day, paris_midnight
from registry.fleet.models import Camera, PowerHours, Site
from registry.monitoring.models import (
    RollupBasis,
    RollupPower,
    RollupSpan,
    SiteDay,
    SiteHour,
    StaleDay,
    Sums,
)
from registry.monitoring.queries.ledger import reckon, reckon_sites
from registry.monitoring.queries.standings import batched, seconds_of
from registry.monitoring.queries.sums import hull
from registry.monitoring.uptime import HOUR, Reckoning, Span, Tally, union

HOURS, DAYS = "hours", "days"
# What is being rolled up, some sites at a time: there until the last of them is done.
BEGUN_HOURS, BEGUN_DAY = "begun hours", "begun day"
# Days of which the intervals are gone: their sums are all that is left, and are final.
REMOVED = "removed"
SUMS = ("up", "down", "unreachable", "unknown", "planned", "transitions")
# From so many stale sites on, one pass over everything is quicker than one for each.
MANY_SITES = 200
_NOTHING = Span(0, 0)
_NO_TIME = Reckoning()


@dataclass(frozen=True, slots=True)
class Rolled:
    """
    Which time has been rolled up, into hours and into days, and which is about to be.

    Of `removed` only the sums of days are left.
    """

    hours: Span = _NOTHING
    days: Span = _NOTHING
    begun_hours: Span = _NOTHING
    begun_day: Span = _NOTHING
    removed: Span = _NOTHING

    @property
    def until(self) -> int:
        """Until when something was summed: a change before it makes a rollup stale."""
        spans = self.hours, self.days, self.begun_hours, self.begun_day
        return max(each.end for each in spans)

    def since_removal(self, window: Span) -> Span:
        """Return the part of a window of which the intervals are there; it may be empty."""
        kept_from = self.removed.end
        return Span(max(window.start, kept_from), max(window.end, kept_from))


@dataclass(frozen=True, slots=True)
class Parts:
    """A window cut into full days, full hours, and what no rollup holds."""

    days: Span
    hours: tuple[Span, ...]
    rest: tuple[Span, ...]


def rolled(session: Session) -> Rolled:
    """Return which time has been rolled up."""
    start, end = seconds_of(RollupSpan.starts_at), seconds_of(RollupSpan.ends_at)
    rows = session.execute(select(RollupSpan.name, start, end))
    spans = {name: Span(starts_at, ends_at) for name, starts_at, ends_at in rows}
    names = HOURS, DAYS, BEGUN_HOURS, BEGUN_DAY, REMOVED
    return Rolled(*(spans.get(name, _NOTHING) for name in names))


def cut(window: Span, known: Rolled) -> Parts:
    """Cut a window so that as little as possible is left to the intervals."""
    days = whole_days(window.cut(known.days))
    hours, rest = [], []
    for side in _around(window, days):
        inner = side.cut(known.hours)
        full = Span(-(-inner.start // HOUR) * HOUR, inner.end // HOUR * HOUR)
        if full.start >= full.end:
            rest.append(side)
            continue
        hours.append(full)
        rest += _around(side, full)
    return Parts(days, tuple(hours), tuple(rest))


def whole_days(span: Span) -> Span:
    """Return the days of Europe/Paris that a span holds from midnight to midnight."""
    if span.start >= span.end:
        return _NOTHING
    first, last = midnight(span.start), midnight(span.end)
    start = first if first == span.start else next_midnight(first)
    return Span(start, last) if start < last else _NOTHING


def midnight(second: int) -> int:
    """Return the midnight of Europe/Paris at or before an instant."""
    return int(paris_midnight(paris_day(datetime.fromtimestamp(second, UTC))).timestamp())


def next_midnight(second: int) -> int:
    """Return the first midnight of Europe/Paris after an instant: 23 to 25 hours later."""
    day = paris_day(datetime.fromtimestamp(second, UTC))
    return int(paris_midnight(day + timedelta(days=1)).timestamp())


def _around(span: Span, hole: Span) -> list[Span]:
    """Return what lies before and after a hole."""
    if not hole.length:
        return [span] if span.length else []
    sides = (Span(span.start, hole.start), Span(hole.end, span.end))
    return [side for side in sides if side.length]


def site_reckonings(
    session: Session, windows: Sequence[Span], site_ids: Collection[int] | None = None
) -> dict[int, list[Reckoning]]:
    """
    Reckon every site (or some) in several windows, from rollups as far as they are true.

    What `ledger.reckon` says, to the second. A site without a camera that was ever
    probed has no entry, or one of zeros. Of time whose intervals were removed a window
    must hold whole days (`removed.require_answerable`).
    """
    known = rolled(session)
    sums = _kept(session, [known.since_removal(each) for each in windows], site_ids, known)
    for place, window in enumerate(windows):
        days = window.cut(known.removed)
        if days.length:
            _add(sums, place, len(windows), read_sums(session, SiteDay, days, site_ids))
    return sums


def _kept(
    session: Session,
    windows: Sequence[Span],
    site_ids: Collection[int] | None,
    known: Rolled,
) -> dict[int, list[Reckoning]]:
    """Reckon sites in windows of which the intervals are still there."""
    stale = stale_sites(session, hull(windows), known)
    if site_ids is not None:
        stale &= set(site_ids)
    sums: dict[int, list[Reckoning]] = {}
    cuts = [cut(window, known) for window in windows]
    for span in {span for parts in cuts for span in parts.rest}:
        found = _from_intervals(session, span, site_ids)
        for place, parts in enumerate(cuts):
            if span in parts.rest:
                _add(sums, place, len(windows), found)
    for place, parts in enumerate(cuts):
        if parts.days.length:
            _add(sums, place, len(windows), read_sums(session, SiteDay, parts.days, site_ids))
        for span in parts.hours:
            _add(sums, place, len(windows), read_sums(session, SiteHour, span, site_ids))
    return sums | _afresh(session, stale, windows)


def site_windows(session: Session, windows: Sequence[Span]) -> dict[int, list[Tally]]:
    """Tally every site in several windows, from rollups: what the ratios of /metrics read."""
    found = site_reckonings(session, windows)
    return {site_id: [each.tally for each in per_window] for site_id, per_window in found.items()}


def _add(
    sums: dict[int, list[Reckoning]], place: int, width: int, found: Mapping[int, Reckoning]
) -> None:
    for site_id, reckoning in found.items():
        row = sums.get(site_id)
        if row is None:
            row = sums[site_id] = [_NO_TIME] * width
        row[place] = reckoning if row[place] is _NO_TIME else row[place] + reckoning


def _from_intervals(
    session: Session, span: Span, site_ids: Collection[int] | None
) -> dict[int, Reckoning]:
    if site_ids is None:
        found = reckon(session, [span], Camera.site_id)
    else:
        found = reckon_sites(session, site_ids, [span])
    return {site_id: reckoning for site_id, (reckoning,) in found.items()}


def _afresh(
    session: Session, stale: Collection[int], windows: Sequence[Span]
) -> dict[int, list[Reckoning]]:
    """Reckon stale sites from the intervals."""
    if len(stale) > MANY_SITES:
        found = reckon(session, windows, Camera.site_id)
    else:
        found = reckon_sites(session, stale, windows) if stale else {}
    return {site_id: found.get(site_id, [Reckoning()] * len(windows)) for site_id in stale}


def read_sums(
    session: Session,
    model: type[SiteDay] | type[SiteHour],
    span: Span,
    site_ids: Collection[int] | None,
) -> dict[int, Reckoning]:
    """
    Sum rollups by site.

    From each site on to its rows, as the outer join makes SQLite do: by time alone it
    finds the same rows one by one, all over the table, in five times as long. PostgreSQL
    takes a third longer for the join.
    """
    start = seconds_of(model.starts_at)
    within = (start >= span.start) & (start < span.end)
    site: InstrumentedAttribute[int] = Site.id
    if session.get_bind().dialect.name == "postgresql":
        site = model.site_id
        question = select(site, *summed(model)).where(within).group_by(site)
    else:
        question = (
            select(site, *summed(model))
            .outerjoin(model, (model.site_id == site) & within)
            .group_by(site)
            .having(func.count(model.site_id) > 0)
        )
    return {
        site_id: reckoning(sums) for site_id, *sums in _chosen(session, question, site, site_ids)
    }


def _chosen(
    session: Session,
    question: Select[*tuple[int, ...]],
    column: InstrumentedAttribute[int],
    site_ids: Collection[int] | None,
) -> Iterable[Sequence[int]]:
    if site_ids is None:
        yield from session.execute(question)
        return
    for chunk in batched(sorted(site_ids)):
        yield from session.execute(question.where(column.in_(chunk)))


def summed(model: type[Sums]) -> list[ColumnElement[int]]:
    """Return the sums of a rollup's columns, in the order of `SUMS`."""
    # PostgreSQL sums whole numbers to numerics, which are dear to read.
    return [cast(func.sum(getattr(model, name)), BigInteger) for name in SUMS]


def reckoning(sums: Sequence[int]) -> Reckoning:
    """Return the reckoning that a rollup's columns hold."""
    *seconds, changes = sums
    return Reckoning(Tally(*seconds), changes)


def stale_sites(session: Session, scope: Span, known: Rolled) -> set[int]:
    """Return the sites whose rollups may not be read for a span of time."""
    both = union([scope.cut(known.hours), scope.cut(known.days)])
    if not both:
        return set()
    start = seconds_of(StaleDay.starts_at)
    marked = session.scalars(
        select(StaleDay.site_id)
        .where(start >= midnight(both[0].start), start < both[-1].end)
        .distinct()
    )
    moved = {site_id for pair in session.execute(moved_cameras()) for site_id in pair[1:]}
    return {*marked, *moved, *changed_power(session)}


def moved_cameras() -> Select[*tuple[int, int, int]]:
    """Select the cameras that the register describes otherwise than when they were rolled up."""
    return (
        select(Camera.id, Camera.site_id, RollupBasis.site_id)
        .join(RollupBasis, RollupBasis.camera_id == Camera.id)
        .where(
            or_(
                RollupBasis.site_id != Camera.site_id,
                RollupBasis.commissioned_on.is_distinct_from(Camera.commissioned_on),
                RollupBasis.retired_on.is_distinct_from(Camera.retired_on),
            )
        )
    )


def changed_power(session: Session) -> dict[int, str]:
    """Return the sites whose hours of power were edited since, with what they are now."""
    rows = session.execute(select(RollupPower.site_id, RollupPower.power))
    before: dict[int, str] = dict(rows.all())
    now: dict[int, str] = {}
    hours_of_power = session.execute(
        select(
            PowerHours.site_id, PowerHours.from_on, PowerHours.until_on, PowerHours.hours
        ).order_by(PowerHours.site_id, PowerHours.from_on)
    )
    for site_id, from_on, until_on, hours in hours_of_power:
        now[site_id] = f"{now.get(site_id, '')}{from_on} {until_on or '-'} {hours}\n"
    return {
        site_id: now.get(site_id, "")
        for site_id in before.keys() | now.keys()
        if before.get(site_id, "") != now.get(site_id, "")
    }
