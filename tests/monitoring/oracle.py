"""
What every second was, found out the slow way: the judge of the fold and of the ledgers.

Nothing here shares a thought with the code under test. Verdicts are cut into episodes
that know no gap, episodes into runs of one side, and each second is painted by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from probes.verdict import Health
from registry.monitoring.rules import Observation, Step, Stretch, fold
from registry.monitoring.uptime import Span, Tally

OUT = (Health.DOWN, Health.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Told:
    """The steps of a whole story, and the timeline that they amount to."""

    steps: list[Step]
    stretches: list[Stretch]

    @property
    def ended(self) -> list[Stretch]:
        """The timeline with its last stretch ended by what vouches for it."""
        *before, last = self.stretches
        end = max(last.start, self.steps[-1].state.held_until)
        return [*before, Stretch(last.start, end, last.health, last.reason)]


def tell(verdicts: Iterable[Observation], *, patience: int) -> Told:
    """Fold verdicts one by one, and put their stretches together."""
    steps: list[Step] = []
    stretches: list[Stretch] = []
    for verdict in verdicts:
        step = fold(steps[-1].state if steps else None, verdict, patience=patience)
        steps.append(step)
        if step.closes_at is not None:
            last = stretches.pop()
            assert last.end is None
            stretches.append(Stretch(last.start, step.closes_at, last.health, last.reason))
        stretches.extend(step.stretches)
    return Told(steps, stretches)


def seconds_of_stretches(stretches: Iterable[Stretch]) -> dict[int, Health]:
    """Paint ended stretches second by second; no second may be painted twice."""
    painted: dict[int, Health] = {}
    for stretch in stretches:
        assert stretch.end is not None
        for second in range(stretch.start, stretch.end):
            assert second not in painted
            painted[second] = stretch.health
    return painted


def accepted(verdicts: Iterable[Observation]) -> list[Observation]:
    """Keep the verdicts that are neither repeated nor older than one before them."""
    kept: list[Observation] = []
    for verdict in verdicts:
        if not kept or verdict.at > kept[-1].at:
            kept.append(verdict)
    return kept


def believed_seconds(verdicts: Sequence[Observation], *, patience: int) -> dict[int, Health]:
    """Return the health of every second up to the last verdict's hold, unknown left out."""
    painted: dict[int, Health] = {}
    for episode in _episodes(verdicts):
        healths = _believed(episode, patience=patience)
        for verdict, following, health in zip(episode, [*episode[1:], None], healths, strict=True):
            end = verdict.at + verdict.hold
            later = following or next((v for v in verdicts if v.at > verdict.at), None)
            if later is not None:
                end = min(end, later.at)
            if health is not None:
                painted.update(dict.fromkeys(range(verdict.at, end), health))
    return painted


def _episodes(verdicts: Sequence[Observation]) -> list[list[Observation]]:
    """Cut at every gap and at every verdict that knows nothing."""
    episodes: list[list[Observation]] = []
    before: Observation | None = None
    for verdict in verdicts:
        is_joined = before is not None and verdict.at <= before.at + before.hold
        if verdict.health is Health.UNKNOWN:
            before = None
            continue
        if is_joined and episodes:
            episodes[-1].append(verdict)
        else:
            episodes.append([verdict])
        before = verdict
    return episodes


def _believed(episode: Sequence[Observation], *, patience: int) -> list[Health | None]:
    """Return what was believed from each verdict on; None where nothing came to be."""
    runs = [
        list(run) for _, run in groupby(episode, key=lambda verdict: verdict.health is Health.UP)
    ]
    belief = runs[0][0].health is Health.UP
    standing = runs[0][0].health
    healths: list[Health | None] = []
    for number, run in enumerate(runs):
        side = run[0].health is Health.UP
        if side is belief or len(run) >= patience:
            belief, standing = side, run[-1].health
            healths += [verdict.health for verdict in run]
        elif number == len(runs) - 1:
            # Undecided: a gap, ignorance, or simply the present.
            healths += [None] * len(run)
        else:
            healths += [standing] * len(run)
    return healths


def tally_seconds(
    window: Span,
    seconds: dict[int, Health],
    *,
    service: Span,
    planned: Sequence[Span] = (),
    substituted: Sequence[Span] = (),
) -> Tally:
    """Count a window second by second, each by the precedence of the words."""
    counts = dict.fromkeys(("up", "down", "unreachable", "unknown", "planned", "substituted"), 0)
    for second in range(window.start, window.end):
        if not service.start <= second < service.end:
            continue
        health = seconds.get(second, Health.UNKNOWN)
        if any(span.start <= second < span.end for span in planned):
            counts["planned"] += 1
        elif health is not Health.UNKNOWN and any(
            span.start <= second < span.end for span in substituted
        ):
            counts["substituted"] += 1
        else:
            counts[health.value] += 1
    return Tally(**counts)
