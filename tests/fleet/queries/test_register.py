"""What stands where, and what the monitor has to know of each camera."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.fleet import queries
from registry.fleet.models import (
    Credential,
    Device,
)
from tests.factories import make_camera, make_grant, make_site
from tests.web.visitors import counted_selects


def test_a_probe_input_says_what_is_mounted(session: Session, now: datetime) -> None:
    """Address, gateway, account and identity of the unit that stands there now."""
    site = make_site(session)
    site.gateway_host, site.gateway_port = "10.0.0.1", 8080
    camera = make_camera(session, site=site, host="10.0.0.2", port=80, serial="OLD-1")
    camera.devices[0].removed_at = now
    session.flush()
    session.add(
        Device(camera=camera, serial="NEW-2", normalised_serial="NEW2", model="NC", mounted_at=now)
    )
    camera.credential = Credential(username="onvif", sealed_password=b"sealed", changed_at=now)
    session.flush()

    (found,) = queries.probe_inputs(session)

    assert (found.camera_id, found.site_id, found.host, found.port) == (
        camera.id, site.id, "10.0.0.2", 80,
    )  # fmt: skip
    assert (found.gateway_host, found.gateway_port) == ("10.0.0.1", 8080)
    assert (found.serial, found.model, found.manufacturer) == ("NEW-2", "NC", "")
    assert (found.username, found.sealed_password) == ("onvif", b"sealed")
    assert (found.credential_changed_at, found.commissioned_on) == (now, date(2026, 1, 1))


def test_a_camera_without_unit_or_account_is_probed_all_the_same(session: Session) -> None:
    """Nothing registered is empty, never missing."""
    make_camera(session, serial="")

    (found,) = queries.probe_inputs(session)

    assert (found.serial, found.username) == ("", "")
    assert found.sealed_password is None
    assert found.credential_changed_at is None


def test_a_password_is_not_in_the_repr(session: Session, now: datetime) -> None:
    """Even sealed, it stays out of logs and tracebacks."""
    camera = make_camera(session)
    camera.credential = Credential(username="onvif", sealed_password=b"s3aled", changed_at=now)
    session.flush()

    assert "s3aled" not in repr(queries.probe_inputs(session))
    assert "s3aled" not in repr(camera.credential)


def test_only_what_changed_is_read_again(session: Session, now: datetime) -> None:
    """At the instant itself too, and cameras that have lost their address."""
    make_camera(session)
    gone, moved = make_camera(session, host=""), make_camera(session)
    gone.changed_at = moved.changed_at = now
    session.flush()

    assert {each.camera_id for each in queries.probe_inputs(session, changed_since=now)} == {
        gone.id,
        moved.id,
    }
    assert queries.probe_inputs(session, changed_since=now + timedelta(seconds=1)) == []


def test_a_camera_without_an_address_is_not_offered_at_first(session: Session) -> None:
    """There is nothing to dial; it is heard of when it gets one."""
    make_camera(session, host="")

    assert queries.probe_inputs(session) == []


def test_the_monitor_reads_everything_in_one_statement(session: Session, engine: Engine) -> None:
    """One select, however many cameras, units and accounts."""
    for _ in range(5):
        make_camera(session)

    with counted_selects(engine) as statements:
        queries.probe_inputs(session)

    assert len(statements) == 1


def test_a_site_is_found_by_its_public_identifier(session: Session) -> None:
    """The identifier of links and metrics."""
    site = make_site(session)

    assert queries.site_by_public_id(session, site.public_id) is site
    assert queries.site_by_public_id(session, "59054-999") is None


def test_cameras_of_a_site_and_of_a_grant_come_in_order(session: Session) -> None:
    """By label at a site; by site, then label, under a grant."""
    site, grant = make_site(session), make_grant(session)
    second, first = make_camera(session, site=site, grant=grant), make_camera(session, site=site)
    second.label, first.label = "B", "A"
    session.flush()

    assert [each.label for each in queries.cameras_at(session, site.id)] == ["A", "B"]
    assert [each.label for each in queries.cameras_of_grant(session, grant.id)] == ["B"]


def test_a_serial_lists_the_grants_it_stands_under(session: Session, now: datetime) -> None:
    """Units that were removed no longer count."""
    one, other = make_grant(session, file_number="A"), make_grant(session, file_number="B")
    make_camera(session, grant=one, serial="x1")
    make_camera(session, grant=other, serial="x1")
    make_camera(session, grant=other, serial="x2")
    make_camera(session, grant=one, serial="x2").devices[0].removed_at = now
    session.flush()

    assert queries.grants_by_serial(session, {"X1", "X2", "X3"}) == {
        "X1": ["A", "B"],
        "X2": ["B"],
    }


@pytest.mark.parametrize("count", [0, 1, queries.CHUNK, queries.CHUNK + 1])
def test_keys_are_cut_into_statements(count: int) -> None:
    """None is lost and none comes twice."""
    cut = list(queries.chunks(range(count)))

    assert [key for chunk in cut for key in chunk] == list(range(count))
    assert all(0 < len(chunk) <= queries.CHUNK for chunk in cut)
