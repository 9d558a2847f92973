"""From money voted to devices that answer."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Issue
from registry.audit.queries import (
    all_grant_stages,
    grant_devices,
    grant_stages,
    total_stages,
)
from registry.errors import NotFound
from registry.fleet.models import Device
from registry.funding.models import Grant
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, told

DAY_MINUTES = 24 * 60


def stages(session: Session, grant: Grant) -> tuple[int, int, int, int]:
    """Return how far the cameras of a grant have come, at noon."""
    found = grant_stages(session, grant.id, at=NOON)
    return found.funded, found.installed, found.seen, found.alive


def test_each_stage_asks_for_more(session: Session) -> None:
    """Voted, installed, seen once, alive today: four numbers that fall."""
    grant = factories.make_grant(session, cameras_funded=5)
    factories.make_camera(session, grant=grant, commissioned_on=None)
    factories.make_camera(session, grant=grant, serial="")
    factories.make_camera(session, grant=grant)
    once, today = (factories.make_camera(session, grant=grant) for _ in range(2))
    record(session, [told(once.id, -DAY_MINUTES - 1), told(today.id, -DAY_MINUTES)], patience=2)

    assert stages(session, grant) == (5, 3, 2, 1)


def test_another_unit_does_not_make_a_camera_seen(session: Session) -> None:
    """What the money bought is seen when it says who it is itself."""
    grant = factories.make_grant(session)
    camera = factories.make_camera(session, grant=grant)

    strange = told(camera.id, 0, issues=[Issue.IDENTITY_MISMATCH], identity=OTHER_UNIT)
    record(session, [strange], patience=2)

    assert stages(session, grant) == (1, 1, 0, 0)


def test_a_replacement_has_to_be_seen_anew(session: Session) -> None:
    """What the unit before it answered proves nothing of the one that is there now."""
    grant = factories.make_grant(session)
    camera = factories.make_camera(session, grant=grant)
    record(session, [told(camera.id, -60)], patience=2)
    assert stages(session, grant) == (1, 1, 1, 1)

    camera.devices[0].removed_at = at_minute(-30)
    session.flush()
    replacement = Device(serial="SN2", normalised_serial="SN2", mounted_at=at_minute(-30))
    camera.devices.append(replacement)
    session.flush()

    assert stages(session, grant) == (1, 1, 0, 0)


def test_a_retired_camera_is_installed_no_more(session: Session) -> None:
    """From its last day on a position counts for nothing but the vote."""
    grant = factories.make_grant(session)
    camera = factories.make_camera(session, grant=grant)
    record(session, [told(camera.id, -60)], patience=2)
    camera.retired_on = date(2026, 11, 23)
    session.flush()

    assert stages(session, grant) == (1, 0, 0, 0)


def test_the_price_of_a_live_camera_is_exact(session: Session) -> None:
    """Cents by cameras, without rounding; nothing alive has no price."""
    grant = factories.make_grant(session, cameras_funded=3, voted_cents=1_000_000)
    for _ in range(3):
        camera = factories.make_camera(session, grant=grant)
        record(session, [told(camera.id, 0)], patience=2)
    idle = factories.make_grant(session, voted_cents=500_000)

    found = all_grant_stages(session, at=NOON)

    assert found[grant.id].cents_per_live_camera == Fraction(1_000_000, 3)
    assert found[idle.id].cents_per_live_camera is None
    total = total_stages(found.values())
    assert (total.funded, total.alive, total.awarded_cents) == (4, 3, 1_500_000)
    assert total.cents_per_live_camera == 500_000


def test_the_devices_of_a_grant_are_listed_with_their_last_answer(session: Session) -> None:
    """By site and label, each with the unit that is there and when it was last itself."""
    grant = factories.make_grant(session)
    site = factories.make_site(session)
    cameras = [factories.make_camera(session, site=site, grant=grant) for _ in range(2)]
    record(session, [told(cameras[1].id, 0)], patience=2)

    silent, answering = grant_devices(session, grant.id, at=NOON + timedelta(minutes=1))

    assert [silent.camera_id, answering.camera_id] == [camera.id for camera in cameras]
    assert (silent.identified_at, silent.seen) == (None, False)
    assert (answering.identified_at, answering.alive) == (NOON, True)
    assert answering.serial == cameras[1].devices[0].serial
    assert answering.site_public_id == site.public_id


def test_an_unknown_grant_is_not_found(session: Session) -> None:
    """There is no stage without a grant."""
    with pytest.raises(NotFound):
        grant_stages(session, 4711, at=NOON)
    assert grant_devices(session, 4711, at=NOON) == []
