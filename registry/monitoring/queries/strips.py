"""The life of cameras as strips of time, and the seconds behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.fleet.models import Camera
from registry.monitoring.models import Interval, Standing
from registry.monitoring.queries.ledger import planned_spans
from registry.monitoring.queries.standings import service_bounds
from registry.monitoring.rules import Stretch
from registry.monitoring.uptime import (
    Span,
    StripStep,
    Tally,
    position_tally,
    strip,
    sum_tallies,
)

MAINTENANCE, NOT_IN_SERVICE = "maintenance", "not_in_service"
WORST_FIRST = ("unreachable", "down", "unknown", MAINTENANCE, "up", NOT_IN_SERVICE)


@dataclass(frozen=True, slots=True)
class Scale:
    """How long a strip is, and how long each of its steps."""

    length: timedelta
    step_seconds: int


DAY = Scale(timedelta(hours=24), 300)
MONTH = Scale(timedelta(days=30), 21_600)


@dataclass(frozen=True, slots=True)
class Run:
    """Steps in a row with the same worst state, over the same better one (or none)."""

    state: str
    other: str | None
    start: int
    end: int

    @property
    def starts_at(self) -> datetime:
        """The instant at which it begins."""
        return _instant(self.start)

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ends."""
        return _instant(self.end)


@dataclass(frozen=True, slots=True)
class Strip:
    """
    A strip ready to be drawn, and the exact seconds that its figure is made of.

    `simulated_until` is where the part that no device ever said ends, if there is one.
    """

    window: Span
    runs: tuple[Run, ...]
    tally: Tally
    simulated_until: int | None = None

    @property
    def simulated_at(self) -> datetime | None:
        """The instant at which the simulated part ends."""
        return None if self.simulated_until is None else _instant(self.simulated_until)


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen of one camera, and when it was to be seen."""

    camera_id: int
    stretches: tuple[Stretch, ...]
    service: Span
    planned: tuple[Span, ...]
    simulated_until: int | None


def lives(
    session: Session,
    cameras: Sequence[tuple[Camera, Standing | None]],
    *,
    now: datetime,
    length: timedelta,
) -> dict[int, Life]:
    """Read what was seen of some cameras up to now: two SELECTs for all of them."""
    window = span_before(now, length)
    planned = planned_spans(session, window)
    seen: defaultdict[int, list[Interval]] = defaultdict(list)
    since = now - length
    rows = session.scalars(
        select(Interval)
        .where(
            Interval.camera_id.in_([camera.id for camera, _ in cameras]),
            or_(Interval.ended_at.is_(None), Interval.ended_at > since),
        )
        .order_by(Interval.camera_id, Interval.started_at)
    )
    for row in rows:
        seen[row.camera_id].append(row)
    return {
        camera.id: Life(
            camera.id,
            tuple(_stretches(seen[camera.id], standing, window.end)),
            _service(camera, standing),
            tuple(planned.of(camera.site_id, camera.id)),
            _simulated_until(seen[camera.id], window.end),
        )
        for camera, standing in cameras
    }


def month_by_site(session: Session, site_ids: Sequence[int], *, now: datetime) -> dict[int, Tally]:
    """Sum the last 30 days of some sites: three SELECTs for all of them."""
    found = session.execute(
        select(Camera, Standing)
        .outerjoin(Standing, Standing.camera_id == Camera.id)
        .where(Camera.site_id.in_(site_ids))
    ).tuples()
    cameras = list(found)
    seen = lives(session, cameras, now=now, length=MONTH.length)
    window = span_before(now, MONTH.length)
    sums: defaultdict[int, Tally] = defaultdict(Tally)
    for camera, _standing in cameras:
        sums[camera.site_id] += _tally(seen[camera.id], window)
    return dict(sums)


def span_before(now: datetime, length: timedelta) -> Span:
    """Return the span of this length that ends now."""
    return Span(int((now - length).timestamp()), int(now.timestamp()))


def camera_strip(life: Life, *, now: datetime, scale: Scale) -> Strip:
    """Draw one camera's life at a scale."""
    return site_strip([life], now=now, scale=scale)


def site_strip(group: Sequence[Life], *, now: datetime, scale: Scale) -> Strip:
    """
    Draw several cameras as one strip: each step shows the worst of them.

    Seconds are summed before they are divided, so the figure is no mean of ratios.
    """
    window = span_before(now, scale.length)
    steps = [
        strip(
            window,
            life.stretches,
            service=life.service,
            step_seconds=scale.step_seconds,
            planned=life.planned,
        )
        for life in group
    ]
    tally = sum_tallies(_tally(life, window) for life in group)
    ends = [life.simulated_until for life in group if life.simulated_until is not None]
    simulated_until = max(ends, default=None)
    if simulated_until is not None and simulated_until <= window.start:
        simulated_until = None
    return Strip(window, tuple(_runs(zip(*steps, strict=True))), tally, simulated_until)


def _tally(life: Life, window: Span) -> Tally:
    return position_tally(window, life.stretches, service=life.service, planned=life.planned)


def _runs(columns: Iterable[tuple[StripStep, ...]]) -> Iterator[Run]:
    marked = ((_worst_and_best(column), column[0]) for column in columns)
    for (state, other), steps in groupby(marked, key=lambda pair: pair[0]):
        spans = [step for _, step in steps]
        yield Run(state, other, spans[0].start, spans[-1].end)


def _worst_and_best(column: tuple[StripStep, ...]) -> tuple[str, str | None]:
    present = {word for step in column for word in _words(step)}
    ranked = [word for word in WORST_FIRST if word in present]
    # A camera that is not in service yet says nothing of those that are.
    if len(ranked) > 1 and ranked[-1] == NOT_IN_SERVICE:
        ranked.pop()
    return ranked[0], ranked[-1] if len(ranked) > 1 else None


def _words(step: StripStep) -> Iterator[str]:
    if step.planned:
        yield MAINTENANCE
    elif step.worst is None:
        yield NOT_IN_SERVICE
    for health in (step.worst, step.other):
        if health is not None:
            yield health.value


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _stretches(rows: Iterable[Interval], standing: Standing | None, end: int) -> Iterator[Stretch]:
    held_until = int(standing.held_until.timestamp()) if standing else end
    for row in rows:
        start = int(row.started_at.timestamp())
        stop = int(row.ended_at.timestamp()) if row.ended_at else min(held_until, end)
        if start < stop:
            yield Stretch(start, stop, row.health, row.reason)


def _service(camera: Camera, standing: Standing | None) -> Span:
    bounds = service_bounds(camera.commissioned_on, camera.retired_on)
    if standing is None:
        return bounds
    return Span(max(bounds.start, int(standing.began_at.timestamp())), bounds.end)


def _simulated_until(rows: Sequence[Interval], end: int) -> int | None:
    ends = [row.ended_at for row in rows if row.simulated]
    return max((int(each.timestamp()) if each else end for each in ends), default=None)
