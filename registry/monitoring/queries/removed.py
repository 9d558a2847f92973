"""
Figures of time whose intervals were removed: whole days, from the sums that are kept.

A window that cuts such a day is refused in words: no figure is better than a wrong one.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.clock import PARIS
from registry.errors import Invalid, Problem
from registry.monitoring.models import CameraDay, Standing
from registry.monitoring.queries.devices import strangers, swaps_of, units_of
from registry.monitoring.queries.rollups import (
    Rolled,
    midnight,
    next_midnight,
    reckoning,
    summed,
)
from registry.monitoring.queries.standings import among, seconds_of
from registry.monitoring.queries.sums import hull
from registry.monitoring.uptime import Reckoning, Span


def require_answerable(window: Span, known: Rolled) -> None:
    """
    Refuse a window that cuts a day whose intervals were removed.

    Raises:
        Invalid: It does; the field, and from when on any instant will do, are named.
    """
    days = window.cut(known.removed)
    for where, second in (("from", days.start), ("to", days.end)):
        if days.length and second != midnight(second):
            raise Invalid([removed_problem("removed", where, second, known)])


def require_kept(window: Span, known: Rolled, *, where: str) -> None:
    """
    Refuse a window that reaches into time whose intervals were removed.

    Raises:
        Invalid: It does; `where` is the field that says so.
    """
    if window.cut(known.removed).length:
        raise Invalid([removed_problem("removed_wholly", where, window.start, known)])


def removed_problem(code: str, where: str, second: int, known: Rolled) -> Problem:
    """Say that an instant lies where nothing is left to answer from, and since when it is."""
    value = datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
    since = datetime.fromtimestamp(known.removed.end, PARIS).date().isoformat()
    return Problem(code, where, value, {"since": since})


def removed_cameras(
    session: Session, camera_ids: Sequence[int], windows: Sequence[Span], known: Rolled
) -> dict[int, list[Reckoning]]:
    """Reckon cameras in the removed part of several windows; who has none is left out."""
    found: dict[int, list[Reckoning]] = {}
    start = seconds_of(CameraDay.starts_at)
    for place, window in enumerate(windows):
        days = window.cut(known.removed)
        if not days.length:
            continue
        rows = session.execute(
            select(CameraDay.camera_id, *summed(CameraDay))
            .where(
                among(session, CameraDay.camera_id, camera_ids),
                start >= days.start,
                start < days.end,
            )
            .group_by(CameraDay.camera_id)
        )
        for camera_id, *sums in rows:
            blank = [Reckoning()] * len(windows)
            found.setdefault(camera_id, blank)[place] = reckoning(sums)
    return found


def removed_devices(
    session: Session, camera_ids: Sequence[int], windows: Sequence[Span], known: Rolled
) -> dict[int, list[Reckoning]]:
    """
    Reckon the funded units of cameras in the removed part of several windows.

    Where one unit was mounted all the time, and no other answered, its ledger is that of
    the position. What else there was, intervals alone could part.

    Raises:
        Invalid: A unit was exchanged, or another one answered, in days that were removed.
    """
    scope = hull(windows).cut(known.removed)
    if not scope.length:
        return {}
    found = removed_cameras(session, camera_ids, windows, known)
    units, swaps = units_of(session, sorted(found)), swaps_of(session, sorted(found), scope)
    for camera_id, watched in _watched(session, found, scope).items():
        mounted = [each for each in units.get(camera_id, ()) if each.mounted.cut(watched).length]
        if not mounted:
            del found[camera_id]
            continue
        unit, *others = mounted
        is_alone = not others and unit.mounted.cut(watched) == watched
        if not is_alone or strangers(unit, swaps.get(camera_id, ())):
            require_kept(scope, known, where="from")
    return found


def _watched(session: Session, camera_ids: Iterable[int], scope: Span) -> dict[int, Span]:
    """Return from when to when removed days tell of cameras: nothing before the first verdict."""
    start = seconds_of(CameraDay.starts_at)
    rows = session.execute(
        select(CameraDay.camera_id, func.min(start), func.max(start), seconds_of(Standing.began_at))
        .join(Standing, Standing.camera_id == CameraDay.camera_id)
        .where(
            among(session, CameraDay.camera_id, camera_ids),
            start >= scope.start,
            start < scope.end,
        )
        .group_by(CameraDay.camera_id, Standing.began_at)
    )
    return {
        camera_id: Span(max(first, began_at), next_midnight(last))
        for camera_id, first, last, began_at in rows
    }
