"""
How long a camera was up, in exact seconds: the two ledgers and their ratios.

Whole seconds since 1970 (UTC) and half-open spans throughout. At any instant not
in service comes before planned, and planned before what was seen.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, Self

from probes.verdict import Health
from registry.monitoring.rules import Stretch

HOUR = 3_600
_WORST_FIRST = (Health.UNREACHABLE, Health.DOWN, Health.UNKNOWN, Health.UP)


class Span(NamedTuple):
    """A half-open span [start, end); empty when it ends where it starts, or before."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many seconds it holds."""
        return max(0, self.end - self.start)

    def cut(self, other: "Span") -> "Span":
        """Return what both spans hold."""
        return Span(max(self.start, other.start), min(self.end, other.end))


class Undefined(StrEnum):
    """Why a ratio has no value."""

    NOT_IN_SERVICE = "not_in_service"
    ALL_PLANNED = "all_planned"
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole, in seconds; without a whole there is a reason, never 100 %."""

    part: int
    whole: int
    reason: Undefined | None = None

    @property
    def value(self) -> Fraction | None:
        """The exact quotient, or None where it is undefined."""
        return Fraction(self.part, self.whole) if self.reason is None else None


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Seconds of one camera or of a group in each bucket; they sum to the time in service.

    `substituted` is time in which another unit answered for the registered one; it
    occurs in the device ledger only, and is never up.
    """

    up: int = 0
    down: int = 0
    unreachable: int = 0
    unknown: int = 0
    planned: int = 0
    substituted: int = 0

    @property
    def total(self) -> int:
        """The time in service, T."""
        known = self.up + self.down + self.unreachable
        return known + self.unknown + self.planned + self.substituted

    @property
    def expected(self) -> int:
        """The time in which the camera was meant to work, T - M."""
        return self.total - self.planned

    def __add__(self, other: Self) -> "Tally":
        """Sum two tallies bucket by bucket: groups sum seconds and divide afterwards."""
        # Written out: regions are sums of hundreds of thousands of these.
        return Tally(
            self.up + other.up,
            self.down + other.down,
            self.unreachable + other.unreachable,
            self.unknown + other.unknown,
            self.planned + other.planned,
            self.substituted + other.substituted,
        )

    @property
    def device_availability(self) -> Ratio:
        """U / (U + D): did the camera work, while its link did."""
        return self._ratio(self.up, self.up + self.down)

    @property
    def device_bounds(self) -> tuple[Ratio, Ratio]:
        """The least and the most that device availability can have been."""
        most = self.up + self.unreachable + self.unknown
        return self._ratio(self.up, self.expected), self._ratio(most, self.expected)

    @property
    def service_availability(self) -> Ratio:
        """U / (U + D + R): could anybody have seen something."""
        return self._ratio(self.up, self.up + self.down + self.unreachable)

    @property
    def service_bounds(self) -> tuple[Ratio, Ratio]:
        """The least and the most that service availability can have been."""
        most = self.up + self.unknown
        return self._ratio(self.up, self.expected), self._ratio(most, self.expected)

    @property
    def coverage(self) -> Ratio:
        """(U + D + R) / (T - M): how much of the time was looked at."""
        return self._ratio(self.up + self.down + self.unreachable, self.expected)

    def _ratio(self, part: int, whole: int) -> Ratio:
        """Divide, or say why not."""
        if whole:
            return Ratio(part, whole)
        if not self.total:
            return Ratio(part, whole, Undefined.NOT_IN_SERVICE)
        return Ratio(
            part, whole, Undefined.NOTHING_KNOWN if self.expected else Undefined.ALL_PLANNED
        )


@dataclass(frozen=True, slots=True)
class StripStep:
    """
    One step of a strip of time: its worst health, and another it also held.

    `worst` is None where the camera was not in service; `planned` tells that some
    of the step was maintenance.
    """

    start: int
    end: int
    worst: Health | None
    other: Health | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Reckoning:
    """
    The seconds of a camera or a group, and how often its cameras changed health.

    A change at the very start of the window counts, one at its end does not, so
    windows that follow one another add up.
    """

    tally: Tally = field(default_factory=Tally)
    transitions: int = 0

    def __add__(self, other: Self) -> "Reckoning":
        """Sum two reckonings: of two groups, or of two windows that touch."""
        return Reckoning(self.tally + other.tally, self.transitions + other.transitions)


def sum_tallies(tallies: Iterable[Tally]) -> Tally:
    """Sum the seconds of a group."""
    total = Tally()
    for tally in tallies:
        total += tally
    return total


