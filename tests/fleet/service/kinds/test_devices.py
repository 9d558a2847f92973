"""Units as sheets list them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.rules import Zones
from registry.fleet.rules.columns import Header
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import DEVICES, Table
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.devices import DeviceKind
from registry.journal import JournalEntry
from tests.fleet.service.whole import AUTHOR, fill


@pytest.fixture
def desk(session: Session) -> Desk:
    """Return a desk over a filled register."""
    fill(session)
    return Desk(session, AUTHOR, Zones.only())


def row(table: Table, **values: object) -> ListedRow:
    """Return a row of a sheet."""
    return ListedRow(table, "x", 2, Header(1, {}), values)


def test_the_paper_of_a_replacement_is_set_right(desk: Desk) -> None:
    """Reason and paper stand on the unit that came, and the journal keeps what they were."""
    kind = DeviceKind(desk)
    rows = [row(DEVICES, serial="B2")]
    kind.prepare(rows)
    unit = kind.find(rows[0])
    assert unit is not None

    kind.update(unit, {"paper": "BI 99"})

    entries = desk.session.scalars(select(JournalEntry).filter_by(action="devices.edit")).all()
    assert [(each.before, each.after) for each in entries] == [
        ('{"paper": "BI 12"}', '{"paper": "BI 99"}')
    ]
    assert (kind.said(unit)["paper"], kind.said(unit)["replacement_reason"]) == ("BI 99", "foudre")
