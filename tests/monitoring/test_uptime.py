"""The two ledgers against a second-by-second judge, and what their ratios say."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.verdict import Health
from registry.clock import paris_midnight
from registry.monitoring.rules import Observation, Stretch
from registry.monitoring.uptime import (
    Ratio,
    Span,
    StripStep,
    Tally,
    Undefined,
    device_tally,
    percent_floor,
    position_tally,
    strip,
    sum_tallies,
    transitions,
    union,
)
from tests.monitoring.oracle import seconds_of_stretches, tally_seconds, tell
from tests.monitoring.strategies import START, patiences, spans, stories

UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN
ALWAYS = Span(0, 1 << 40)


@given(
    story=stories(),
    patience=patiences,
    window=spans(),
    service=spans(reach=400),
    planned=st.lists(spans(reach=60), max_size=4),
    substituted=st.lists(spans(reach=60), max_size=3),
)
def test_both_ledgers_agree_with_the_judge(  # noqa: PLR0913 - what a ledger is made of
    *,
    story: list[Observation],
    patience: int,
    window: Span,
    service: Span,
    planned: list[Span],
    substituted: list[Span],
) -> None:
    """Every second falls into the one bucket that the precedence gives it."""
    stretches = tell(story, patience=patience).ended
    seconds = seconds_of_stretches(stretches)

    position = position_tally(window, stretches, service=service, planned=planned)
    device = device_tally(
        window, stretches, service=service, planned=planned, substituted=substituted
    )

    assert position == tally_seconds(window, seconds, service=service, planned=planned)
    assert device == tally_seconds(
        window, seconds, service=service, planned=planned, substituted=substituted
    )
    assert position.total == device.total == window.cut(service).length


@given(
    story=stories(),
    window=spans(),
    cuts=st.lists(st.integers(START - 30, START + 500), max_size=4),
    planned=st.lists(spans(reach=60), max_size=4),
)
def test_a_window_is_the_sum_of_its_parts(
    story: list[Observation], window: Span, cuts: list[int], planned: list[Span]
) -> None:
    """However a window is split, the parts add up to the second."""
    stretches = tell(story, patience=2).ended
    edges = sorted({window.start, window.end, *(c for c in cuts if window.start < c < window.end)})

    parts = [
        position_tally(Span(start, end), stretches, service=ALWAYS, planned=planned)
        for start, end in pairwise(edges)
    ]

    whole = position_tally(window, stretches, service=ALWAYS, planned=planned)
    assert sum_tallies(parts) == whole


@given(planned=st.lists(spans(reach=60), max_size=6))
def test_overlapping_maintenance_counts_once(planned: list[Span]) -> None:
    """The union of windows is sorted, apart, and holds the same seconds."""
    merged = union(planned)

    seconds = {second for span in planned for second in range(*span)}
    assert {second for span in merged for second in range(*span)} == seconds
    assert sum(span.length for span in merged) == len(seconds)
    assert all(one.end < other.start for one, other in pairwise(merged))


@given(
    story=stories(),
    window=spans(),
    step_seconds=st.integers(1, 30),
    planned=st.lists(spans(reach=40), max_size=2),
)
def test_a_strip_swallows_nothing(
    story: list[Observation], window: Span, step_seconds: int, planned: list[Span]
) -> None:
    """Each step shows the worst health that any of its seconds had."""
    stretches = tell(story, patience=2).ended
    seconds = seconds_of_stretches(stretches)
    order = [UNREACHABLE, DOWN, UNKNOWN, UP]
    blank = {second for span in planned for second in range(*span)}

    steps = strip(window, stretches, service=ALWAYS, step_seconds=step_seconds, planned=planned)

    assert [step.start for step in steps] == list(range(*window, step_seconds))
    for step in steps:
        free = [second for second in range(step.start, step.end) if second not in blank]
        found = sorted({seconds.get(second, UNKNOWN) for second in free}, key=order.index)
        assert step.worst == (found[0] if found else None)
        assert step.other == (found[1] if len(found) > 1 else None)
        assert step.planned == (len(free) < step.end - step.start)


def test_a_camera_out_of_service_has_no_strip() -> None:
    """Before commissioning nothing is shown, not even unknown."""
    steps = strip(Span(0, 20), [], service=Span(10, 20), step_seconds=10)

    assert steps == [StripStep(0, 10, None), StripStep(10, 20, UNKNOWN)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)],
)
def test_a_day_has_as_many_hours_as_paris_gives_it(day: date, hours: int) -> None:
    """On the days when the clocks change, a day's uptime is of 23 or of 25 hours."""
    start, end = (
        int(paris_midnight(each).timestamp())
        for each in (day, date.fromordinal(day.toordinal() + 1))
    )

    tally = position_tally(Span(start, end), [Stretch(start, end, UP)], service=ALWAYS)

    assert tally == Tally(up=hours * 3_600)


