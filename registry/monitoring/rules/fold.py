"""
How verdicts become stretches of time: the hold, patience, gaps and substitutions.

Everything here counts in whole seconds since 1970 (UTC) and half-open spans.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from probes.verdict import Health, Issue, Reason, Verdict

HOLD_FACTOR = 2.5
# Looked for, and not up: what an outage is made of.
OUT = frozenset({Health.DOWN, Health.UNREACHABLE})
# So many of the last interval's verdicts, and of at least so many, are no accident.
SUSPICIOUS_PERCENT = 80
SUSPICIOUS_VERDICTS = 20


class Shown(StrEnum):
    """What a page shows of one camera: its health, or why that is not the whole story."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """
    A verdict, with what only the agenda knows of it.

    `delay_seconds` is the time to the camera's next probe as it was scheduled then;
    `credential_changed_at` the age of the credential that travelled, if one did;
    `proving` tells that the probe was asked to prove the credential.
    """

    verdict: Verdict
    delay_seconds: float
    credential_changed_at: datetime | None = None
    proving: bool = False

    @property
    def proven(self) -> bool:
        """Whether a proof was asked for and its login got an answer, whatever that was."""
        answered = self.verdict.identity is not None or not _ANSWERS.isdisjoint(self.verdict.issues)
        return self.proving and answered


# What is said of a login that was answered with something else than an identity.
_ANSWERS = frozenset({Issue.ACTION_NOT_SUPPORTED, Issue.XML_BROKEN})


@dataclass(frozen=True, slots=True)
class Observation:
    """
    What the fold reads of one verdict.

    `hold` is how long, in seconds, the verdict may be counted. `mismatch` is None
    when the device did not say who it is.
    """

    at: int
    health: Health
    reason: Reason | None
    hold: int
    mismatch: bool | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span [start, end) of one health; `end` is None for the one that still runs."""

    start: int
    end: int | None
    health: Health
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The start of one health among the dissenting verdicts that wait for patience."""

    start: int
    health: Health
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class State:
    """
    Where a camera stands after its last verdict.

    `health` holds since `since`. `dissent` verdicts in a row spoke for the other
    side; `pending` are their healths in order, the first at the first of them.
    `mismatches` in a row named another device, since `mismatch_since`.
    """

    health: Health
    reason: Reason | None
    since: int
    last_at: int
    hold: int
    dissent: int = 0
    pending: tuple[Piece, ...] = ()
    mismatches: int = 0
    mismatch_since: int | None = None
    substituted: bool = False

    @property
    def covered_until(self) -> int:
        """The end of the last verdict's hold: nothing later may be counted."""
        return self.last_at + self.hold

    @property
    def held_until(self) -> int:
        """Until when `health` is vouched for; a pending change is nobody's time yet."""
        return self.pending[0].start if self.pending else self.covered_until

    @property
    def settled_until(self) -> int:
        """Until when no later verdict can change what is told of this camera."""
        # `since` lies beyond the last verdict only where its hold ran out in silence.
        return self.pending[0].start if self.pending else max(self.last_at, self.since)


@dataclass(frozen=True, slots=True)
class Step:
    """
    What one verdict changes.

    `closes_at` ends the stretch that ran before, if it ends. `stretches` follow it
    without a hole; the last of them still runs. `substituted_from` and
    `returned_at` open and end the answering of another device.
    """

    state: State
    closes_at: int | None = None
    stretches: tuple[Stretch, ...] = ()
    substituted_from: int | None = None
    returned_at: int | None = None
    dropped: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class OutageMove:
    """
    The beginning (`opened`) or the end of an outage, or its new cause.

    `health` is the one that holds from `at` on: at an end, what ended it.
    """

    at: int
    health: Health
    reason: Reason | None
    opened: bool = False
    closed: bool = False


def hold_of(delay_seconds: float) -> int:
    """
    Return how long a verdict holds, given the delay to the camera's next probe.

    Floored to whole seconds, and never under one: a stretch cannot be empty.
    """
    return max(1, int(HOLD_FACTOR * delay_seconds))


