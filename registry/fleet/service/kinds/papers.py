"""Maintenance contracts and authorisations, as sheets list them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from registry.fleet.models import Authorisation, MaintenanceContract
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import AUTHORISATIONS, CONTRACTS
from registry.fleet.service import papers
from registry.fleet.service.kinds.kind import Desk, Kind


class ContractKind(Kind):
    """Contracts, found by their reference."""

    table = CONTRACTS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._found: dict[str, MaintenanceContract] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:  # noqa: ARG002 - all of them are few
        """Read every contract."""
        self._found = {each.reference: each for each in self.everything()}

    def find(self, row: ListedRow) -> MaintenanceContract | None:
        """Return the contract of a reference."""
        return self._found.get(str(row.values.get("reference")))

    def said(self, thing: MaintenanceContract) -> Mapping[str, Any]:
        """Return a contract as plain values."""
        return papers.said(thing)

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a contract."""
        papers.create_contract(self.session, values, author=self.desk.author)

    def update(self, thing: MaintenanceContract, values: Mapping[str, Any]) -> None:
        """Change a contract."""
        papers.update_contract(self.session, thing, values, author=self.desk.author)

    def everything(self) -> Iterator[MaintenanceContract]:
        """Give every contract, by reference."""
        yield from self.session.scalars(
            select(MaintenanceContract)
            .options(selectinload(MaintenanceContract.sites))
            .order_by(MaintenanceContract.reference)
        )


class AuthorisationKind(Kind):
    """Authorisations, found by their department and number."""

    table = AUTHORISATIONS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._found: dict[tuple[str, str], Authorisation] = {}

    def prepare(self, rows: Sequence[ListedRow]) -> None:  # noqa: ARG002 - all of them are few
        """Read every authorisation."""
        self._found = {(each.department_code, each.act_number): each for each in self.everything()}

    def find(self, row: ListedRow) -> Authorisation | None:
        """Return the order of a department and number."""
        key = str(row.values.get("department_code")), str(row.values.get("act_number"))
        return self._found.get(key)

    def said(self, thing: Authorisation) -> Mapping[str, Any]:
        """Return an authorisation as plain values."""
        return papers.said(thing)

    def create(self, values: Mapping[str, Any]) -> None:
        """Add an authorisation."""
        papers.create_authorisation(self.session, values, author=self.desk.author)

    def update(self, thing: Authorisation, values: Mapping[str, Any]) -> None:
        """Change an authorisation."""
        papers.update_authorisation(self.session, thing, values, author=self.desk.author)

    def everything(self) -> Iterator[Authorisation]:
        """Give every authorisation, by department and number."""
        yield from self.session.scalars(
            select(Authorisation)
            .options(selectinload(Authorisation.sites))
            .order_by(Authorisation.department_code, Authorisation.act_number)
        )
