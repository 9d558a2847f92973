"""Positions as sheets list them."""

import pytest
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.rules import Zones
from registry.fleet.rules.columns import Header
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import LISTED_CAMERAS, Table
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.cameras import CameraKind
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
