"""
Sums of time that the database makes itself, by site or by camera.

It sums what it can: cameras in service all through, with nothing planned. The others
are read out and reckoned one by one (`ledger`); tests hold both to the same second.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    True_,
    case,
    func,
    select,
    true,
    type_coerce,
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

# The order of a tally's first seconds, and of the changes behind them.
_PLACES = {"up": 0, "down": 1, "unreachable": 2, "unknown": 3}
_UNKNOWN, _CHANGES = 3, 4
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
    planned = (
        select(MaintenanceWindow.id)
        .where(
            MaintenanceWindow.cancelled_at.is_(None),
            MaintenanceWindow.site_id == Camera.site_id,
            seconds_of(MaintenanceWindow.ends_at) > window.start,
            seconds_of(MaintenanceWindow.starts_at) < window.end,
        )
        .correlate(Camera)
        .exists()
    )
    powered = (
        select(PowerHours.id)
        .where(
            PowerHours.site_id == Camera.site_id,
            PowerHours.from_on <= last,
            PowerHours.until_on.is_(None) | (PowerHours.until_on > first),
        )
        .correlate(Camera)
        .exists()
    )
    return (
        (Camera.commissioned_on < first)
        & (Camera.retired_on.is_(None) | (Camera.retired_on > last))
        & ~planned
        & ~powered
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

    First all their time is unknown; then what ended intervals and the standings (which
    are the intervals that still run) know of it is taken over, second by second.
    """
    here = _at(session, site_ids)
    chosen = plain(hull(windows)) & here
    began_at = seconds_of(Standing.began_at)
    watched = (_within(window, began_at, window.end) for window in windows)
    totals = session.execute(
        select(by, *(func.sum(seconds) for seconds in watched))
        .join(Standing, Standing.camera_id == Camera.id)
        .where(chosen)
        .group_by(by)
    )
    # Plain numbers until all is added: objects for each would take most of the time.
    sums = {key: [[0, 0, 0, int(total), 0] for total in per_window] for key, *per_window in totals}
    for key, word, *numbers in session.execute(_ended(windows, chosen, by, here)):
        for cells, seconds, changes in zip(sums[key], numbers[::2], numbers[1::2], strict=True):
            _take_over(cells, word, int(seconds))
            cells[_CHANGES] += int(changes)
    for key, word, *numbers in session.execute(_running(windows, chosen, by)):
        for cells, seconds in zip(sums[key], numbers, strict=True):
            _take_over(cells, word, int(seconds))
    return {
        key: [Reckoning(Tally(*cells[:_CHANGES]), cells[_CHANGES]) for cells in per_window]
        for key, per_window in sums.items()
    }


def _take_over(cells: list[int], word: str, seconds: int) -> None:
    """Take seconds over from unknown to a health."""
    cells[_PLACES[word]] += seconds
    cells[_UNKNOWN] -= seconds


def _ended(
    windows: Sequence[Span], chosen: ColumnElement[bool], by: By, here: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """
    Sum the ended intervals of plain cameras by health; each end is a change of health.

    Grouped by camera first: one walk along an index. Joined first, SQLite needs six
    times longer for the same 1.2 million rows.
    """
    start, end = seconds_of(Interval.started_at), seconds_of(Interval.ended_at)
    scope = hull(windows)
    columns: list[ColumnElement[int]] = []
    for window in windows:
        changed = case(((end >= window.start) & (end < window.end), 1), else_=0)
        columns += [func.sum(_within(window, start, end)), func.sum(changed)]
    summed = (
        select(
            Interval.camera_id,
            type_coerce(Interval.health, String).label("health"),
            *(column.label(f"sum_{place}") for place, column in enumerate(columns)),
        )
        .where(start < scope.end, end >= scope.start)
        .group_by(Interval.camera_id, Interval.health)
    )
    if not isinstance(here, True_):
        summed = summed.where(Interval.camera_id.in_(select(Camera.id).where(here)))
    seen = summed.subquery()
    found = [seen.c[f"sum_{place}"] for place in range(len(columns))]
    joined = select(by, seen.c.health).join(Camera, Camera.id == seen.c.camera_id).where(chosen)
    if by is Camera.id:
        # Summed by camera already: to group once more would sort it all again.
        return joined.add_columns(*found)
    return joined.add_columns(*(func.sum(each) for each in found)).group_by(by, seen.c.health)


def _running(
    windows: Sequence[Span], chosen: ColumnElement[bool], by: By
) -> Select[*tuple[Any, ...]]:
    """Sum the intervals that still run, as far as their standings vouch for them."""
    since, until = seconds_of(Standing.since), seconds_of(Standing.held_until)
    return (
        select(
            by,
            type_coerce(Standing.health, String),
            *(func.sum(_within(window, since, until)) for window in windows),
        )
        .join(Standing, Standing.camera_id == Camera.id)
        .where(chosen, Standing.health != Health.UNKNOWN)
        .group_by(by, Standing.health)
    )


def _within(
    window: Span, start: ColumnElement[int], end: ColumnElement[int] | int
) -> ColumnElement[int]:
    """Return how many seconds of [start, end) lie in a window."""
    return greatest(least(end, window.end) - greatest(start, window.start), 0)