def fold(state: State | None, seen: Observation, *, patience: int) -> Step:
    """
    Fold one verdict into a camera's state.

    A camera changes sides (up, not up) only after `patience` verdicts in a row say
    so; the change is dated from the first of them. Down and unreachable are one
    side with two causes, so that change is immediate. Unknown and a gap take effect
    at once and leave what was pending undecided, hence unknown. From unknown the
    next verdict decides at once, and so does a camera's very first (no state yet).
    """
    if state is None:
        return _with_identity(None, _opened(seen), seen, patience=patience, gap=False)
    if seen.at <= max(state.last_at, state.since):
        repeated = seen.at == state.last_at
        return Step(state, dropped=not repeated, repeated=repeated)
    gap = seen.at > state.covered_until
    return _with_identity(
        state,
        _with_health(state, seen, patience=patience, gap=gap),
        seen,
        patience=patience,
        gap=gap,
    )


def lapse(state: State, *, at: int) -> Step | None:
    """
    Let a state run out of which nobody has heard since its hold: what a gap would do.

    The next verdict would say the same; but a camera that is probed no more gets no
    next verdict, and its outage must not seem to last. None where nothing runs out.
    """
    if state.health is Health.UNKNOWN or at <= state.covered_until:
        return None
    lost = Stretch(state.held_until, None, Health.UNKNOWN, Reason.NOT_PROBED)
    after = replace(
        state,
        health=lost.health,
        reason=lost.reason,
        since=lost.start,
        dissent=0,
        pending=(),
        mismatches=state.mismatches if state.substituted else 0,
        mismatch_since=state.mismatch_since if state.substituted else None,
    )
    return Step(after, lost.start, (lost,))


def outage_moves(before: Health | None, step: Step) -> Iterator[OutageMove]:
    """Tell which outages a step begins, ends or gives another cause, in order."""
    for stretch in step.stretches:
        move = OutageMove(stretch.start, stretch.health, stretch.reason)
        was_out = before is not None and is_out(before)
        if is_out(stretch.health):
            yield replace(move, opened=not was_out)
        elif was_out:
            yield replace(move, closed=True)
        before = stretch.health


def settled(before: State | None, step: Step) -> Iterator[Stretch]:
    """
    Cut the time that a step settles into stretches.

    What is settled never changes again, so it may go into a counter that never falls.
    """
    pieces = list(step.stretches)
    settled_until = pieces[0].start if before is None else before.settled_until
    if before is not None:
        pieces.insert(0, Stretch(before.since, step.closes_at, before.health))
    limit = step.state.settled_until
    for piece in pieces:
        start = max(piece.start, settled_until)
        end = limit if piece.end is None else min(piece.end, limit)
        if start < end:
            yield Stretch(start, end, piece.health)


def changes_from(before: State | None, step: Step) -> int | None:
    """
    Return the instant from which a step changes what was told so far; None if nothing.

    What was told reached up to `held_until`; whoever summed it must look again where
    this lies before the end of the sum.
    """
    if step.dropped or step.repeated:
        return None
    if step.stretches:
        return step.stretches[0].start
    if before is None or step.state.health is Health.UNKNOWN:
        return None
    was, now = before.held_until, step.state.held_until
    return None if was == now else min(was, now)


def is_out(health: Health) -> bool:
    """Tell whether a health counts as an outage: seen, and not up."""
    return health in OUT


def shown(health: Health, *, covered_until: int, at: int, has_issues: bool, planned: bool) -> Shown:
    """Return what a page shows at an instant; a verdict beyond its hold shows nothing."""
    if planned:
        return Shown.MAINTENANCE
    if at >= covered_until:
        return Shown.UNKNOWN
    if health is Health.UP and has_issues:
        return Shown.DEGRADED
    return Shown(health.value)


def _opened(seen: Observation) -> Step:
    """Begin the story of a camera."""
    state = State(seen.health, seen.reason, since=seen.at, last_at=seen.at, hold=seen.hold)
    return Step(state, stretches=(Stretch(seen.at, None, seen.health, seen.reason),))


