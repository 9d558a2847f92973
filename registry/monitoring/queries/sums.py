"""
Sums of time that the database makes itself, by site or by camera.

It sums what it can: cameras in service all through, with nothing planned. The others
are read out and reckoned one by one (`ledger`); tests hold both to the same second.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    True_,
    case,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from probes.verdict import Health
from registry.clock import paris_day
from registry.fleet.models import Camera, PowerHours
from registry.monitoring.models import Interval, MaintenanceWindow, Standing
from registry.monitoring.queries.standings import among, seconds_of
from registry.monitoring.uptime import Reckoning, Span, Tally

# What is summed of a window: its time, that of each health in the order of a tally, changes.
_KNOWN = (Health.UP, Health.DOWN, Health.UNREACHABLE)
_WIDTH = 1 + len(_KNOWN) + 1
# From so much time on, walking along all intervals is quicker than looking for some.
FEW_DAYS_SECONDS = 2 * 86_400
# What sums are kept apart by: Camera.site_id or Camera.id.
By = InstrumentedAttribute[int]


class least(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """The smallest of some numbers (PostgreSQL says least, SQLite min)."""

    inherit_cache = True
    type = BigInteger()


class greatest(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """The largest of some numbers (PostgreSQL says greatest, SQLite max)."""

    inherit_cache = True
    type = BigInteger()


@compiles(least)
def _spell_least(element: least, compiler: SQLCompiler, **options: object) -> str:
    name = "min" if compiler.dialect.name == "sqlite" else "least"
    return f"{name}({compiler.process(element.clauses, **options)})"


@compiles(greatest)
def _spell_greatest(element: greatest, compiler: SQLCompiler, **options: object) -> str:
    name = "max" if compiler.dialect.name == "sqlite" else "greatest"
    return f"{name}({compiler.process(element.clauses, **options)})"


def hull(windows: Sequence[Span]) -> Span:
    """Return the least span that holds all of some windows."""
    return Span(min(each.start for each in windows), max(each.end for each in windows))


def plain(window: Span) -> ColumnElement[bool]:
    """Tell whether a camera was in service all through a window, with nothing planned."""
    first, last = (paris_day(datetime.fromtimestamp(each, UTC)) for each in window)
    # Lists that the database makes once, not a question for each camera.
    worked_on = (
        MaintenanceWindow.cancelled_at.is_(None),
        seconds_of(MaintenanceWindow.ends_at) > window.start,
        seconds_of(MaintenanceWindow.starts_at) < window.end,
    )
    whole_sites = MaintenanceWindow.camera_id.is_(None)
    sites = select(MaintenanceWindow.site_id).where(*worked_on, whole_sites)
    cameras = select(MaintenanceWindow.camera_id).where(*worked_on, ~whole_sites)
    powered = select(PowerHours.site_id).where(
        PowerHours.from_on <= last,
        PowerHours.until_on.is_(None) | (PowerHours.until_on > first),
    )
    return (
        (Camera.commissioned_on < first)
        & (Camera.retired_on.is_(None) | (Camera.retired_on > last))
        & Camera.site_id.not_in(sites)
        & Camera.id.not_in(cameras)
        & Camera.site_id.not_in(powered)
    )


def odd_cameras(
    session: Session, window: Span, site_ids: Collection[int] | None = None
) -> list[int]:
    """Return the cameras (of some sites) that the database cannot sum by itself."""
    odd = Camera.commissioned_on.is_not(None), ~plain(window)
    return list(session.scalars(select(Camera.id).where(*odd, _at(session, site_ids))))


def _at(session: Session, site_ids: Collection[int] | None) -> ColumnElement[bool]:
    """Tell, for the camera of a row, whether it stands at one of some sites."""
    return true() if site_ids is None else among(session, Camera.site_id, site_ids)


def plain_sums(
    session: Session, windows: Sequence[Span], by: By, site_ids: Collection[int] | None = None
) -> dict[int, list[Reckoning]]:
    """
    Let the database reckon the plain cameras (of some sites) in several windows.

    All the time since monitoring began is unknown, but for what ended intervals and the
    standings (which are the intervals that still run) know of it, second by second.
    """
    here = _at(session, site_ids)
    seen = _ended(windows, here)
    columns: list[ColumnElement[int]] = []
    for place, window in enumerate(windows):
        columns += _reckoned(place, window, seen)
    query = select(by, *columns) if by is Camera.id else _grouped(by, columns)
    query = (
        query.join(Standing, Standing.camera_id == Camera.id)
        .outerjoin(seen, seen.c.camera_id == Camera.id)
        .where(plain(hull(windows)) & here)
    )
    # On the connection: the session would make an object's loader of each row.
    rows = session.connection().execute(query)
    firsts = range(0, _WIDTH * len(windows), _WIDTH)
    return {key: [_reckoning(*numbers[n : n + _WIDTH]) for n in firsts] for key, *numbers in rows}


def _reckoning(total: int, up: int, down: int, unreachable: int, changes: int) -> Reckoning:
    """Put together what was summed of one window: what is not known of its time is unknown."""
    return Reckoning(Tally(up, down, unreachable, total - up - down - unreachable), changes)


def _grouped(by: By, columns: Sequence[ColumnElement[int]]) -> Select[*tuple[Any, ...]]:
    # PostgreSQL sums whole numbers to numerics.
    return select(by, *(cast(func.sum(each), BigInteger) for each in columns)).group_by(by)


def _reckoned(place: int, window: Span, seen: Subquery) -> Iterator[ColumnElement[int]]:
    """Yield what is known of a camera in a window: its time, each health's, the changes."""
    began_at = seconds_of(Standing.began_at)
    since, until = seconds_of(Standing.since), seconds_of(Standing.held_until)
    yield _within(window, began_at, window.end)
    for health in _KNOWN:
        running = case((Standing.health == health, _within(window, since, until)), else_=0)
        yield func.coalesce(seen.c[f"{health}_{place}"], 0) + running
    yield func.coalesce(seen.c[f"changes_{place}"], 0)


