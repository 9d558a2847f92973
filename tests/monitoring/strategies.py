"""Stories of verdicts for property tests: short, and with every turn that time can take."""

from hypothesis import strategies as st

from probes.verdict import Health, Reason
from registry.monitoring.rules import Observation
from registry.monitoring.uptime import Span

START = 1_000
REASONS = {
    Health.UP: None,
    Health.DOWN: Reason.CONNECT_TIMEOUT,
    Health.UNREACHABLE: Reason.GATEWAY_DOWN,
    Health.UNKNOWN: Reason.INTERNAL,
}

healths = st.sampled_from(
    [Health.UP, Health.UP, Health.DOWN, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN]
)
patiences = st.integers(1, 4)


@st.composite
def stories(draw: st.DrawFn, *, max_size: int = 25) -> list[Observation]:
    """Draw verdicts in order; one in some is late enough to leave a gap."""
    at = START
    story = []
    for _ in range(draw(st.integers(1, max_size))):
        health = draw(healths)
        hold = draw(st.integers(1, 8))
        mismatch = draw(st.sampled_from([None, False, False, True]))
        known = mismatch if health is Health.UP else None
        story.append(Observation(at, health, REASONS[health], hold, known))
        # Around the hold on purpose: its end is where a second is won or lost.
        at += draw(st.sampled_from([1, 2, max(1, hold - 1), hold, hold + 1, hold + 7]))
    return story


@st.composite
def spans(draw: st.DrawFn, *, reach: int = 200) -> Span:
    """Draw a span that lies about where stories are told."""
    start = draw(st.integers(START - 20, START + reach))
    return Span(start, start + draw(st.integers(0, reach)))
