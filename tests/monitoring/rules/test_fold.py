"""The fold against examples that people would give, and against a second-by-second judge."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from probes.verdict import Health, Reason
from registry.monitoring import rules
from registry.monitoring.rules import Observation, Shown, Stretch, fold, hold_of, outage_moves
from tests.monitoring.oracle import accepted, believed_seconds, seconds_of_stretches, tell
from tests.monitoring.strategies import patiences, stories

UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN
HOLD = 150


def seen(minute: int, health: Health, *, mismatch: bool | None = None) -> Observation:
    """Return a verdict of a camera that is probed every minute."""
    reason = {DOWN: Reason.CONNECT_TIMEOUT, UNREACHABLE: Reason.GATEWAY_DOWN}.get(health)
    return Observation(60 * minute, health, reason, HOLD, mismatch)


def healths(*verdicts: Observation, patience: int = 2) -> list[tuple[int, int | None, Health]]:
    """Tell a story and return its stretches, without their reasons."""
    told = tell(verdicts, patience=patience)
    return [(each.start, each.end, each.health) for each in told.stretches]


def test_the_first_verdict_decides_at_once() -> None:
    """A camera's story begins with its first verdict, not before."""
    assert healths(seen(5, DOWN)) == [(300, None, DOWN)]


def test_outage_starts_at_the_first_failed_probe() -> None:
    """An outage confirmed by the second failure is dated from the first."""
    verdicts = [seen(0, UP), seen(1, DOWN), seen(2, DOWN)]

    assert healths(*verdicts) == [(0, 60, UP), (60, None, DOWN)]


def test_a_lone_failure_changes_nothing() -> None:
    """One lost probe between two answers is no outage; the time stays up."""
    verdicts = [seen(0, UP), seen(1, DOWN), seen(2, UP)]

    assert healths(*verdicts) == [(0, None, UP)]


def test_down_becomes_unreachable_at_once() -> None:
    """Two causes of one side need no patience between them."""
    verdicts = [seen(0, DOWN), seen(1, UNREACHABLE), seen(2, DOWN)]

    assert healths(*verdicts) == [(0, 60, DOWN), (60, 120, UNREACHABLE), (120, None, DOWN)]


def test_the_causes_of_a_confirmed_change_keep_their_own_time() -> None:
    """Failures of two causes confirm one another, and each stays what it was."""
    verdicts = [seen(0, UP), seen(1, DOWN), seen(2, UNREACHABLE)]

    assert healths(*verdicts) == [(0, 60, UP), (60, 120, DOWN), (120, None, UNREACHABLE)]


def test_nothing_is_counted_beyond_the_hold() -> None:
    """After a gap the time behind the hold is unknown, to the second."""
    verdicts = [seen(0, UP), seen(10, UP)]

    assert healths(*verdicts) == [(0, 150, UP), (150, 600, UNKNOWN), (600, None, UP)]


def test_a_verdict_at_the_very_end_of_the_hold_leaves_no_gap() -> None:
    """The hold is half-open: the second at its end belongs to whoever comes then."""
    late = Observation(150, UP, None, HOLD)
    too_late = Observation(151, UP, None, HOLD)

    assert healths(seen(0, UP), late) == [(0, None, UP)]
    assert healths(seen(0, UP), too_late) == [(0, 150, UP), (150, 151, UNKNOWN), (151, None, UP)]


def test_a_lone_failure_before_a_gap_leaves_unknown() -> None:
    """Nobody ever confirmed it, so its time is neither up nor down."""
    verdicts = [seen(0, UP), seen(1, DOWN), seen(10, UP)]

    assert healths(*verdicts) == [(0, 60, UP), (60, 600, UNKNOWN), (600, None, UP)]


def test_ignorance_takes_effect_at_once_and_clears_what_was_pending() -> None:
    """Our own failure ends what we knew; the next verdict decides by itself."""
    verdicts = [seen(0, UP), seen(1, DOWN), seen(2, UNKNOWN), seen(3, DOWN)]

    assert healths(*verdicts) == [(0, 60, UP), (60, 180, UNKNOWN), (180, None, DOWN)]


