"""Contracts and authorisations as sheets list them."""

from sqlalchemy.orm import Session

from registry.fleet.rules import Zones
from registry.fleet.service.kinds import Desk
from registry.fleet.service.kinds.papers import AuthorisationKind, ContractKind
from tests.fleet.service.whole import AUTHOR, fill


def test_papers_are_changed_through_their_services(session: Session) -> None:
    """A longer retention, a new end: kept, with the sites as they were."""
    fill(session)
    desk = Desk(session, AUTHOR, Zones.only())
    contracts, orders = ContractKind(desk), AuthorisationKind(desk)
    contracts.prepare([])
    orders.prepare([])
    (contract,), (order,) = list(contracts.everything()), list(orders.everything())

    contracts.update(contract, {"ends_on": "2027-01-01"})
    orders.update(order, {"retention_days": 15})

    assert contracts.said(contract)["sites"] == orders.said(order)["sites"] == "59054-01"
    assert (str(contract.ends_on), order.retention_days) == ("2027-01-01", 15)
