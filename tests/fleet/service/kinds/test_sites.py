"""Sites as sheets list them."""

import pytest
from sqlalchemy.orm import Session

from registry.fleet.rules import Zones
from registry.fleet.rules.columns import Header
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import SITES, Table
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.sites import SiteKind
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
