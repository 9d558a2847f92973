"""How a window is cut into full days, full hours and the rest."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from registry.clock import paris_midnight
from registry.monitoring.queries.rollups import Parts, Rolled, cut, rolled, whole_days
from registry.monitoring.uptime import HOUR, Span

DAY = 86_400
MIDNIGHT = int(paris_midnight(date(2026, 10, 24)).timestamp())
# The day after is the longest of the year.
LONG = Span(MIDNIGHT + DAY, MIDNIGHT + 2 * DAY + HOUR)
seconds = st.integers(MIDNIGHT - 2 * DAY, MIDNIGHT + 4 * DAY)


@st.composite
def some_spans(draw: st.DrawFn, *, step: int = 1) -> Span:
    """Draw a span around the night of October."""
    start, end = sorted((draw(seconds), draw(seconds)))
    return Span(start // step * step, end // step * step)


@given(window=some_spans(), hours=some_spans(step=HOUR), days=some_spans(step=HOUR))
def test_the_parts_of_a_window_fill_it(window: Span, hours: Span, days: Span) -> None:
    """Each second is read from one place: a day, an hour, or the intervals."""
    parts = cut(window, Rolled(hours, days))

    pieces = sorted(each for each in (parts.days, *parts.hours, *parts.rest) if each.length)
    assert sum(piece.length for piece in pieces) == window.length
    assert all(one.end == other.start for one, other in pairwise(pieces))
    assert all(each.start % HOUR == each.end % HOUR == 0 for each in parts.hours)


def test_a_month_is_read_from_days_and_its_edges_from_hours() -> None:
    """A window that starts on a full hour needs the intervals for the hour that runs only."""
    known = Rolled(hours=Span(MIDNIGHT, LONG.end + 5 * HOUR), days=Span(MIDNIGHT, LONG.end))

    parts = cut(Span(MIDNIGHT + 7 * HOUR, LONG.end + 5 * HOUR + 9), known)

    assert parts == Parts(
        days=LONG,
        hours=(Span(MIDNIGHT + 7 * HOUR, LONG.start), Span(LONG.end, LONG.end + 5 * HOUR)),
        rest=(Span(LONG.end + 5 * HOUR, LONG.end + 5 * HOUR + 9),),
    )


def test_full_days_are_those_of_paris() -> None:
    """The day on which the clocks go back has 25 hours."""
    assert whole_days(Span(MIDNIGHT + 1, LONG.end + 100)) == LONG
    assert whole_days(Span(MIDNIGHT + 1, LONG.end - 1)).length == 0


def test_a_new_database_has_nothing_rolled_up(session: Session) -> None:
    """Until the first turn every figure comes from the intervals."""
    assert rolled(session) == Rolled()
    assert rolled(session).until == 0