def test_pending_time_is_nobodys_yet() -> None:
    """While patience waits, the standing vouches for no second of the dissent."""
    told = tell([seen(0, UP), seen(1, DOWN)], patience=2)

    state = told.steps[-1].state
    assert (state.health, state.held_until, state.settled_until) == (UP, 60, 60)


def test_the_same_verdict_again_changes_nothing() -> None:
    """A verdict is known by its camera and its instant."""
    state = tell([seen(0, UP), seen(1, DOWN)], patience=2).steps[-1].state

    again = fold(state, seen(1, UP), patience=2)

    assert again.repeated
    assert again.state is state


def test_an_older_verdict_is_dropped() -> None:
    """The past is not written anew by a verdict that comes late."""
    state = tell([seen(0, UP), seen(2, UP)], patience=2).steps[-1].state

    late = fold(state, seen(1, DOWN), patience=2)

    assert late.dropped
    assert late.state is state


def test_the_hold_follows_the_scheduled_delay() -> None:
    """Two and a half delays, floored to whole seconds, and never an empty hold."""
    assert [hold_of(delay) for delay in (60, 59.9, 1, 0.1)] == [150, 149, 2, 1]


def test_another_device_opens_after_patience_and_ends_with_the_return() -> None:
    """A swap is dated from the first answer of the other unit."""
    told = tell(
        [
            seen(0, UP, mismatch=False),
            seen(1, UP, mismatch=True),
            seen(2, UP, mismatch=True),
            seen(3, DOWN),
            seen(4, UP, mismatch=True),
            seen(5, UP, mismatch=False),
        ],
        patience=2,
    )

    assert [step.substituted_from for step in told.steps] == [None, None, 60, None, None, None]
    assert [step.returned_at for step in told.steps] == [None] * 5 + [300]


def test_a_gap_clears_a_pending_mismatch_but_no_open_one() -> None:
    """Two strange answers with nothing known in between are not two in a row."""
    strange = [seen(0, UP, mismatch=True), seen(10, UP, mismatch=True)]

    assert [step.substituted_from for step in tell(strange, patience=2).steps] == [None, None]
    more = tell([*strange, seen(11, UP, mismatch=True), seen(30, UP)], patience=2)
    assert more.steps[2].substituted_from == 600
    assert more.steps[3].state.substituted


def test_an_outage_goes_on_when_its_cause_changes() -> None:
    """Down and unreachable in turn are one outage; ignorance ends it."""
    story = [seen(0, UP), seen(1, DOWN), seen(2, DOWN), seen(3, UNREACHABLE), seen(30, UP)]
    moves = []
    state = None
    for verdict in story:
        step = fold(state, verdict, patience=2)
        moves += [
            (move.at, move.health, move.opened, move.closed)
            for move in outage_moves(state.health if state else None, step)
        ]
        state = step.state

    assert moves == [
        (60, DOWN, True, False),
        (180, UNREACHABLE, False, False),
        (330, UNKNOWN, False, True),
    ]


def test_what_a_page_shows() -> None:
    """Planned work comes first, then what is too old to say, then the health."""
    at = {"covered_until": 100, "at": 99}

    assert rules.shown(UP, **at, has_issues=False, planned=True) is Shown.MAINTENANCE
    assert rules.shown(UP, **at, has_issues=True, planned=False) is Shown.DEGRADED
    assert rules.shown(DOWN, **at, has_issues=True, planned=False) is Shown.DOWN
    old = rules.shown(UP, covered_until=100, at=100, has_issues=False, planned=False)
    assert old is Shown.UNKNOWN


@given(story=stories(), patience=patiences)
def test_the_fold_agrees_with_the_judge(story: list[Observation], patience: int) -> None:
    """Whatever the story, every second has the health that the words give it."""
    painted = seconds_of_stretches(tell(story, patience=patience).ended)

    known = {second: health for second, health in painted.items() if health is not UNKNOWN}
    assert known == believed_seconds(story, patience=patience)