def test_a_change_counts_in_the_window_in_which_it_begins() -> None:
    """At its start and not at its end; neither the first answer nor the end of service is one."""
    seen = [Stretch(0, 10, UP), Stretch(10, 20, DOWN), Stretch(20, 30, UP), Stretch(30, 40, DOWN)]

    def changes(start: int, end: int, service: Span = ALWAYS) -> int:
        return transitions(Span(start, end), seen, service=service)

    assert [changes(0, 40), changes(-5, 40)] == [3, 3]
    assert [changes(0, 10), changes(10, 20), changes(10, 21)] == [0, 1, 2]
    assert changes(0, 40, Span(0, 30)) == 2
    assert changes(0, 40, Span(10, 31)) == 2
    assert changes(0, 40, Span(11, 40)) == 2


def test_the_ratios_keep_the_seconds_apart() -> None:
    """A dead link is no broken camera, and planned work is in no denominator."""
    tally = Tally(up=60, down=20, unreachable=10, unknown=10, planned=50)

    assert tally.device_availability.value == Fraction(60, 80)
    assert tally.service_availability.value == Fraction(60, 90)
    assert tally.coverage.value == Fraction(90, 100)
    assert [bound.value for bound in tally.device_bounds] == [Fraction(60, 100), Fraction(80, 100)]
    assert [bound.value for bound in tally.service_bounds] == [Fraction(60, 100), Fraction(70, 100)]


@pytest.mark.parametrize(
    ("tally", "reason"),
    [
        (Tally(), Undefined.NOT_IN_SERVICE),
        (Tally(planned=5), Undefined.ALL_PLANNED),
        (Tally(unknown=5), Undefined.NOTHING_KNOWN),
    ],
)
def test_without_a_denominator_there_is_a_reason(tally: Tally, reason: Undefined) -> None:
    """Nothing seen is never 100 %."""
    assert tally.device_availability.reason is reason
    assert tally.device_availability.value is None
    assert percent_floor(tally.device_availability) is None


def test_a_percentage_never_flatters() -> None:
    """Percentages are cut, not rounded: 99.999 % is not 100 %."""
    assert percent_floor(Ratio(99_999, 100_000)) == "99.99"
    assert percent_floor(Ratio(1, 3), digits=1) == "33.3"
    assert percent_floor(Ratio(2, 3), digits=0) == "66"
    assert percent_floor(Ratio(7, 7)) == "100.00"


def test_a_swapped_device_is_never_up() -> None:
    """While another unit answers, the funded one's clock stands still."""
    seen = [Stretch(0, 50, UP), Stretch(50, 60, UNKNOWN), Stretch(60, 100, DOWN)]

    tally = device_tally(Span(0, 100), seen, service=ALWAYS, substituted=[Span(20, 80)])

    assert tally == Tally(up=20, down=20, unknown=10, substituted=50)


def test_a_stretch_that_still_runs_must_be_ended_first() -> None:
    """Whoever tallies says until when the last health is vouched for."""
    with pytest.raises(ValueError, match="without an end"):
        position_tally(Span(0, 10), [Stretch(0, None, UP)], service=ALWAYS)
