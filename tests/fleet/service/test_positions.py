"""Positions, the units mounted there from..to, and their accounts."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.fleet.models import CameraClass, Scheme
from registry.fleet.service import pin_certificate
from registry.fleet.service.positions import first_mounting
from registry.sheets import Value
from tests.fleet.service.desk import Desk
from tests.fleet.sheets import row


def test_a_position_is_written_with_its_address(desk: Desk) -> None:
    """What is said is kept, what is not has the register's defaults."""
    desk.take(row(host="10.0.0.1", port="8899", scheme="https", camera_class="Intérieur"))

    camera = desk.camera()
    assert (camera.host, camera.port, camera.scheme) == ("10.0.0.1", 8899, Scheme.HTTPS)
    assert camera.camera_class is CameraClass.INTERIOR
    assert (camera.path, camera.tls_verify) == ("/onvif/device_service", "ca")
    assert camera.grant is not None
    assert camera.changed_at == desk.at


def test_a_funded_position_may_have_no_unit_yet(desk: Desk) -> None:
    """Nothing is mounted where nothing is declared."""
    desk.take(row())

    assert desk.camera().devices == []
    assert desk.camera().commissioned_on is None


def test_a_first_unit_is_dated_from_its_commissioning(desk: Desk) -> None:
    """It has stood there since; only what is to come is dated from now."""
    desk.take(row(serial="NC-1", commissioned_on="01/07/2024"))

    (unit,) = desk.camera().devices
    assert unit.mounted_at == datetime(2024, 6, 30, 22, 0, tzinfo=UTC)
    assert (unit.serial, unit.normalised_serial, unit.removed_at) == ("NC-1", "NC1", None)


