"""Where cameras stand: what the next verdict is folded into, and what a page counts."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    String,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from probes.verdict import Health, Reason
from registry.clock import paris_day, paris_midnight
from registry.db import Second
from registry.fleet.models import Camera, Site
from registry.monitoring.models import MaintenanceWindow, Standing
from registry.monitoring.rules import Piece, Shown, State
from registry.monitoring.uptime import Span

_CHUNK = 5_000  # SQLite takes 32,766 parameters in a statement; a chunk stays far below.
FOREVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Known:
    """
    A camera and the row of its standing, if it has one.

    `row` holds plain values: instants are seconds since 1970, as the rules count.
    """

    camera_id: int
    site_id: int
    service: Span
    row: dict[str, Any] | None
    state: State | None


def seconds_of(column: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Read an instant as the integer that the database keeps."""
    return type_coerce(column, BigInteger)


def _plain(name: str) -> ColumnElement[Any]:
    column: InstrumentedAttribute[Any] = getattr(Standing, name)
    plain = seconds_of(column) if isinstance(column.type, Second) else column
    return plain.label(name)


STANDING_COLUMNS = tuple(each.key for each in Standing.__table__.columns)
_PLAIN_STANDING = tuple(_plain(name) for name in STANDING_COLUMNS)


def service_bounds(commissioned_on: date | None, retired_on: date | None) -> Span:
    """Return when a camera is in service; never, without a day of commissioning."""
    if commissioned_on is None:
        return Span(0, 0)
    end = FOREVER if retired_on is None else _midnight(retired_on)
    return Span(_midnight(commissioned_on), end)


def _midnight(day: date) -> int:
    return int(paris_midnight(day).timestamp())


def among(
    session: Session, column: InstrumentedAttribute[int], numbers: Iterable[int]
) -> ColumnElement[bool]:
    """
    Tell whether a column is one of many numbers, which travel as one parameter.

    As many parameters as numbers cost more to put together than the rows to read. The
    list is a question of its own: it is taken apart once, not beside each row that is read.
    """
    listed = list(numbers)
    if session.get_bind().dialect.name == "postgresql":
        array = cast(literal(array_of(listed), String), ARRAY(BigInteger))
        return column.in_(select(func.unnest(array)))
    return column.in_(select(func.json_each(json.dumps(listed)).table_valued("value").c.value))


def array_of(values: Iterable[float | None]) -> str:
    """
    Write numbers as PostgreSQL writes an array.

    The driver asks each value of a list for its type: that is five times dearer.
    """
    return "{" + ",".join("NULL" if each is None else repr(each) for each in values) + "}"


def batched(camera_ids: Iterable[int]) -> Iterator[list[int]]:
    """Cut a list of cameras into pieces that one statement can name."""
    remaining = iter(camera_ids)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def known_cameras(session: Session, camera_ids: Iterable[int]) -> dict[int, Known]:
    """Read the cameras of a batch with their standings."""
    found: dict[int, Known] = {}
    bounds: dict[tuple[date | None, date | None], Span] = {}
    for chunk in batched(sorted(camera_ids)):
        rows = session.execute(
            select(
                Camera.id,
                Camera.site_id,
                Camera.commissioned_on,
                Camera.retired_on,
                *_PLAIN_STANDING,
            )
            .outerjoin(Standing, Standing.camera_id == Camera.id)
            .where(Camera.id.in_(chunk))
        )
        for camera_id, site_id, commissioned_on, retired_on, *values in rows:
            days = commissioned_on, retired_on
            if days not in bounds:
                bounds[days] = service_bounds(*days)
            row = None if values[0] is None else dict(zip(STANDING_COLUMNS, values, strict=True))
            state = None if row is None else state_of(row)
            found[camera_id] = Known(camera_id, site_id, bounds[days], row, state)
    return found


def silent_cameras(session: Session, *, before: int) -> list[int]:
    """Return the cameras whose last hold ended before an instant, and who seem known still."""
    covered_until = seconds_of(Standing.last_at) + Standing.hold_seconds
    return list(
        session.scalars(
            select(Standing.camera_id).where(
                Standing.health != Health.UNKNOWN, covered_until < before
            )
        )
    )


def state_of(row: Mapping[str, Any]) -> State:
    """Read the state that the rules fold from the row of a standing."""
    return State(
        health=row["health"],
        reason=row["reason"],
        since=row["since"],
        last_at=row["last_at"],
        hold=row["hold_seconds"],
        dissent=row["dissent"],
        pending=tuple(_pieces(row["pending"])) if row["pending"] else (),
        mismatches=row["mismatches"],
        mismatch_since=row["mismatch_since"],
        substituted=row["substituted"],
    )


def _pieces(pending: str) -> Iterator[Piece]:
    for start, health, reason in json.loads(pending):
        yield Piece(start, Health(health), reason and Reason(reason))


def planned_now(at: datetime, dark: Collection[int]) -> ColumnElement[bool]:
    """
    Tell, for the camera of a row, whether its time is planned at an instant.

    What is planned for one camera goes with it to another site. `dark` are the sites
    without power then (planned.dark_sites).
    """
    runs = (
        MaintenanceWindow.cancelled_at.is_(None),
        MaintenanceWindow.starts_at <= at,
        MaintenanceWindow.ends_at > at,
    )
    whole_sites = MaintenanceWindow.camera_id.is_(None)
    sites = select(MaintenanceWindow.site_id).where(*runs, whole_sites)
    cameras = select(MaintenanceWindow.camera_id).where(*runs, ~whole_sites)
    worked_on = Camera.site_id.in_(sites) | Camera.id.in_(cameras)
    return worked_on | Camera.site_id.in_(dark) if dark else worked_on


def in_service(at: datetime) -> ColumnElement[bool]:
    """Tell, for the camera of a row, whether it is in service at an instant."""
    today = paris_day(at)
    return (Camera.commissioned_on <= today) & (
        Camera.retired_on.is_(None) | (Camera.retired_on > today)
    )


def is_watched() -> ColumnElement[bool]:
    """Tell, for the site of a row, whether a camera that stands there was ever probed."""
    return (
        select(Standing.camera_id)
        .join(Camera, Camera.id == Standing.camera_id)
        .where(Camera.site_id == Site.id)
        .correlate(Site)
        .exists()
    )


def shown_state(at: datetime, dark: Collection[int] = ()) -> ColumnElement[str]:
    """
    Return what a page shows of the camera of a row, as a word of `Shown`.

    The same rule as `rules.shown`, for the database: needs Camera outer-joined to
    Standing. Instants are floored to whole seconds.
    """
    covered_until = seconds_of(Standing.last_at) + Standing.hold_seconds
    return case(
        (planned_now(at, dark), Shown.MAINTENANCE.value),
        (Standing.camera_id.is_(None), Shown.UNKNOWN.value),
        (covered_until <= int(at.timestamp()), Shown.UNKNOWN.value),
        ((Standing.health == Health.UP) & (Standing.issues != ""), Shown.DEGRADED.value),
        else_=type_coerce(Standing.health, String),
    )
