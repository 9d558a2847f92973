"""Settled seconds, shared out among the states of a site."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.models import SiteCounter, SiteState
from registry.monitoring.rules import Stretch
from registry.monitoring.service.counters import add_seconds, counted
from registry.monitoring.uptime import Span
from tests import factories

ALWAYS = Span(0, 1_000)


def test_seconds_are_shared_between_health_and_maintenance() -> None:
    """Overlapping windows count once, and nothing outside service counts at all."""
    planned = [Span(10, 30), Span(20, 40)]

    shares = dict(counted(Stretch(0, 100, Health.DOWN), service=Span(5, 90), planned=planned))

    assert shares == {SiteState.DOWN: 55, SiteState.MAINTENANCE: 30}


def test_nothing_to_share_gives_nothing() -> None:
    """A stretch wholly out of service, or one that still runs, adds no second."""
    out = Span(200, 300)
    assert list(counted(Stretch(0, 100, Health.UP), service=out, planned=[])) == []
    assert list(counted(Stretch(0, 100, Health.UP), service=out, planned=[ALWAYS])) == []
    with pytest.raises(ValueError, match="without an end"):
        list(counted(Stretch(0, None, Health.UP), service=ALWAYS, planned=[]))


def test_counters_only_add(session: Session) -> None:
    """A counter that is not there yet starts at zero; the others go on."""
    site = factories.make_site(session)

    for seconds in (10, 5):
        add_seconds(session, {(site.id, SiteState.UP.value): seconds})
    add_seconds(session, {})

    assert session.scalar(select(SiteCounter.seconds).filter_by(state=SiteState.UP)) == 15
