"""Co-funders and payments as sheets list them."""

import pytest
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.rules import Zones
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.money import LineKind, PaymentKind
from tests.fleet.service.whole import AUTHOR, fill


@pytest.fixture
def desk(session: Session) -> Desk:
    """Return a desk over a filled register."""
    fill(session)
    return Desk(session, AUTHOR, Zones.only())


def problems(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    """Return field and code of each problem."""
    return [(each.where, each.code) for each in refused.value.problems]


@pytest.mark.parametrize("make", [LineKind, PaymentKind])
def test_money_of_an_unknown_file_is_refused(
    desk: Desk, make: type[LineKind | PaymentKind]
) -> None:
    """A line and a payment belong to a grant that is there."""
    kind = make(desk)
    kind.prepare([])

    with pytest.raises(Invalid) as refused:
        kind.create({"file_number": "99", "funder": "detr", "kind": "balance"})

    assert problems(refused) == [("file_number", "grant.unknown")]