def percent_floor(ratio: Ratio, digits: int = 2) -> str | None:
    """
    Write a ratio as a percentage, rounded down so that it never flatters.

    The decimal mark is a point; None where the ratio is undefined.
    """
    if ratio.reason is not None:
        return None
    scaled = ratio.part * 100 * 10**digits // ratio.whole
    whole, rest = divmod(scaled, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def whole_hours(span: Span) -> list[Span]:
    """Return the full hours (UTC) that a span holds."""
    first = -(-span.start // HOUR) * HOUR
    return [Span(start, start + HOUR) for start in range(first, span.end - HOUR + 1, HOUR)]


def union(spans: Iterable[Span]) -> list[Span]:
    """Merge spans that overlap or touch; the result is sorted and apart."""
    merged: list[Span] = []
    for span in sorted(each for each in spans if each.length):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def position_tally(
    window: Span, stretches: Iterable[Stretch], *, service: Span, planned: Iterable[Span] = ()
) -> Tally:
    """
    Tally one camera position in a window: the ledger that the public gets.

    Args:
        window: The time asked for.
        stretches: What was seen, in order and apart; one that still runs must be
            ended by its hold. What no stretch tells is unknown.
        service: From commissioning (or the first verdict, if later) to retirement.
        planned: Maintenance windows; they may overlap.
    """
    return device_tally(window, stretches, service=service, planned=planned, substituted=())


def device_tally(
    window: Span,
    stretches: Iterable[Stretch],
    *,
    service: Span,
    planned: Iterable[Span] = (),
    substituted: Iterable[Span],
) -> Tally:
    """
    Tally the funded device in a window: the ledger of what the money bought.

    While another unit answers for it, its clock stands still: what would be up,
    down or unreachable is substituted; unknown stays unknown, because nobody saw
    which unit was there.
    """
    scope = window.cut(service)
    free = subtract(scope, union(planned))
    seen = list(stretches)
    seconds = dict.fromkeys(Health, 0)
    for stretch, length in zip(seen, shared(seen, free), strict=True):
        seconds[stretch.health] += length
    swapped = 0
    if swaps := union(substituted):
        lost = shared(seen, [piece for swap in swaps for piece in _cut_all(free, swap)])
        for stretch, length in zip(seen, lost, strict=True):
            if stretch.health is not Health.UNKNOWN:
                seconds[stretch.health] -= length
                swapped += length
    known = seconds[Health.UP] + seconds[Health.DOWN] + seconds[Health.UNREACHABLE]
    expected = sum(span.length for span in free)
    return Tally(
        up=seconds[Health.UP],
        down=seconds[Health.DOWN],
        unreachable=seconds[Health.UNREACHABLE],
        unknown=expected - known - swapped,
        planned=scope.length - expected,
        substituted=swapped,
    )


def transitions(window: Span, stretches: Iterable[Stretch], *, service: Span) -> int:
    """
    Count the changes of health in a window; the first answer of all is no change.

    Planned time hides none of them: a change is counted where it happened.
    """
    return sum(
        window.start <= stretch.start < window.end and service.start < stretch.start < service.end
        for stretch in stretches
    )


def shared(stretches: Iterable[Stretch], pieces: Sequence[Span]) -> list[int]:
    """
    Return how many seconds each stretch shares with pieces; both are in order and apart.

    Raises:
        ValueError: A stretch has no end.
    """
    lengths = []
    first = 0
    for stretch in stretches:
        if stretch.end is None:
            raise ValueError(f"a stretch without an end: {stretch.start}")
        while first < len(pieces) and pieces[first].end <= stretch.start:
            first += 1
        length, place = 0, first
        while place < len(pieces) and pieces[place].start < stretch.end:
            piece = pieces[place]
            length += max(0, min(piece.end, stretch.end) - max(piece.start, stretch.start))
            place += 1
        lengths.append(length)
    return lengths


def subtract(span: Span, holes: Sequence[Span]) -> list[Span]:
    """Return what is left of a span without its holes, which are sorted and apart."""
    left: list[Span] = []
    start = span.start
    for hole in holes:
        if start < min(hole.start, span.end):
            left.append(Span(start, min(hole.start, span.end)))
        start = max(start, hole.end)
    if start < span.end:
        left.append(Span(start, span.end))
    return left


def strip(
    window: Span,
    stretches: Sequence[Stretch],
    *,
    service: Span,
    step_seconds: int,
    planned: Iterable[Span] = (),
) -> list[StripStep]:
    """
    Cut a window into equal steps for drawing; a short outage is never swallowed.

    The order from worst to best is unreachable, down, unknown, up. The last step is
    shorter where the window is no multiple of `step_seconds`.
    """
    holes = union(planned)
    starts = [stretch.start for stretch in stretches]
    steps = []
    for start in range(window.start, window.end, step_seconds):
        end = min(start + step_seconds, window.end)
        if end <= service.start or service.end <= start:
            steps.append(StripStep(start, end, worst=None))
            continue
        first = max(0, bisect_right(starts, start) - 1)
        near = stretches[first : bisect_left(starts, end)]
        whole = service.start <= start and end <= service.end and not holes
        if whole and len(near) == 1 and near[0].start <= start and end <= (near[0].end or start):
            # Nothing begins or ends in most steps: they need no arithmetic.
            steps.append(StripStep(start, end, worst=near[0].health))
        else:
            steps.append(_strip_step(Span(start, end), near, service, holes))
    return steps


def _strip_step(
    span: Span, stretches: Sequence[Stretch], service: Span, holes: Sequence[Span]
) -> StripStep:
    scope = span.cut(service)
    if not scope.length:
        return StripStep(span.start, span.end, worst=None)
    free = subtract(scope, holes)
    found = list(_healths(free, stretches))
    known = sum(length for _, length in found)
    healths = {health for health, _ in found}
    if known < sum(each.length for each in free):
        healths.add(Health.UNKNOWN)
    ranked = [health for health in _WORST_FIRST if health in healths]
    return StripStep(
        span.start,
        span.end,
        worst=ranked[0] if ranked else None,
        other=ranked[1] if len(ranked) > 1 else None,
        planned=len(free) != 1 or free[0] != scope,
    )


def _healths(free: Sequence[Span], stretches: Sequence[Stretch]) -> Iterator[tuple[Health, int]]:
    for stretch in stretches:
        end = stretch.start if stretch.end is None else stretch.end
        length = _overlap(Span(stretch.start, end), free)
        if length:
            yield stretch.health, length


def _cut_all(pieces: Iterable[Span], span: Span) -> Iterator[Span]:
    """Yield what pieces that are apart share with a span."""
    for piece in pieces:
        both = piece.cut(span)
        if both.start < both.end:
            yield both


def _overlap(span: Span, pieces: Iterable[Span]) -> int:
    """Count the seconds that a span shares with pieces that are apart."""
    return sum(span.cut(piece).length for piece in pieces)
