"""Outages of whole sites, as verdicts of their cameras write them."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera
from registry.monitoring.models import Outage
from registry.monitoring.service import lapse_silent, record
from registry.monitoring.service.site_outages import with_outage
from tests import factories
from tests.monitoring.telling import NOON, at_minute, told

UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN


def site_of(session: Session, *, cameras: int) -> list[Camera]:
    """Return the cameras of a site that has a gateway."""
    site = factories.make_site(session)
    site.gateway_host = "10.0.0.1"
    return [factories.make_camera(session, site=site) for _ in range(cameras)]


def tell_all(
    session: Session, cameras: Sequence[Camera], minute: float, health: Health = UP
) -> None:
    """Record the same verdict of some cameras."""
    record(session, [told(camera.id, minute, health) for camera in cameras], patience=2)


Row = tuple[int | None, datetime, datetime | None, Health | None]


def outages(session: Session) -> list[Row]:
    """Return every outage in the order of its start; those of sites name no camera."""
    session.expire_all()
    rows = session.scalars(select(Outage).order_by(Outage.started_at, Outage.id))
    return [(row.camera_id, row.started_at, row.ended_at, row.ended_by) for row in rows]


def test_a_dark_site_is_one_outage_and_no_camera_alarm(session: Session) -> None:
    """Five cameras behind a dead gateway are one thing to repair."""
    cameras = site_of(session, cameras=5)
    tell_all(session, cameras, 0)

    for minute in (1, 2):
        tell_all(session, cameras, minute, UNREACHABLE)
    lasting = outages(session)
    for minute in (3, 4):
        tell_all(session, cameras, minute)

    assert lasting == [(None, at_minute(1), None, None)]
    assert outages(session) == [(None, at_minute(1), at_minute(3), UP)]


def test_a_camera_that_stays_down_when_the_gateway_is_back_gets_its_own(session: Session) -> None:
    """Its outage begins when the gateway answered and it did not."""
    cameras = site_of(session, cameras=2)
    tell_all(session, cameras, 0)
    for minute in (1, 2):
        tell_all(session, cameras, minute, UNREACHABLE)

    for minute in (3, 4):
        tell_all(session, cameras[:1], minute)
        tell_all(session, cameras[1:], minute, DOWN)

    assert outages(session) == [
        (None, at_minute(1), at_minute(3), UP),
        (cameras[1].id, at_minute(3), None, None),
    ]


def test_an_outage_of_a_camera_goes_on_when_the_site_falls_dark(session: Session) -> None:
    """What was open before is neither closed nor doubled, and ends when the camera is up."""
    (camera,) = site_of(session, cameras=1)
    for minute in (0, 1):
        tell_all(session, [camera], minute, DOWN)
    for minute in (2, 3):
        tell_all(session, [camera], minute, UNREACHABLE)
    assert with_outage(session, [camera.id]) == {camera.id}
    tell_all(session, [camera], 4, DOWN)

    for minute in (5, 6):
        tell_all(session, [camera], minute)

    assert outages(session) == [
        (camera.id, at_minute(0), at_minute(5), UP),
        (None, at_minute(2), at_minute(4), DOWN),
    ]
    assert with_outage(session, [camera.id]) == set()


def test_a_dark_site_that_nobody_looks_at_is_unknown(session: Session) -> None:
    """Silence ends its outage, as it ends one of a camera."""
    cameras = site_of(session, cameras=2)
    for minute in (0, 1):
        tell_all(session, cameras, minute, UNREACHABLE)

    lapse_silent(session, at=at_minute(10))

    assert outages(session) == [(None, at_minute(0), at_minute(3.5), UNKNOWN)]


def test_an_outage_without_a_camera_left_is_ended(session: Session) -> None:
    """The one that was unreachable has been moved to another site."""
    (camera,) = site_of(session, cameras=1)
    for minute in (0, 1):
        tell_all(session, [camera], minute, UNREACHABLE)
    camera.site = factories.make_site(session)
    session.flush()

    lapse_silent(session, at=at_minute(2))

    assert outages(session) == [(None, NOON, at_minute(2), UNKNOWN)]


def test_a_site_has_one_open_outage(session: Session) -> None:
    """The database holds it to that, whoever writes."""
    site = factories.make_site(session)
    session.add_all(
        Outage(site_id=site.id, health=UNREACHABLE, started_at=at_minute(minute))
        for minute in (0, 1)
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_many_sites_fall_at_once(session: Session) -> None:
    """One outage for each site."""
    sites = [site_of(session, cameras=3) for _ in range(20)]
    cameras = [camera for site in sites for camera in site]

    for minute in (0, 1):
        tell_all(session, cameras, minute, UNREACHABLE)

    assert [row[0] for row in outages(session)] == [None] * 20
