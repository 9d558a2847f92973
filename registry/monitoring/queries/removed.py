"""
Figures of time whose intervals were removed: whole days, from the sums that are kept.

A window that cuts such a day is refused in words: no figure is better than a wrong one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clock import PARIS
from registry.errors import Invalid, Problem
from registry.monitoring.models import CameraDay
from registry.monitoring.queries.rollups import Rolled, midnight, reckoning, summed
from registry.monitoring.queries.standings import among, seconds_of
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
) -> list[list[Reckoning]]:
    """Reckon cameras in the removed part of several windows: a row for each that has any."""
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
    return list(found.values())