@given(story=stories(), patience=patiences)
def test_stretches_follow_one_another_without_a_hole(
    story: list[Observation], patience: int
) -> None:
    """From the first verdict on each second belongs to exactly one stretch."""
    stretches = tell(story, patience=patience).stretches

    assert stretches[0].start == story[0].at
    assert [each.end for each in stretches] == [*(each.start for each in stretches[1:]), None]
    assert all(each.end is None or each.end > each.start for each in stretches)
    assert all(one.health is not other.health for one, other in pairwise(stretches))


@given(story=stories(), patience=patiences, data=st.data())
def test_repeated_and_late_verdicts_change_nothing(
    story: list[Observation], patience: int, data: st.DataObject
) -> None:
    """Whatever is handed in twice or too late, the timeline is the same."""
    messy = list(story)
    for number in data.draw(st.lists(st.integers(0, len(story) - 1), max_size=8)):
        place = data.draw(st.integers(number + 1, len(messy)))
        messy.insert(place, story[number])

    told = tell(messy, patience=patience)

    assert told.stretches == tell(accepted(messy), patience=patience).stretches
    passed_over = sum(step.dropped or step.repeated for step in told.steps)
    assert passed_over == len(messy) - len(accepted(messy))


@given(story=stories(), patience=patiences)
def test_settled_time_is_never_told_otherwise_later(
    story: list[Observation], patience: int
) -> None:
    """What the steps settle is, in the end, exactly what the timeline says."""
    steps = tell(story, patience=patience).steps
    settled: list[Stretch] = []
    state = None
    for step in steps:
        settled += rules.settled(state, step)
        state = step.state

    painted = seconds_of_stretches(settled)

    told = seconds_of_stretches(tell(story, patience=patience).ended)
    until = steps[-1].state.settled_until
    assert painted == {second: told.get(second, UNKNOWN) for second in range(story[0].at, until)}


@given(story=stories(), patience=patiences, late=st.integers(0, 20))
def test_a_lapse_tells_only_what_the_next_verdict_would(
    story: list[Observation], patience: int, late: int
) -> None:
    """Letting silent cameras run out between two verdicts changes no second."""
    expected = tell(story, patience=patience)
    stretches: list[Stretch] = []
    state = None
    for verdict in story:
        steps = []
        if state is not None:
            steps.append(rules.lapse(state, at=min(verdict.at - 1, state.covered_until + late)))
            state = steps[0].state if steps[0] else state
        steps.append(fold(state, verdict, patience=patience))
        for step in filter(None, steps):
            if step.closes_at is not None:
                last = stretches.pop()
                stretches.append(Stretch(last.start, step.closes_at, last.health, last.reason))
            stretches.extend(step.stretches)
            state = step.state

    assert [(each.start, each.end, each.health) for each in stretches] == [
        (each.start, each.end, each.health) for each in expected.stretches
    ]
    assert state is not None
    assert state.substituted == expected.steps[-1].state.substituted


def test_a_lapse_settles_what_was_held_and_drops_what_comes_too_late() -> None:
    """Time up to the hold is settled; a verdict from before its end is too late."""
    state = tell([seen(0, UP)], patience=2).steps[-1].state
    assert rules.lapse(state, at=150) is None

    step = rules.lapse(state, at=151)

    assert step is not None
    assert list(rules.settled(state, step)) == [Stretch(0, 150, UP)]
    assert (step.state.settled_until, step.closes_at) == (150, 150)
    assert fold(step.state, seen(2, UP), patience=2).dropped
    assert rules.lapse(step.state, at=1_000) is None


@given(story=stories(), patience=patiences)
def test_no_second_beyond_a_hold_is_up_or_down(story: list[Observation], patience: int) -> None:
    """The promise of the whole service: what nobody saw is not told."""
    painted = seconds_of_stretches(tell(story, patience=patience).ended)

    held = {second for each in story for second in range(each.at, each.at + each.hold)}
    assert {second for second, health in painted.items() if health is not UNKNOWN} <= held


@given(story=stories(), patience=patiences)
def test_stretches_are_compact_as_they_are_told(story: list[Observation], patience: int) -> None:
    """No two that follow one another have one health: there is nothing to merge afterwards."""
    stretches = tell(story, patience=patience).stretches

    assert all(one.health is not other.health for one, other in pairwise(stretches))
    assert all(one.end == other.start for one, other in pairwise(stretches))
