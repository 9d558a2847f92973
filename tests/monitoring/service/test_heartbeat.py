"""The monitor's heartbeat is one row, whoever beats."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.monitoring.models import Heartbeat
from registry.monitoring.service import beat
from tests.monitoring.metrics.test_health import heartbeat
from tests.monitoring.telling import NOON


def test_each_beat_takes_the_place_of_the_one_before(session: Session) -> None:
    """A year of beats is no table of millions of rows."""
    for second in range(3):
        beat(session, heartbeat(NOON + timedelta(seconds=second)))
        session.flush()
        session.expire_all()

    (row,) = session.scalars(select(Heartbeat))
    assert row.beat_at == NOON + timedelta(seconds=2)
