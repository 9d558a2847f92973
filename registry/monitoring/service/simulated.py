"""
An invented past for the demonstration, written through the same door as real verdicts.

Every row that comes of it is marked as simulated. The plan depends on its seed and on
the cameras alone: each start of a fresh demonstration shows the same life.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Identity, Reason, Verdict
from registry.clock import paris_day, paris_midnight
from registry.fleet.queries import ProbeInput
from registry.monitoring.queries.standings import service_bounds
from registry.monitoring.rules import Scheduled
from registry.monitoring.service.verdicts import record
from registry.monitoring.uptime import Span

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# In a steady stretch a verdict every six hours, with a hold to match, tells the same.
STEADY = 6 * HOUR
PATIENCE = 2
CAMERAS_AT_ONCE = 60

_SHORT_REASONS = (
    Reason.CONNECT_TIMEOUT,
    Reason.CONNECT_TIMEOUT,
    Reason.CONNECT_REFUSED,
    Reason.TIMEOUT_FIRST_BYTE,
    Reason.HTTP_STATUS,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A span in which a camera was not up; of two at once the later in a list counts."""

    span: Span
    health: Health
    reason: Reason


def simulate_past(
    session: Session,
    cameras: Sequence[ProbeInput],
    *,
    start: datetime,
    end: datetime,
    seed: int = 59,
) -> int:
    """
    Write an invented past of some cameras, and return how many verdicts it took.

    All are up at the end, where real probing takes over: the last verdict stands a
    minute before it and holds a little beyond.
    """
    window = Span(int(start.timestamp()), int(end.timestamp()))
    silences = _silences(Random(seed), window)  # noqa: S311 - invented, not secret
    number = 0
    for first in range(0, len(cameras), CAMERAS_AT_ONCE):
        verdicts = [
            scheduled
            for camera in cameras[first : first + CAMERAS_AT_ONCE]
            for scheduled in _past_of(camera, window, silences, seed)
        ]
        record(session, verdicts, patience=PATIENCE, simulated=True)
        number += len(verdicts)
    return number


def _past_of(
    camera: ProbeInput, window: Span, silences: Sequence[Trouble], seed: int
) -> Iterator[Scheduled]:
    """Yield the verdicts of one camera, while it was in service."""
    scope = window.cut(service_bounds(camera.commissioned_on, camera.retired_on))
    if scope.length < HOUR or scope.end < window.end or not camera.host:
        return
    troubles = [
        *_short_outages(Random(f"{seed}:{camera.camera_id}"), scope),  # noqa: S311 - invented
        *_long_outage(camera, scope),
        *_power_cuts(camera, scope, seed),
        *silences,
    ]
    calm_end = scope.end - HOUR
    kept = [each for each in troubles if scope.start + HOUR < each.span.start < calm_end]
    instants = list(_instants(list(_life(scope, kept, calm_end))))
    identity = Identity(camera.manufacturer, camera.model, camera.firmware, camera.serial)
    following = [*(at for at, _, _ in instants[1:]), scope.end]
    for (at, health, reason), next_at in zip(instants, following, strict=True):
        if health is not Health.UNKNOWN:
            yield _verdict(camera.camera_id, at, health, reason, identity, next_at - at)


def _life(
    scope: Span, troubles: Sequence[Trouble], calm_end: int
) -> Iterator[tuple[int, Health, Reason | None]]:
    """Yield each change of health with its instant; the last one is up."""
    edges = {scope.start, calm_end}
    for trouble in troubles:
        edges |= {trouble.span.start, min(trouble.span.end, calm_end)}
    before: tuple[Health, Reason | None] | None = None
    for edge in sorted(edges):
        now: tuple[Health, Reason | None] = (Health.UP, None)
        for trouble in troubles:
            if trouble.span.start <= edge < min(trouble.span.end, calm_end):
                now = trouble.health, trouble.reason
        if now != before:
            yield edge, *now
        before = now
    yield scope.end, Health.UP, None


