"""What the database says of sites, for tests that hold something else to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from registry.fleet.models import Camera
from registry.monitoring.queries.ledger import reckon
from registry.monitoring.queries.pages import site_lines
from registry.monitoring.rules import Shown
from registry.monitoring.uptime import Span, Tally


def site_cameras(session: Session, *, at: datetime) -> dict[int, dict[Shown, int]]:
    """Count each site's cameras in service by what a page shows of them."""
    lines = site_lines(session, now=at)
    return {line.id: dict(line.counts.by_state) for line in lines if line.counts.total}


def site_tallies(session: Session, windows: Sequence[Span]) -> dict[int, list[Tally]]:
    """Tally the positions of every site in several windows, from the intervals alone."""
    found = reckon(session, windows, Camera.site_id)
    return {site_id: [each.tally for each in per_window] for site_id, per_window in found.items()}
