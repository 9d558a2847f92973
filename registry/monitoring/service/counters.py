"""The append-only ledger of camera-seconds per site: what the counters of /metrics tell."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.monitoring.models import SiteState
from registry.monitoring.queries.standings import array_of
from registry.monitoring.rules import Stretch
from registry.monitoring.uptime import Span, subtract, union

# By site and state.
Seconds = defaultdict[tuple[int, str], int]

_ADDING = (
    " ON CONFLICT (site_id, state) DO UPDATE SET seconds = site_counters.seconds + excluded.seconds"
)
_ADD_EACH = f"INSERT INTO site_counters (site_id, state, seconds) VALUES (?, ?, ?){_ADDING}"  # noqa: S608
# PostgreSQL takes the rows as columns, in one statement.
_ADD_ALL = (
    "INSERT INTO site_counters (site_id, state, seconds) SELECT * FROM"
    " unnest(CAST(:sites AS integer[]), CAST(:states AS varchar[]), CAST(:numbers AS bigint[]))"
    + _ADDING
)


def counted(
    stretch: Stretch, *, service: Span, planned: Sequence[Span]
) -> Iterator[tuple[SiteState, int]]:
    """Share the seconds of a settled stretch out among the states of its site."""
    if stretch.end is None:
        raise ValueError(f"a stretch without an end: {stretch.start}")
    scope = Span(stretch.start, stretch.end).cut(service)
    if not planned:
        if scope.length:
            yield SiteState(stretch.health.value), scope.length
        return
    free = sum(span.length for span in subtract(scope, union(planned)))
    if free:
        yield SiteState(stretch.health.value), free
    if scope.length > free:
        yield SiteState.MAINTENANCE, scope.length - free


def add_seconds(session: Session, seconds: Mapping[tuple[int, str], int]) -> None:
    """
    Add to the counters of sites; a counter that is not there yet starts at zero.

    The states are plain words: thousands of members of an enumeration are dear to ask.
    """
    rows = [(*key, number) for key, number in sorted(seconds.items())]
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        sites, states, numbers = zip(*rows, strict=True)
        named = {"sites": array_of(sites), "states": list(states), "numbers": array_of(numbers)}
        connection.execute(text(_ADD_ALL), named)
    else:
        connection.exec_driver_sql(_ADD_EACH, rows)
