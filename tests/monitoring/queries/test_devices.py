"""The device ledger counts what the money bought, and nothing else."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.models import Substitution
from registry.monitoring.queries.devices import device_tallies
from registry.monitoring.queries.strips import span_before
from registry.monitoring.uptime import Tally
from tests.factories import make_camera
from tests.web.scenes import watch

DAY = timedelta(days=1)


def test_time_of_another_unit_is_never_up(session: Session, now: datetime) -> None:
    """Ten hours of a swapped unit are ten hours that the funded one was not there."""
    camera = make_camera(session)
    watch(session, camera, now=now)
    for start, end in ((10, None), (20, 18)):
        session.add(
            Substitution(
                camera_id=camera.id,
                serial="OTHER",
                started_at=now - timedelta(hours=start),
                ended_at=None if end is None else now - timedelta(hours=end),
            )
        )
    session.flush()

    tallies = device_tallies(session, [camera.id], span_before(now, DAY))

    assert tallies == {camera.id: Tally(up=12 * 3_600, substituted=12 * 3_600)}


def test_a_unit_counts_from_when_it_was_mounted(session: Session, now: datetime) -> None:
    """What its predecessor did at the same position is not its own."""
    camera = make_camera(session)
    camera.devices[0].mounted_at = now - timedelta(hours=6)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=1))

    tallies = device_tallies(session, [camera.id], span_before(now, DAY))

    assert tallies[camera.id] == Tally(up=5 * 3_600, down=3_600)


def test_without_a_unit_or_a_probe_there_is_no_tally(session: Session, now: datetime) -> None:
    """No figure is made up for what was never there or never asked."""
    bare, unprobed = make_camera(session, serial=""), make_camera(session)
    watch(session, bare, now=now)

    assert device_tallies(session, [bare.id, unprobed.id], span_before(now, DAY)) == {}
