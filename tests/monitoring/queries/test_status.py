"""How the service fares, as its database knows."""

from datetime import timedelta

from sqlalchemy.orm import Session

from registry.monitoring.queries.status import Status, Trouble, read_status
from registry.monitoring.service import beat, record
from tests import factories
from tests.monitoring.metrics.test_health import heartbeat
from tests.monitoring.telling import NOON, told


def test_the_status_names_the_last_verdict_and_the_latest_beat(session: Session) -> None:
    """Tests have no migrations: the schema is empty, and expected to be."""
    for _ in range(2):
        camera = factories.make_camera(session)
        record(session, [told(camera.id, 0)], patience=2)
    beat(session, heartbeat(NOON))
    session.flush()

    status = read_status(session, schema_expected="", at=NOON + timedelta(seconds=31))

    assert status.last_verdict_at == NOON
    assert status.heartbeat_age_seconds == 31.0
    assert status.troubles(silent_seconds=31) == []
    assert status.troubles(silent_seconds=30) == [Trouble.SILENT_MONITOR]


def test_a_beat_from_the_future_is_no_sign_of_life() -> None:
    """The clock was set back, and nobody has left a beat since: the monitor may be dead."""
    beat_at = heartbeat(NOON + timedelta(seconds=31))

    status = Status(NOON, "0001", "0001", beat_at, None)

    assert status.heartbeat_age_seconds == -31.0
    assert status.troubles(silent_seconds=31) == []
    assert status.troubles(silent_seconds=30) == [Trouble.AHEAD]


def test_before_anything_ran_there_is_no_monitor() -> None:
    """Everything that is wrong is named, not only the first of it."""
    status = Status(NOON, "0001", "0002", None, None)

    assert status.heartbeat_age_seconds is None
    assert status.troubles(silent_seconds=30) == [Trouble.SCHEMA, Trouble.NO_MONITOR]
