"""Cameras, the devices mounted there and their accounts, by the API."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import Camera, Credential
from registry.journal import JournalEntry
from tests.factories import make_camera, make_grant, make_site
from tests.web.programs import MakeProgram, Program, errors, items

NOVEMBER = "2026-11-01T09:00:00Z"


@pytest.fixture
def camera(session: Session) -> Camera:
    """Write a camera with a unit on it."""
    camera = make_camera(session, serial="OLD1")
    session.commit()
    return camera


def test_a_camera_is_added_at_its_site_under_its_grant(api: Program, session: Session) -> None:
    """Both are named as people name them, not by number."""
    site = make_site(session)
    make_grant(session, file_number="23-7")
    session.commit()

    body = {"site": site.public_id, "label": "CAM-A", "file_number": "23-7", "host": "10.0.0.9"}
    added = api("POST", "cameras", {**body, "password_text": False, "camera_type": "dome"})

    assert added.status_code == 201, added.text
    assert {name: added.get_json()[name] for name in body} == body
    assert added.get_json()["insee"] == "59054"


def test_a_label_is_taken_once_at_a_site(api: Program, camera: Camera) -> None:
    """The same position twice is refused, and the field is named."""
    body = {"site": camera.site.public_id, "label": camera.label}

    assert errors(api("POST", "cameras", body))[0]["field"] == "label"


def test_a_replacement_is_a_record_with_its_reason(api: Program, camera: Camera) -> None:
    """The unit that was there ends when the other begins; which, why and by which paper stay."""
    body = {
        "camera_id": camera.id, "serial": "NEW1", "mounted_at": NOVEMBER,
        "replacement_reason": "foudre", "paper": "BI-77",
    }  # fmt: skip
    mounted = api("POST", "devices", body)

    (record,) = items(api("GET", "replacements"))
    old = next(each for each in items(api("GET", "devices")) if each["serial"] == "OLD1")
    assert mounted.status_code == 201
    assert old["removed_at"] == NOVEMBER
    assert (record["incoming_id"], record["outgoing_id"]) == (mounted.get_json()["id"], old["id"])
    assert (record["reason"], record["paper"]) == ("foudre", "BI-77")


def test_two_units_at_one_position_at_one_time_are_refused(api: Program, camera: Camera) -> None:
    """Without a reason to replace what is there, nothing is mounted over it."""
    body = {"camera_id": camera.id, "serial": "NEW1", "mounted_at": NOVEMBER}

    refused = api("POST", "devices", body)

    assert (refused.status_code, errors(refused)[0]["code"]) == (422, "device.overlap")


def test_a_unit_is_set_right_with_a_reason(api: Program, camera: Camera) -> None:
    """A serial is an identity: changing it says why."""
    (device,) = items(api("GET", f"devices?camera_id={camera.id}"))
    path, etag = f"devices/{device['id']}", f'"{device["etag"]}"'

    silent = api("PATCH", path, {"serial": "OLD2"}, If_Match=etag)
    said = api("PATCH", path, {"serial": "OLD2", "why": "faute de frappe"}, If_Match=etag)

    assert (silent.status_code, errors(silent)[0]["field"]) == (422, "why")
    assert said.get_json()["serial"] == "OLD2"


def test_a_password_goes_in_and_never_comes_out(
    api: Program, camera: Camera, session: Session
) -> None:
    """The account is shown without it; a change of name keeps it; the journal holds neither."""
    given = {"camera_id": camera.id, "username": "onvif", "password": "Hirondelle-59"}
    added = api("POST", "credentials", given)
    sealed = session.scalars(select(Credential.sealed_password)).one()
    renamed = api(
        "PATCH", f"credentials/{camera.id}", {"username": "sonde"}, If_Match=added.headers["ETag"]
    )

    shown = api("GET", f"credentials/{camera.id}")
    assert (added.status_code, renamed.get_json()["username"]) == (201, "sonde")
    assert "Hirondelle" not in added.text + renamed.text + shown.text
    assert b"Hirondelle" not in sealed
    assert session.scalars(select(Credential.sealed_password)).one() == sealed
    told = "".join(f"{e.before}{e.after}" for e in session.scalars(select(JournalEntry)))
    assert "Hirondelle" not in told


def test_an_account_is_given_once(api: Program, camera: Camera) -> None:
    """Another one over it is a change, and needs the version that was read."""
    given = {"camera_id": camera.id, "username": "onvif", "password": "Hirondelle-59"}

    assert [api("POST", "credentials", given).status_code for _ in range(2)] == [201, 409]


def test_looking_at_accounts_is_journaled(
    api: Program, camera: Camera, session: Session, program: MakeProgram
) -> None:
    """Who looked at which account stays; who may not look leaves no line."""
    given = {"camera_id": camera.id, "username": "onvif", "password": "Hirondelle-59"}
    api("POST", "credentials", given)

    api("GET", "credentials")
    api("GET", f"credentials/{camera.id}")
    program(("sites.read",))("GET", "credentials")

    reads = select(JournalEntry).where(JournalEntry.action == "credential.read")
    told = [(each.actor, each.subject) for each in session.scalars(reads)]
    assert told == [("token:1", "credentials"), ("token:1", f"camera:{camera.id}")]