def _instants(
    changes: Sequence[tuple[int, Health, Reason | None]],
) -> Iterator[tuple[int, Health, Reason | None]]:
    """
    Yield the instants of verdicts: two in a row at a change, then few.

    A minute before a silence (and before the end) stands one more, so that the hold of
    the last verdict reaches no further than it would have in truth. The silence itself
    is yielded as unknown, which is no verdict.
    """
    for (start, health, reason), (end, following, _) in pairwise(changes):
        yield start, health, reason
        if health is Health.UNKNOWN:
            continue
        if start + MINUTE < end:
            yield start + MINUTE, health, reason
        for at in range(start + STEADY, end - MINUTE, STEADY):
            yield at, health, reason
        is_last = end == changes[-1][0]
        if (following is Health.UNKNOWN or is_last) and start + 2 * MINUTE < end:
            yield end - MINUTE, health, reason


def _verdict(  # noqa: PLR0913, PLR0917 - the parts of a verdict
    camera_id: int,
    at: int,
    health: Health,
    reason: Reason | None,
    identity: Identity,
    delay_seconds: int,
) -> Scheduled:
    is_up = health is Health.UP
    verdict = Verdict(
        camera_id,
        datetime.fromtimestamp(at, UTC),
        health,
        reason,
        reachable=is_up or reason in {Reason.TIMEOUT_FIRST_BYTE, Reason.HTTP_STATUS},
        authentication=Authentication.VERIFIED if is_up else Authentication.NONE,
        clock_offset_seconds=0.0 if is_up else None,
        identity=identity if is_up else None,
    )
    return Scheduled(verdict, delay_seconds)


def _silences(random: Random, window: Span) -> list[Trouble]:
    """Choose when the monitor itself was not at work: a reboot, and one evening."""
    length = window.length
    starts = (int(length * random.uniform(0.15, 0.35)), int(length * random.uniform(0.55, 0.8)))
    return [
        Trouble(
            Span(window.start + start, window.start + start + lasts),
            Health.UNKNOWN,
            Reason.NOT_PROBED,
        )
        for start, lasts in zip(starts, (40 * MINUTE, 3 * HOUR), strict=True)
    ]


def _short_outages(random: Random, scope: Span) -> Iterator[Trouble]:
    """Choose a camera's own small failures: about three in a month."""
    at = scope.start
    while True:
        at += int(random.expovariate(1 / (12 * DAY)))
        if at >= scope.end:
            return
        lasts = MINUTE * random.choice((3, 4, 7, 12, 25, 55, 140))
        yield Trouble(Span(at, at + lasts), Health.DOWN, random.choice(_SHORT_REASONS))


def _long_outage(camera: ProbeInput, scope: Span) -> Iterator[Trouble]:
    """Let every sixtieth camera be dead for days, as one that waits for its repairer."""
    if camera.camera_id % 60 == 17:  # noqa: PLR2004 - any rest will do
        start = scope.start + scope.length // 4
        span = Span(start, start + min(9 * DAY, scope.length // 2))
        yield Trouble(span, Health.DOWN, Reason.NO_ROUTE)


def _power_cuts(camera: ProbeInput, scope: Span, seed: int) -> Iterator[Trouble]:
    """Let one site in six lose its power on some nights, all its cameras at once."""
    random = Random(f"{seed}:site:{camera.site_id}")  # noqa: S311 - invented
    if random.random() > 1 / 6:
        return
    nights = scope.length // DAY
    for night in sorted(random.sample(range(nights), k=min(nights, 4))):
        day = paris_day(datetime.fromtimestamp(scope.start, UTC) + timedelta(days=night))
        start = int(paris_midnight(day).timestamp()) + HOUR + random.randrange(40) * MINUTE
        span = Span(start, start + 2 * HOUR + random.randrange(150) * MINUTE)
        if camera.gateway_host:
            yield Trouble(span, Health.UNREACHABLE, Reason.GATEWAY_DOWN)
        else:
            yield Trouble(span, Health.DOWN, Reason.CONNECT_TIMEOUT)