def test_a_commissioning_to_come_dates_nothing_ahead() -> None:
    """Without a day, or with one that is still ahead, the unit is there from now on."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert first_mounting(None, now) == now
    assert first_mounting((now + timedelta(days=30)).date(), now) == now
    assert first_mounting((now - timedelta(days=30)).date(), now) < now


def test_another_serial_is_a_replacement(desk: Desk) -> None:
    """The old unit leaves at the import, the new one comes; the position stays."""
    desk.take(row(serial="OLD-1", manufacturer="Nordcam"))
    identity = desk.camera().id
    desk.at += timedelta(days=3)

    report = desk.take(row(serial="NEW-2", manufacturer="Optilys"))

    old, new = desk.camera().devices
    assert (old.serial, old.removed_at) == ("OLD-1", desk.at)
    assert (new.serial, new.mounted_at, new.removed_at) == ("NEW-2", desk.at, None)
    assert (desk.camera().id, desk.camera().changed_at) == (identity, desk.at)
    assert report.changed == 1
    assert [note.code for note in report.notes] == ["device.replaced"]


def test_another_spelling_of_a_serial_is_no_replacement(desk: Desk) -> None:
    """Case, separators and leading zeros are no other unit, though the text is kept."""
    desk.take(row(serial="00nc-1"))

    report = desk.take(row(serial="NC 1"))

    (unit,) = desk.camera().devices
    assert unit.serial == "NC 1"
    assert report.notes == ()


def test_a_serial_completes_a_unit_that_had_none(desk: Desk) -> None:
    """A model without a serial was declared first: it is the same unit."""
    desk.take(row(model="NC-300"))

    report = desk.take(row(model="NC-300", serial="NC-1"))

    (unit,) = desk.camera().devices
    assert (unit.serial, unit.model) == ("NC-1", "NC-300")
    assert report.changed == 1


def test_a_unit_comes_to_a_position_that_was_empty(desk: Desk) -> None:
    """Funded last year, installed this year."""
    desk.take(row())

    report = desk.take(row(serial="NC-1", commissioned_on="01/02/2024"))

    assert report.changed == 1
    assert [unit.serial for unit in desk.camera().devices] == ["NC-1"]


def test_an_account_is_sealed_at_once(desk: Desk) -> None:
    """The register holds nothing that can be read."""
    desk.take(row(username="onvif", password="Hirondelle-59"))

    account = desk.camera().credential
    assert account is not None
    assert b"Hirondelle" not in account.sealed_password
    assert desk.vault.unseal(account.sealed_password) == "Hirondelle-59"


def test_another_password_changes_the_camera(desk: Desk) -> None:
    """The monitor must learn of it; the same one again is no change."""
    desk.take(row(username="onvif", password="Hirondelle-59"))
    desk.at += timedelta(hours=1)

    assert desk.take(row(username="onvif", password="Hirondelle-59")).unchanged == 1
    assert desk.take(row(username="onvif", password="Martinet-62")).changed == 1

    account = desk.camera().credential
    assert account is not None
    assert account.changed_at == desk.camera().changed_at == desk.at
    assert desk.vault.unseal(account.sealed_password) == "Martinet-62"


def test_a_new_account_needs_a_password(desk: Desk) -> None:
    """An account that stands may keep its own."""
    (problem,) = desk.refuse(row(username="onvif"))
    assert problem.code == "password.required"

    desk.take(row(username="onvif", password="Hirondelle-59"))
    assert desk.take(row(username="viewer")).changed == 1
    account = desk.camera().credential
    assert account is not None
    assert desk.vault.unseal(account.sealed_password) == "Hirondelle-59"


def test_a_retirement_is_held_against_what_the_register_knows(desk: Desk) -> None:
    """The day of commissioning may come from an earlier file."""
    desk.take(row(commissioned_on="01/02/2024"))

    (problem,) = desk.refuse(row(retired_on="01/01/2024"))

    assert (problem.code, problem.value) == ("date.order", "01/01/2024")


def test_a_position_may_pass_to_another_grant(desk: Desk) -> None:
    """A renewal funded anew: the camera stands, the money behind it is another."""
    desk.take(row())

    report = desk.take(row(file_number="23-COM-002"))

    assert report.changed == 1
    moved = desk.camera().grant
    assert moved is not None
    assert moved.file_number == "23-COM-002"


OPTIONS: dict[str, Value] = {
    "scheme": "https",
    "tls_verify": "pin",
    "password_text": "Oui",
    "rtsp_port": "554",
    "rtsp_path": "/live",
}


def test_the_options_of_a_probe_are_written(desk: Desk) -> None:
    """And a second import of the same leaves a certificate pinned meanwhile."""
    line = row(host="10.59.4.7", **OPTIONS)
    desk.take(line)
    camera = desk.camera()
    pin_certificate(desk.session, camera.id, certificate="ab" * 32, at=desk.at, actor="monitor")

    again = desk.take(line)

    camera = desk.camera()
    assert again.unchanged == 1
    assert camera.tls_verify == f"pin:{'ab' * 32}"
    assert (camera.password_text, camera.rtsp_port, camera.rtsp_path) == (True, 554, "/live")


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        ({}, {"host": "172.16.4.7"}, "host.blocked"),
        ({}, {"host": "10.59.4.7", "networks": "10.62.0.0/16"}, "host.blocked"),
        ({}, {"networks": "172.16.0.0/16"}, "networks.stray"),
        ({"host": "10.59.4.7"}, {"zone": "littoral"}, "host.blocked"),
        ({}, {"password_text": "oui"}, "password_text.exposed"),
        (OPTIONS, {"scheme": "http"}, "password_text.exposed"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    desk: Desk, first: dict[str, Value], then: dict[str, Value], code: str
) -> None:
    """Whether the row brings them all or the register holds one of them already."""
    if first:
        desk.take(row(**first))

    problems = desk.refuse(row(**then))

    assert [problem.code for problem in problems] == [code]


def test_a_site_moves_to_another_zone_with_its_cameras(desk: Desk) -> None:
    """Address and zone in one row, and the monitor reads the cameras again."""
    desk.take(row(host="10.59.4.7"))
    desk.at += timedelta(days=1)

    desk.take(row(host="172.16.4.7", zone="Littoral"))

    camera = desk.camera()
    assert (camera.site.zone, camera.host, camera.changed_at) == ("littoral", "172.16.4.7", desk.at)