def _with_health(state: State, seen: Observation, *, patience: int, gap: bool) -> Step:
    """Fold the health of a verdict; what identity says is left as it was."""
    if state.health is Health.UNKNOWN:
        return _agreed(state, seen) if seen.health is Health.UNKNOWN else _turned(state, seen)
    if gap:
        return _lapsed(state, seen, reason=Reason.NOT_PROBED)
    if seen.health is Health.UNKNOWN:
        return _lapsed(state, seen, reason=seen.reason)
    if is_out(seen.health) is is_out(state.health):
        return _agreed(state, seen) if seen.health is state.health else _turned(state, seen)
    return _dissented(state, seen, patience=patience)


def _agreed(state: State, seen: Observation) -> Step:
    """Keep the stretch that runs; a dissent before it is forgotten."""
    kept = replace(
        state, reason=seen.reason, last_at=seen.at, hold=seen.hold, dissent=0, pending=()
    )
    return Step(kept)


def _turned(state: State, seen: Observation) -> Step:
    """Change at once, from this verdict on."""
    return _continued(state, seen, closes_at=seen.at, pieces=[_piece(seen)])


def _lapsed(state: State, seen: Observation, *, reason: Reason | None) -> Step:
    """Leave unknown what no verdict vouches for; then this verdict decides at once."""
    lost = Piece(min(state.held_until, seen.at), Health.UNKNOWN, reason)
    pieces = [lost] if seen.health is Health.UNKNOWN else [lost, _piece(seen)]
    return _continued(state, seen, closes_at=lost.start, pieces=pieces)


def _dissented(state: State, seen: Observation, *, patience: int) -> Step:
    """Count a verdict of the other side; with enough of them, change from the first."""
    pieces = state.pending
    if not pieces or pieces[-1].health is not seen.health:
        pieces = (*pieces, _piece(seen))
    count = state.dissent + 1
    if count >= patience:
        return _continued(state, seen, closes_at=pieces[0].start, pieces=list(pieces))
    return Step(replace(state, last_at=seen.at, hold=seen.hold, dissent=count, pending=pieces))


def _continued(state: State, seen: Observation, *, closes_at: int, pieces: list[Piece]) -> Step:
    """End the running stretch and append the pieces, the last of which runs on."""
    ends = [piece.start for piece in pieces[1:]]
    stretches = tuple(
        Stretch(piece.start, end, piece.health, piece.reason)
        for piece, end in zip(pieces, [*ends, None], strict=True)
    )
    after = replace(
        state,
        health=seen.health,
        reason=seen.reason,
        since=stretches[-1].start,
        last_at=seen.at,
        hold=seen.hold,
        dissent=0,
        pending=(),
    )
    return Step(after, closes_at, stretches)


def _piece(seen: Observation) -> Piece:
    return Piece(seen.at, seen.health, seen.reason)


def _with_identity(
    before: State | None, step: Step, seen: Observation, *, patience: int, gap: bool
) -> Step:
    """
    Fold who answered: another device opens after `patience` answers in a row.

    A verdict without an identity says nothing either way. A gap clears what is
    pending, never what is open: only the registered device's return (or a
    replacement record, after which it is the registered one) ends that.
    """
    substituted = before is not None and before.substituted
    if seen.mismatch is None and not gap:
        return step
    if substituted:
        if seen.mismatch is not False:
            return step
        state = replace(step.state, mismatches=0, mismatch_since=None, substituted=False)
        return replace(step, state=state, returned_at=seen.at)
    if not seen.mismatch:
        if step.state.mismatches == 0:
            return step
        return replace(step, state=replace(step.state, mismatches=0, mismatch_since=None))
    pending = 0 if gap else step.state.mismatches
    first = seen.at if pending == 0 else step.state.mismatch_since
    opens = pending + 1 >= patience
    state = replace(step.state, mismatches=pending + 1, mismatch_since=first, substituted=opens)
    return replace(step, state=state, substituted_from=first if opens else None)


def is_suspicious(failed: int, total: int) -> bool:
    """Tell whether so many cameras fail at once that our own network comes first to mind."""
    return total >= SUSPICIOUS_VERDICTS and failed * 100 >= total * SUSPICIOUS_PERCENT
