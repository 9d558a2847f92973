"""What every kind of thing promises to sheets."""

import pytest
from sqlalchemy.orm import Session

from registry.fleet.rules import Zones
from registry.fleet.service.kinds import KINDS, Desk, Kind
from tests.fleet.service.whole import AUTHOR, fill


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.table.key)
def test_each_thing_is_told_by_the_columns_of_its_table(session: Session, make: type[Kind]) -> None:
    """Every column has its value, and what a row is found by is among them."""
    fill(session)
    kind = make(Desk(session, AUTHOR, Zones.only()))

    told = [dict(kind.said(thing)) for thing in kind.everything()]

    assert told
    assert all(set(kind.table.by_key) <= set(each) for each in told)
    assert all(each[name] is not None for each in told for name in kind.table.identity)
