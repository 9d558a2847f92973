"""The append-only ledger of camera-seconds per site: what the counters of /metrics tell."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.monitoring.models import SiteCounter, SiteState
from registry.monitoring.rules import Stretch
from registry.monitoring.uptime import Span, subtract, union


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


def add_seconds(session: Session, seconds: Mapping[tuple[int, SiteState], int]) -> None:
    """Add to the counters of sites; a counter that is not there yet starts at zero."""
    rows = [
        {"site_id": site_id, "state": state, "seconds": number}
        for (site_id, state), number in sorted(seconds.items())
    ]
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        statement = dialect.insert(SiteCounter)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["site_id", "state"],
                set_={"seconds": SiteCounter.seconds + statement.excluded.seconds},
            ),
            rows,
        )
