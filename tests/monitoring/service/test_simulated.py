"""The invented past: marked, repeatable, and healthy where the truth takes over."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.queries import probe_inputs
from registry.monitoring.models import Interval, Standing
from registry.monitoring.service import simulate_past
from registry.monitoring.uptime import Span, sum_tallies
from tests import factories
from tests.monitoring.reading import site_tallies
from tests.monitoring.telling import NOON

START = NOON - timedelta(days=35)


def region(session: Session) -> None:
    """Add a few sites with cameras, one of them not commissioned yet."""
    for _ in range(8):
        site = factories.make_site(session)
        for _ in range(3):
            factories.make_camera(session, site=site)
    factories.make_camera(session, commissioned_on=None)
    late = NOON - timedelta(days=10)
    factories.make_camera(session, commissioned_on=late.date())


def test_every_camera_in_service_has_a_past_that_ends_well(session: Session) -> None:
    """All are up at the end, held a little beyond; no row is without its mark."""
    region(session)

    simulate_past(session, probe_inputs(session), start=START, end=NOON)

    standings = session.scalars(select(Standing)).all()
    assert len(standings) == 25
    assert {standing.health for standing in standings} == {Health.UP}
    assert all(NOON < each.held_until < NOON + timedelta(minutes=3) for each in standings)
    assert all(each.simulated and each.identified_at is not None for each in standings)
    assert all(row.simulated for row in session.scalars(select(Interval)))


def test_the_past_has_life(session: Session) -> None:
    """There are outages and an hour in which nobody looked, and mostly all is well."""
    region(session)
    simulate_past(session, probe_inputs(session), start=START, end=NOON)
    end = int(NOON.timestamp())

    tallies = site_tallies(session, [Span(end - 30 * 86_400, end)])

    total = sum_tallies(tally for (tally,) in tallies.values())
    assert total.down > 0
    assert total.unknown > 0
    availability = total.device_availability.value
    assert availability is not None
    assert availability > 0.9


def test_the_same_region_has_the_same_past(session: Session) -> None:
    """A seed and the cameras decide: a second fresh start shows the same life."""
    region(session)
    cameras = probe_inputs(session)
    lives = []
    for _ in range(2):
        with session.begin_nested() as attempt:
            simulate_past(session, cameras, start=START, end=NOON)
            rows = session.execute(
                select(Interval.camera_id, Interval.started_at, Interval.health).order_by(
                    Interval.camera_id, Interval.started_at
                )
            )
            lives.append([tuple(row) for row in rows])
            attempt.rollback()

    assert lives[0] == lives[1] != []
