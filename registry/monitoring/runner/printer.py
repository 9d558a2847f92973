"""Renders the metrics page at its own pace, in a thread of its own."""

from collections.abc import Sequence
from datetime import datetime
from time import perf_counter

from registry.db import SessionFactory, session_scope
from registry.monitoring.exposition import SITES_PAGE, Writer, publish, render
from registry.monitoring.runner.gauges import Gauges


class Printer:
    """Prints the page of sites, with what every subject has to say there."""

    def __init__(self, sessions: SessionFactory, writers: Sequence[Writer], gauges: Gauges) -> None:
        """Print `writers` in their order, and the service's own metrics last."""
        self._sessions = sessions
        self._writers = (*writers, gauges)
        self._gauges = gauges

    def print_page(self, *, at: datetime) -> None:
        """Render the page as it stands, and keep it as the next snapshot."""
        began = perf_counter()
        with self._sessions() as session:
            raw = render(session, self._writers, at=at)
        with session_scope(self._sessions) as session:
            publish(session, SITES_PAGE, raw, at=at)
        self._gauges.rendered(perf_counter() - began)
