"""Maintenance contracts and authorisations, as sheets list them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import selectinload

from registry.bulk import add_rows, next_ids, values_of
from registry.errors import Problem
from registry.fleet import queries
from registry.fleet.models import Authorisation, MaintenanceContract, Site
from registry.fleet.models.papers import authorisation_sites, contract_sites
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import AUTHORISATIONS, CONTRACTS
from registry.fleet.service import papers
from registry.fleet.service.edits import missing, require
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.journal import sign
from registry.territory.models import Department

_CONTRACT, _ORDER = "contract_id", "authorisation_id"


class ContractKind(Kind):
    """Contracts, found by their reference."""

    table = CONTRACTS

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._known = ReadPapers()
        self._found: dict[str, MaintenanceContract] = {}
        self._new: list[MaintenanceContract] = []

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read every contract, and the sites that rows name."""
        self._known.read_sites(self, rows)
        for each in self.everything():
            self._found[each.reference] = each
            self._known.cover(each)

    def find(self, row: ListedRow) -> MaintenanceContract | None:
        """Return the contract of a reference."""
        return self._found.get(str(row.values.get("reference")))

    def said(self, thing: MaintenanceContract) -> Mapping[str, Any]:
        """Return a contract as plain values."""
        return papers.said(thing)

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a contract."""
        require(missing(CONTRACTS, values))
        made = papers.new_contract(values, self._known)
        sign(self.session, self.desk.signed, "contracts.create", papers.subject(made), after=values)
        self._known.cover(made)
        self._new.append(made)

    def update(self, thing: MaintenanceContract, values: Mapping[str, Any]) -> None:
        """Change a contract."""
        before = list(thing.sites)
        papers.update_contract(
            self.session, thing, values, signed=self.desk.signed, papers=self._known
        )
        if thing.sites != before:
            self._known.cover(thing, instead_of=before)

    def finish(self) -> None:
        """Insert what is new in two statements."""
        _insert(self, self._new, contract_sites, _CONTRACT)

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
        self._known = ReadPapers()
        self._found: dict[tuple[str, str], Authorisation] = {}
        self._new: list[Authorisation] = []

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read every authorisation, and the departments and sites that rows may name."""
        self._known.read_sites(self, rows)
        self._known.departments = set(self.session.scalars(select(Department.code)))
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
        require(missing(AUTHORISATIONS, values))
        made = papers.new_authorisation(values, self._known)
        subject = papers.subject(made)
        sign(self.session, self.desk.signed, "authorisations.create", subject, after=values)
        self._new.append(made)

    def update(self, thing: Authorisation, values: Mapping[str, Any]) -> None:
        """Change an authorisation."""
        papers.update_authorisation(
            self.session, thing, values, signed=self.desk.signed, papers=self._known
        )

    def finish(self) -> None:
        """Insert what is new in two statements."""
        _insert(self, self._new, authorisation_sites, _ORDER)

    def everything(self) -> Iterator[Authorisation]:
        """Give every authorisation, by department and number."""
        yield from self.session.scalars(
            select(Authorisation)
            .options(selectinload(Authorisation.sites))
            .order_by(Authorisation.department_code, Authorisation.act_number)
        )


class ReadPapers:
    """The sites that rows name, the departments, and which contracts cover each site."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self.departments: set[str] = set()
        self._sites: dict[str, Site] = {}
        self._covers: dict[int, list[MaintenanceContract]] = {}

    def read_sites(self, kind: Kind, rows: Sequence[ListedRow]) -> None:
        """Read the sites that rows name."""
        named = {each for row in rows for each in str(row.values.get("sites", "")).split()}
        for chunk in queries.chunks(named):
            found = kind.session.scalars(select(Site).where(Site.public_id.in_(chunk)))
            self._sites.update((site.public_id, site) for site in found)

    def cover(self, contract: MaintenanceContract, instead_of: Iterable[Site] = ()) -> None:
        """Know which sites a contract covers, and no longer those of before."""
        for site in instead_of:
            self._covers[site.id].remove(contract)
        for site in contract.sites:
            self._covers.setdefault(site.id, []).append(contract)

    def sites(self, listed: str) -> list[Site]:
        """Return the sites of a list of identifiers, all of them or none."""
        wanted = listed.split()
        require([Problem("site.unknown", "sites", x) for x in wanted if x not in self._sites])
        return [self._sites[each] for each in wanted]

    def is_department(self, code: str) -> bool:
        """Tell whether there is a department of that code."""
        return code in self.departments

    def is_taken(self, paper: MaintenanceContract | Authorisation) -> bool:  # noqa: ARG002
        """Tell that nobody else has its number: a row is found by it, and stands once."""
        return False

    def beside(self, contract: MaintenanceContract) -> Iterator[tuple[Site, MaintenanceContract]]:
        """Give the other contracts of each site that a contract covers."""
        for site in contract.sites:
            for other in self._covers.get(site.id, ()):
                if other is not contract:
                    yield site, other


def _insert(
    kind: Kind,
    made: Sequence[MaintenanceContract | Authorisation],
    cover: Table,
    name: str,
) -> None:
    kind.session.flush()
    if not made:
        return
    model = type(made[0])
    for paper, number in zip(made, next_ids(kind.session, model, len(made)), strict=True):
        paper.id = number
    add_rows(kind.session, model, [values_of(paper) for paper in made])
    covered = [{name: paper.id, "site_id": site.id} for paper in made for site in paper.sites]
    add_rows(kind.session, cover, covered)
