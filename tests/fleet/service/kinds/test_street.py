"""Sites, positions and units as sheets list them."""

import pytest
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.rules import Zones
from registry.fleet.rules.columns import Header
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import DEVICES, LISTED_CAMERAS, SITES, Table
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.street import CameraKind, DeviceKind, SiteKind
from tests.factories import make_camera
from tests.fleet.service.whole import AUTHOR, fill


@pytest.fixture
def desk(session: Session) -> Desk:
    """Return a desk over a filled register."""
    fill(session)
    return Desk(session, AUTHOR, Zones.only())


def row(table: Table, **values: object) -> ListedRow:
    """Return a row of a sheet."""
    return ListedRow(table, "x", 2, Header(1, {}), values)


def test_a_site_is_found_with_and_without_its_number(desk: Desk) -> None:
    """By its identifier, or by commune, kind and name however it is spelt."""
    kind = SiteKind(desk)
    name = "GARE <B>D'A COTE</B>"
    rows = [
        row(SITES, public_id="59054-01"),
        row(SITES, insee="59054", kind="station", name=name),
        row(SITES, insee="59054", kind="commune", name=name),
        row(SITES, name=name),
    ]
    kind.prepare(rows)

    assert [kind.find(each) is not None for each in rows] == [True, True, False, False]
    assert kind.key(rows[3]) is None


def test_a_serial_at_two_positions_finds_neither(desk: Desk) -> None:
    """Double funding exists: whoever means one position names it."""
    camera = make_camera(desk.session, serial="B2")
    camera.devices[0].normalised_serial = "B2"
    desk.session.flush()
    doubled, unknown = row(LISTED_CAMERAS, serial="B-2"), row(LISTED_CAMERAS, serial="nobody's")
    kind = CameraKind(desk)
    kind.prepare([doubled, unknown])

    with pytest.raises(Invalid, match=r"serial\.ambiguous"):
        kind.find(doubled)
    with pytest.raises(Invalid, match=r"serial\.unknown"):
        kind.find(unknown)


def test_the_paper_of_a_replacement_is_set_right(desk: Desk) -> None:
    """Reason and paper stand on the unit that came."""
    kind = DeviceKind(desk)
    rows = [row(DEVICES, serial="B2")]
    kind.prepare(rows)
    unit = kind.find(rows[0])
    assert unit is not None

    kind.update(unit, {"paper": "BI 99"})

    assert (kind.said(unit)["paper"], kind.said(unit)["replacement_reason"]) == ("BI 99", "foudre")
