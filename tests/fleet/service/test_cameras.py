"""Funded positions by hand: identity, dates, reasons."""

from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.models import Camera, CameraType, Mount, Site
from registry.fleet.rules.reach import Zones
from registry.fleet.service import create_camera, update_camera
from registry.fleet.service.cameras import said
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.conftest import NOON
from tests.factories import make_camera, make_grant, make_site

LOOPBACK = Zones.only(ip_network("127.0.0.0/8"))
AUTHOR = Signature("user:1", NOON, "relevé sur place")


@pytest.fixture
def site(session: Session) -> Site:
    """Return a site without cameras."""
    return make_site(session)


def codes(session: Session, values: dict[str, Any]) -> list[str]:
    """Try a camera that is wrong, and return why."""
    with pytest.raises(Invalid) as refused:
        create_camera(session, values, signed=AUTHOR)
    return [each.code for each in refused.value.problems]


def test_a_position_is_made_with_all_that_is_said_of_it(session: Session, site: Site) -> None:
    """Grant by its file number, words of a town hall, and an entry of the journal."""
    grant = make_grant(session, file_number="23-1")

    camera = create_camera(
        session,
        {
            "site": site.public_id,
            "label": "Mairie",
            "file_number": "23-1",
            "camera_type": "DOM",
            "mount": "Candélabre",
            "expected_view": "Parvis, entrée nord",
            "commissioned_on": "2026-01-05",
        },
        signed=AUTHOR,
    )

    assert (camera.grant, camera.camera_type, camera.mount) == (
        grant, CameraType.DOME, Mount.LAMP_POST,
    )  # fmt: skip
    assert camera.changed_at == NOON
    assert session.scalars(select(JournalEntry)).one().action == "cameras.create"
    assert said(camera)["expected_view"] == "Parvis, entrée nord"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"site": "59999-01"}, ["site.unknown"]),
        ({"file_number": "nobody's"}, ["grant.unknown"]),
        ({"label": "CAM-0001"}, ["camera.known"]),
        ({"retired_on": "2026-01-01"}, ["retirement.reason"]),
        (
            {"commissioned_on": "2026-02-01", "retired_on": "2026-01-01"},
            ["date.order", "retirement.reason"],
        ),
        ({"port": "70000", "mount": "ballon"}, ["port", "choice"]),
    ],
)
def test_what_cannot_be_is_refused(
    session: Session, site: Site, values: dict[str, Any], expected: list[str]
) -> None:
    """Unknown site or grant, a label that is taken, dates out of order, a silent retirement."""
    session.add(Camera(site=site, label="cam 0001", changed_at=NOON))
    session.flush()

    assert codes(session, {"site": site.public_id, "label": "A", **values}) == expected


def test_dates_change_for_a_reason(session: Session) -> None:
    """Without one they stay; with one the journal holds it."""
    camera = make_camera(session)

    with pytest.raises(Invalid, match=r"reason\.required"):
        update_camera(
            session, camera, {"commissioned_on": "2025-12-01"}, signed=Signature("user:1", NOON)
        )
    changed = update_camera(session, camera, {"commissioned_on": "2025-12-01"}, signed=AUTHOR)

    assert changed
    assert camera.commissioned_on == date(2025, 12, 1)
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.action, entry.reason) == ("cameras.edit", "relevé sur place")
    assert entry.before == '{"commissioned_on": "2026-01-01"}'


def test_an_address_changes_without_a_reason(session: Session) -> None:
    """It is neither identity nor date; the monitor learns of it."""
    camera = make_camera(session)

    update_camera(session, camera, {"port": 81}, signed=Signature("user:1", NOON))

    assert (camera.port, camera.changed_at) == (81, NOON)


def test_the_same_again_is_no_change(session: Session) -> None:
    """Nothing moves, nothing is journaled."""
    camera = make_camera(session)
    before = camera.changed_at

    assert update_camera(session, camera, {"port": camera.port}, signed=AUTHOR) is False
    assert camera.changed_at == before


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"host": "8.8.8.8"}, r"host\.blocked"),
        ({"password_text": "Oui"}, r"password_text\.exposed"),
    ],
)
def test_a_camera_is_reached_as_its_zone_allows(
    session: Session, site: Site, values: dict[str, Any], code: str
) -> None:
    """Neither outside the networks, nor with a password in the clear over plain HTTP."""
    zones = Zones.only(ip_network("10.0.0.0/8"))
    camera = create_camera(
        session, {"site": site.public_id, "label": "A", "host": "10.0.0.1"}, signed=AUTHOR,
        zones=zones,
    )  # fmt: skip

    with pytest.raises(Invalid, match=code):
        update_camera(session, camera, values, signed=AUTHOR, zones=zones)


def test_a_position_moves_to_another_site(session: Session) -> None:
    """Unless its label is taken there."""
    camera, other = make_camera(session), make_camera(session)
    update_camera(session, camera, {"site": other.site.public_id}, signed=AUTHOR, zones=LOOPBACK)

    with pytest.raises(Invalid, match=r"camera\.known"):
        update_camera(session, camera, {"label": other.label}, signed=AUTHOR)

    assert camera.site is other.site