def _ended(windows: Sequence[Span], here: ColumnElement[bool]) -> Subquery:
    """
    Sum the ended intervals of each camera by health; each end is a change of health.

    One walk along the index that holds all of it; at some sites from each of their cameras
    on. Of a few days everywhere, those that ended since are found by their end instead: the
    walk would pass by all the years before.
    """
    start, end = seconds_of(Interval.started_at), seconds_of(Interval.ended_at)
    scope = hull(windows)
    columns: list[ColumnElement[Any]] = []
    for place, window in enumerate(windows):
        length = least(end, window.end) - greatest(start, window.start)
        if window != scope:
            length = greatest(length, 0)
        for health in _KNOWN:
            known = func.sum(length).filter(Interval.health == health)
            columns.append(cast(func.coalesce(known, 0), BigInteger).label(f"{health}_{place}"))
        changed = case(((end >= window.start) & (end < window.end), 1), else_=0)
        columns.append(func.sum(changed).label(f"changes_{place}"))
    camera_id: ColumnElement[int] = Interval.camera_id.expression
    is_everywhere = isinstance(here, True_)
    if is_everywhere and scope.length <= FEW_DAYS_SECONDS:
        # SQLite, which knows nothing of the rows, would else group along the index.
        camera_id = camera_id + 0
    summed = (
        select(camera_id.label("camera_id"), *columns)
        .where(start < scope.end, end >= scope.start)
        .group_by(camera_id)
    )
    if not is_everywhere:
        summed = summed.where(Interval.camera_id.in_(select(Camera.id).where(here)))
    return summed.subquery("seen")


def _within(
    window: Span, start: ColumnElement[int], end: ColumnElement[int] | int
) -> ColumnElement[int]:
    """Return how many seconds of [start, end) lie in a window."""
    return greatest(least(end, window.end) - greatest(start, window.start), 0)
