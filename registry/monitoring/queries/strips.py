"""The life of cameras as strips of time, and the seconds behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.fleet.models import Camera
from registry.monitoring.models import Interval
from registry.monitoring.queries.ledger import Life, lives
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.queries.rollups import site_windows
from registry.monitoring.queries.standings import seconds_of
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
class Past:
    """What was seen of one camera, what was planned there, and how much of it is made up."""

    life: Life
    planned: Sequence[Span]
    simulated_until: int | None = None

    def tally(self, window: Span) -> Tally:
        """Count the seconds of this camera's position in a window."""
        return position_tally(
            window, self.life.stretches, service=self.life.service, planned=self.planned
        )


def pasts(session: Session, site_id: int, camera_ids: Sequence[int], window: Span) -> list[Past]:
    """
    Read the past of a site's cameras in a window: four SELECTs, however many there are.

    A camera that was never probed has none: monitoring has not begun there.
    """
    seen = {life.camera_id: life for life in lives(session, camera_ids, window)}
    planned = planned_spans(session, window)
    simulated = _simulated_until(session, camera_ids, window)
    return [
        Past(
            seen.get(camera_id) or Life(camera_id, site_id, Span(0, 0), ()),
            planned.of(site_id, camera_id),
            simulated.get(camera_id),
        )
        for camera_id in camera_ids
    ]


def month_by_site(session: Session, site_ids: Sequence[int], *, now: datetime) -> dict[int, Tally]:
    """Sum the last 30 days of some sites: four SELECTs for all of them."""
    window = span_before(now, MONTH.length)
    cameras = session.scalars(select(Camera.id).where(Camera.site_id.in_(site_ids))).all()
    planned = planned_spans(session, window)
    sums: defaultdict[int, Tally] = defaultdict(Tally)
    for life in lives(session, cameras, window):
        past = Past(life, planned.of(life.site_id, life.camera_id))
        sums[life.site_id] += past.tally(window)
    return dict(sums)


def all_months(session: Session, *, now: datetime) -> dict[int, Tally]:
    """Sum the last 30 days of every site, in the database."""
    tallies = site_windows(session, [span_before(now, MONTH.length)])
    return {site_id: month for site_id, (month,) in tallies.items()}


def span_before(now: datetime, length: timedelta) -> Span:
    """Return the span of this length that ends now."""
    return Span(int((now - length).timestamp()), int(now.timestamp()))


def draw(group: Sequence[Past], *, now: datetime, scale: Scale) -> Strip:
    """
    Draw one camera, or several as one strip: each step shows the worst of them.

    Seconds are summed before they are divided, so the figure is no mean of ratios.
    """
    window = span_before(now, scale.length)
    steps = [
        strip(
            window,
            past.life.stretches,
            service=past.life.service,
            step_seconds=scale.step_seconds,
            planned=past.planned,
        )
        for past in group
    ]
    simulated = [past.simulated_until for past in group if past.simulated_until is not None]
    until = max(simulated, default=window.start)
    return Strip(
        window,
        tuple(_runs(zip(*steps, strict=True))),
        sum_tallies(past.tally(window) for past in group),
        simulated_until=until if until > window.start else None,
    )


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


def _simulated_until(session: Session, camera_ids: Sequence[int], window: Span) -> dict[int, int]:
    end = func.coalesce(seconds_of(Interval.ended_at), window.end)
    rows = session.execute(
        select(Interval.camera_id, func.max(end))
        .where(Interval.camera_id.in_(camera_ids), Interval.simulated, end > window.start)
        .group_by(Interval.camera_id)
    )
    return {camera_id: int(until) for camera_id, until in rows}


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
