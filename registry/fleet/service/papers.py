"""Adds maintenance contracts and authorisations and changes them, with the sites they cover."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Problem
from registry.fleet.models import (
    Authorisation,
    AuthorisationKind,
    ContractCalendar,
    MaintenanceContract,
    Site,
)
from registry.fleet.rules.papers import latest_expiry, overlap
from registry.fleet.rules.tables import AUTHORISATIONS, CONTRACTS, Table
from registry.fleet.service.edits import ask_reason, days, read_values, require
from registry.fleet.service.sites import sites_by_public_id
from registry.journal import sign
from registry.signature import Signature
from registry.territory.models import Department

Paper = TypeVar("Paper", MaintenanceContract, Authorisation)
_WORDS = {"kind": AuthorisationKind, "calendar": ContractCalendar}
# What two papers of one site meet by.
_COVER = {"sites", "starts_on", "ends_on"}


class Papers(Protocol):
    """What is asked of the register before a paper is added or changed."""

    def sites(self, listed: str) -> list[Site]:
        """
        Return the sites of a list of identifiers.

        Raises:
            Invalid: One of them is nobody's.
        """

    def is_department(self, code: str) -> bool:
        """Tell whether there is a department of that code."""

    def is_taken(self, paper: MaintenanceContract | Authorisation) -> bool:
        """Tell whether another paper has the reference or number of this one."""

    def beside(self, contract: MaintenanceContract) -> Iterable[tuple[Site, MaintenanceContract]]:
        """Give the other contracts of each site that a contract covers."""


class AskedPapers:
    """Asks the database each time, as for one paper by hand."""

    def __init__(self, session: Session) -> None:
        """Take the session that is asked."""
        self._session = session

    def sites(self, listed: str) -> list[Site]:
        """Return the sites of a list of identifiers, all of them or none."""
        return sites_by_public_id(self._session, listed)

    def is_department(self, code: str) -> bool:
        """Tell whether there is a department of that code."""
        return self._session.get(Department, code) is not None

    def is_taken(self, paper: MaintenanceContract | Authorisation) -> bool:
        """Tell whether another paper has the reference or number of this one."""
        if isinstance(paper, MaintenanceContract):
            contracts = select(MaintenanceContract).filter_by(reference=paper.reference)
            return any(each is not paper for each in self._session.scalars(contracts))
        orders = select(Authorisation).filter_by(
            department_code=paper.department_code, act_number=paper.act_number
        )
        return any(each is not paper for each in self._session.scalars(orders))

    def beside(self, contract: MaintenanceContract) -> Iterator[tuple[Site, MaintenanceContract]]:
        """Give the other contracts of each site that a contract covers."""
        for site in contract.sites:
            others = select(MaintenanceContract).where(MaintenanceContract.sites.contains(site))
            for other in self._session.scalars(others):
                if other is not contract:
                    yield site, other


Check = Callable[[Papers, Paper], list[Problem]]


def create_contract(
    session: Session, values: Mapping[str, Any], *, signed: Signature
) -> MaintenanceContract:
    """
    Add a maintenance contract.

    Raises:
        Invalid: With every wrong field; a site may be covered by another in that time.
    """
    read = read_values(CONTRACTS, values, complete=True)
    with session.no_autoflush:
        contract = new_contract(read, AskedPapers(session))
    return _add(session, contract, CONTRACTS, read, signed)


def new_contract(read: Mapping[str, Any], papers: Papers) -> MaintenanceContract:
    """
    Return a contract that may be added, not added yet.

    Raises:
        Invalid: With everything that cannot be.
    """
    return _new(MaintenanceContract(), read, papers, _contract_problems)


def update_contract(
    session: Session,
    contract: MaintenanceContract,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    papers: Papers | None = None,
) -> bool:
    """
    Change a maintenance contract and journal it; tell whether anything changed.

    Raises:
        Invalid: With every wrong field, or for want of a reason.
    """
    return _update(session, contract, CONTRACTS, values, signed, _contract_problems, papers)


def create_authorisation(
    session: Session, values: Mapping[str, Any], *, signed: Signature
) -> Authorisation:
    """
    Add a prefectoral authorisation.

    Raises:
        Invalid: With every wrong field; it may last longer than the law allows.
    """
    read = read_values(AUTHORISATIONS, values, complete=True)
    with session.no_autoflush:
        order = new_authorisation(read, AskedPapers(session))
    return _add(session, order, AUTHORISATIONS, read, signed)


def new_authorisation(read: Mapping[str, Any], papers: Papers) -> Authorisation:
    """
    Return an authorisation that may be added, not added yet.

    Raises:
        Invalid: With everything that cannot be.
    """
    return _new(Authorisation(), read, papers, _authorisation_problems)


def update_authorisation(
    session: Session,
    authorisation: Authorisation,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    papers: Papers | None = None,
) -> bool:
    """
    Change an authorisation and journal it; tell whether anything changed.

    Raises:
        Invalid: With every wrong field, or for want of a reason.
    """
    return _update(
        session, authorisation, AUTHORISATIONS, values, signed, _authorisation_problems, papers
    )


def said(paper: MaintenanceContract | Authorisation) -> dict[str, Any]:
    """Return a paper as plain values, by the columns of its table."""
    table = CONTRACTS if isinstance(paper, MaintenanceContract) else AUTHORISATIONS
    sites = " ".join(sorted(site.public_id for site in paper.sites))
    return {**{key: getattr(paper, key) for key in table.by_key}, "sites": sites}


def subject(paper: MaintenanceContract | Authorisation) -> str:
    """Return what the journal calls a paper."""
    if isinstance(paper, MaintenanceContract):
        return f"contract:{paper.reference}"
    return f"authorisation:{paper.department_code}/{paper.act_number}"


def _new(paper: Paper, read: Mapping[str, Any], papers: Papers, check: Check[Paper]) -> Paper:
    _set(papers, paper, read)
    require(check(papers, paper))
    return paper


def _add(
    session: Session, paper: Paper, table: Table, read: Mapping[str, Any], signed: Signature
) -> Paper:
    session.add(paper)
    session.flush()
    sign(session, signed, f"{table.key}.create", subject(paper), after=read)
    return paper


def _update(  # noqa: PLR0913, PLR0917 - one paper, its table and its rules, and who changes it
    session: Session,
    paper: Paper,
    table: Table,
    values: Mapping[str, Any],
    signed: Signature,
    check: Check[Paper],
    papers: Papers | None,
) -> bool:
    read = read_values(table, values, complete=False)
    before = said(paper)
    changes = {key: value for key, value in read.items() if before[key] != value}
    if not changes:
        return False
    ask_reason(table, changes, signed)
    if "sites" in changes:
        # What it covers no longer leaves first: the days of what stays may then grow.
        kept = set(changes["sites"].split())
        paper.sites = [site for site in paper.sites if site.public_id in kept]
        session.flush()
    known = papers or AskedPapers(session)
    with session.no_autoflush:
        _set(known, paper, changes)
        require(check(known, paper))
    if papers is None or changes.keys() & _COVER:
        session.flush()
    was = {key: before[key] for key in changes}
    sign(session, signed, f"{table.key}.edit", subject(paper), before=was, after=changes)
    return True


def _set(papers: Papers, paper: Paper, read: Mapping[str, Any]) -> None:
    for key, value in read.items():
        if key == "sites":
            paper.sites = papers.sites(value)
        else:
            setattr(paper, key, _WORDS[key](value) if key in _WORDS else value)


def _none_of_it(paper: MaintenanceContract | Authorisation, *names: str) -> list[Problem]:
    """Refuse a delay or a length of nothing: where none is fixed, the field is empty."""
    return [Problem("count.some", each, "0") for each in names if getattr(paper, each) == 0]


def _contract_problems(papers: Papers, contract: MaintenanceContract) -> list[Problem]:
    problems = _none_of_it(contract, "gti_hours", "gtr_hours")
    span = (contract.starts_on, contract.ends_on)
    if contract.ends_on is not None and contract.ends_on <= contract.starts_on:
        first = {"first": f"{contract.starts_on:%d/%m/%Y}"}
        problems.append(Problem("span.order", "ends_on", f"{contract.ends_on:%d/%m/%Y}", first))
    if papers.is_taken(contract):
        problems.append(Problem("contract.twice", "reference", contract.reference))
    for site, other in papers.beside(contract):
        if not overlap(span, (other.starts_on, other.ends_on)):
            continue
        place = {
            "first": days(*span),
            "site": site.public_id,
            "other": other.reference,
            "second": days(other.starts_on, other.ends_on),
        }
        problems.append(Problem("contract.overlap", "sites", contract.reference, place))
    return problems


def _authorisation_problems(papers: Papers, paper: Authorisation) -> list[Problem]:
    problems = _none_of_it(paper, "retention_days")
    if not papers.is_department(paper.department_code):
        where, value = "department_code", paper.department_code
        problems.append(Problem("department.unknown", where, value))
    if papers.is_taken(paper):
        problems.append(Problem("authorisation.twice", "act_number", paper.act_number))
    expires = f"{paper.expires_on:%d/%m/%Y}"
    latest = latest_expiry(paper.kind or AuthorisationKind.PERMANENT, paper.decided_on)
    if paper.expires_on <= paper.decided_on:
        first = {"first": f"{paper.decided_on:%d/%m/%Y}"}
        problems.append(Problem("span.order", "expires_on", expires, first))
    elif paper.expires_on > latest:
        said_latest = {"latest": f"{latest:%d/%m/%Y}"}
        problems.append(Problem("authorisation.long", "expires_on", expires, said_latest))
    return problems
