"""The rows that the metrics pages are written from."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from registry.monitoring.models import SiteState
from registry.monitoring.queries.boards import (
    camera_rows,
    site_rows,
    site_seconds,
    standing_rows,
)
from registry.monitoring.service import record
from registry.monitoring.service.counters import add_seconds
from tests import factories
from tests.monitoring.telling import NOON, UNIT, told


def test_sites_come_with_their_labels(session: Session) -> None:
    """In the order of their public identifiers, or the one that was asked for."""
    sites = [factories.make_site(session, insee=insee) for insee in ("62041", "59054")]

    rows = site_rows(session)

    assert [row.public_id for row in rows] == sorted(site.public_id for site in sites)
    assert (rows[0].insee, rows[0].department, rows[0].kind) == ("59054", "59", "commune")
    assert site_rows(session, only=sites[0].public_id) == [rows[1]]


def test_cameras_are_those_with_a_day_of_commissioning(session: Session) -> None:
    """All of them, those changed since an instant, or those of one site."""
    grant = factories.make_grant(session)
    old, new = (factories.make_camera(session, grant=grant) for _ in range(2))
    factories.make_camera(session, commissioned_on=None)
    new.changed_at = NOON
    session.flush()

    assert [row.camera_id for row in camera_rows(session)] == [old.id, new.id]
    (row,) = camera_rows(session, changed_since=NOON)
    assert (row.camera_id, row.grant) == (new.id, grant.file_number)
    assert row.commissioned_on == date(2026, 1, 1)
    assert list(camera_rows(session, changed_since=NOON + timedelta(seconds=1))) == []
    assert [r.camera_id for r in camera_rows(session, site_id=old.site_id)] == [old.id]


def test_standings_are_plain_values(session: Session) -> None:
    """Seconds and words, as the renderer writes them; all, or those of some cameras."""
    cameras = [factories.make_camera(session) for _ in range(2)]
    record(session, [told(camera.id, 0) for camera in cameras], patience=2)

    rows = sorted(standing_rows(session), key=lambda row: row.camera_id)

    assert [row.camera_id for row in rows] == [camera.id for camera in cameras]
    assert (rows[0].health, rows[0].issues, rows[0].model) == ("up", "", UNIT.model)
    assert (rows[0].last_at, rows[0].hold_seconds) == (int(NOON.timestamp()), 150)
    assert list(standing_rows(session, [cameras[1].id])) == [rows[1]]
    assert list(standing_rows(session, [])) == []


def test_seconds_come_in_the_order_of_the_states(session: Session) -> None:
    """A state without a row is zero."""
    site = factories.make_site(session)
    add_seconds(session, {(site.id, SiteState.DOWN): 7, (site.id, SiteState.UP): 5})

    assert site_seconds(session) == {site.id: [5, 7, 0, 0, 0]}
