"""The page of one site, read in one go."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.errors import NotFound
from registry.monitoring.models import Outage, ProbeRequest
from registry.monitoring.queries.site import site_by_public_id, site_page
from registry.monitoring.rules import Shown
from tests.factories import make_camera, make_grant, make_site
from tests.web.scenes import watch
from tests.web.visitors import counted_selects


def test_cameras_come_in_the_order_in_which_people_count(session: Session, now: datetime) -> None:
    """CAM-2 stands before CAM-10."""
    site = make_site(session)
    for label in ("CAM-10", "cam-2", "CAM-1", "Parking"):
        make_camera(session, site=site).label = label
    session.flush()

    page = site_page(session, site.public_id, now=now)

    assert [line.camera.label for line in page.cameras] == ["CAM-1", "cam-2", "CAM-10", "Parking"]


def test_each_camera_has_its_state_and_since_when(session: Session, now: datetime) -> None:
    """A verdict that nobody renews is unknown since the end of its hold."""
    site = make_site(session)
    down, silent, never, out = (make_camera(session, site=site) for _ in range(4))
    watch(session, down, Health.DOWN, now=now, lasting=timedelta(hours=3))
    watch(session, silent, now=now - timedelta(hours=1))
    out.commissioned_on = date(2027, 1, 1)
    session.flush()

    page = site_page(session, site.public_id, now=now)

    found = {line.camera.id: (line.state, line.since) for line in page.cameras}
    assert found == {
        down.id: ("down", now - timedelta(hours=3)),
        silent.id: ("unknown", now - timedelta(minutes=55)),
        never.id: ("unknown", None),
        out.id: ("not_in_service", None),
    }
    assert page.counts.total == 3
    assert page.counts.of(Shown.DOWN) == 1
    assert page.oldest == now - timedelta(hours=3)


def test_a_camera_names_its_unit_its_grant_and_its_issues(session: Session, now: datetime) -> None:
    """The unit that is mounted now, not one that was taken down."""
    grant = make_grant(session, file_number="23-777")
    camera = make_camera(session, grant=grant, serial="NEW1")
    watch(session, camera, now=now, issues="clock_skew,slow")

    (line,) = site_page(session, camera.site.public_id, now=now).cameras

    assert line.device is not None
    assert (line.device.serial, line.file_number) == ("NEW1", "23-777")
    assert line.issues == ("clock_skew", "slow")
    assert not line.calm


def test_only_the_last_wish_counts(session: Session, now: datetime) -> None:
    """An older wish that was answered does not hide the one that waits."""
    camera = make_camera(session)
    for answered_at in (now, None):
        session.add(
            ProbeRequest(
                camera_id=camera.id,
                requested_at=now,
                requested_by="user:1",
                answered_at=answered_at,
            )
        )
        session.flush()

    (line,) = site_page(session, camera.site.public_id, now=now).cameras

    assert line.waiting
    assert line.answer is None


def test_a_wish_of_yesterday_is_no_news(session: Session, now: datetime) -> None:
    """The answer to a probe is shown for an hour, then it is history."""
    camera = make_camera(session)
    asked = now - timedelta(hours=2)
    session.add(ProbeRequest(camera_id=camera.id, requested_at=asked, requested_by="user:1"))
    session.flush()

    (line,) = site_page(session, camera.site.public_id, now=now).cameras

    assert line.request is None


def test_outages_that_last_come_first_and_old_ones_not_at_all(
    session: Session, now: datetime
) -> None:
    """Thirty days back, the newest first, those that last before all others."""
    camera = make_camera(session)
    for days, length in ((40, 1), (20, 1), (3, 1), (25, None)):
        started_at = now - timedelta(days=days)
        ended_at = started_at + timedelta(days=length) if length else None
        session.add(
            Outage(
                site_id=camera.site_id,
                camera_id=camera.id,
                health=Health.DOWN,
                started_at=started_at,
                ended_at=ended_at,
            )
        )
        session.flush()

    page = site_page(session, camera.site.public_id, now=now)

    assert [(now - each.started_at).days for each in page.outages] == [25, 3, 20]


def test_the_number_of_selects_is_fixed(session: Session, now: datetime, engine: Engine) -> None:
    """A site of ten cameras costs what a site of two does."""
    small, large = make_site(session), make_site(session)
    for site, size in ((small, 2), (large, 10)):
        for _ in range(size):
            watch(session, make_camera(session, site=site), Health.DOWN, now=now)
    session.commit()
    counts = []
    for site in (small, large):
        session.expire_all()
        with counted_selects(engine) as statements:
            site_page(session, site.public_id, now=now)
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 11


def test_an_unknown_site_is_not_found(session: Session) -> None:
    """The error carries the identifier that was asked for."""
    with pytest.raises(NotFound, match="59054-99"):
        site_by_public_id(session, "59054-99")
