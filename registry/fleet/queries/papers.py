"""Answers which papers cover which sites, and how near the end of each is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry.fleet.models import (
    Authorisation,
    MaintenanceContract,
    PowerHours,
    Site,
    authorisation_sites,
    contract_sites,
)
from registry.fleet.queries.register import power_hours
from registry.fleet.rules.papers import Expiry, expiries, expiry


def contracts_of_site(session: Session, site_id: int) -> Sequence[MaintenanceContract]:
    """Return the maintenance contracts that ever covered a site, oldest first."""
    return session.scalars(
        select(MaintenanceContract)
        .where(MaintenanceContract.sites.any(Site.id == site_id))
        .order_by(MaintenanceContract.starts_on)
    ).all()


def authorisations_of_site(session: Session, site_id: int) -> Sequence[Authorisation]:
    """Return the authorisations that ever covered a site, oldest first."""
    return session.scalars(
        select(Authorisation)
        .where(Authorisation.sites.any(Site.id == site_id))
        .order_by(Authorisation.decided_on)
    ).all()


@dataclass(frozen=True, slots=True)
class Papers:
    """
    What covers a site, the newest first, each with how near its end is.

    `power` are the weekly hours that the site was ever fed in; none means always.
    """

    contracts: Sequence[tuple[MaintenanceContract, Expiry]]
    authorisations: Sequence[tuple[Authorisation, Expiry]]
    power: Sequence[PowerHours]


def papers_of_site(session: Session, site_id: int, *, today: date) -> Papers:
    """Read the papers of a site and its hours of power, in three SELECTs."""
    contracts = contracts_of_site(session, site_id)
    orders = authorisations_of_site(session, site_id)
    # A contract ends the day before its `ends_on`, an order on its last day.
    lasting = [
        (each.starts_on, each.ends_on - timedelta(days=1) if each.ends_on else None)
        for each in contracts
    ]
    contracts_due = expiries(lasting, today=today)
    orders_due = expiries([(each.decided_on, each.expires_on) for each in orders], today=today)
    return Papers(
        contracts=list(zip(contracts, contracts_due, strict=True))[::-1],
        authorisations=list(zip(orders, orders_due, strict=True))[::-1],
        power=power_hours(session, [site_id]).get(site_id, [])[::-1],
    )


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper that covers sites, and how its list is read."""

    model: Any
    links: Table
    key: str
    first: Any
    end: Any
    searched: tuple[Any, ...]
    orders: Mapping[str, Any]
    # A contract ends the day before its `ends_on`, an order on its last day.
    ends_before: bool = False

    @property
    def sites(self) -> Any:  # noqa: ANN401 - a column without a name
        """How many sites a paper covers."""
        counted = select(func.count()).where(self.links.c[self.key] == self.model.id)
        return counted.correlate(self.model).scalar_subquery()

    @property
    def followed(self) -> ColumnElement[bool]:
        """Whether at each site of a paper another one lasts longer."""
        mine, other, later = self.links.alias(), self.links.alias(), aliased(self.model)
        longer = (
            select(other.c.site_id)
            .join(later, later.id == other.c[self.key])
            .where(other.c.site_id == mine.c.site_id, self._end(later) > self._end(self.model))
            .correlate(mine, self.model)
        )
        here = mine.c[self.key] == self.model.id
        return exists().where(here) & ~exists().where(here, ~longer.exists())

    def last_day(self, paper: Any) -> date | None:  # noqa: ANN401 - one of its model
        """Return the last day of a paper, none where it has no end."""
        end: date | None = getattr(paper, self.end.key)
        return end - timedelta(days=1) if end and self.ends_before else end

    def _end(self, model: Any) -> Any:  # noqa: ANN401 - a column without a name
        return func.coalesce(getattr(model, self.end.key), date.max)


CONTRACTS = PaperKind(
    MaintenanceContract,
    contract_sites,
    "contract_id",
    MaintenanceContract.starts_on,
    MaintenanceContract.ends_on,
    (MaintenanceContract.reference, MaintenanceContract.contractor),
    {
        "reference": MaintenanceContract.reference,
        "begins": MaintenanceContract.starts_on,
        "ends": func.coalesce(MaintenanceContract.ends_on, date.max),
    },
    ends_before=True,
)
AUTHORISATIONS = PaperKind(
    Authorisation,
    authorisation_sites,
    "authorisation_id",
    Authorisation.decided_on,
    Authorisation.expires_on,
    (Authorisation.act_number, Authorisation.holder, Authorisation.department_code),
    {
        "number": Authorisation.act_number,
        "begins": Authorisation.decided_on,
        "ends": Authorisation.expires_on,
    },
)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper in a list: how many sites it covers, and how near its end is."""

    paper: Any
    sites: int
    expiry: Expiry


def count_papers(session: Session, kind: PaperKind, typed: str, *, every: bool) -> int:
    """Count the papers whose words hold what was typed; without `every`, the last ones only."""
    chosen = select(func.count()).select_from(kind.model).where(*_listed(kind, typed, every=every))
    return session.scalar(chosen) or 0


def paper_lines(  # noqa: PLR0913 - which papers, in which order, from where on
    session: Session,
    kind: PaperKind,
    typed: str,
    *,
    every: bool,
    order: str,
    descending: bool,
    first: int,
    most: int,
    today: date,
) -> list[PaperLine]:
    """Read one page of a list of papers in one SELECT."""
    column = kind.orders[order]
    found = session.execute(
        select(kind.model, kind.sites, kind.followed)
        .where(*_listed(kind, typed, every=every))
        .order_by(column.desc() if descending else column, kind.model.id)
        .offset(first)
        .limit(most)
    )
    return [
        PaperLine(paper, sites, _expiry(kind, paper, followed=followed, today=today))
        for paper, sites, followed in found
    ]


def papers_due(session: Session, kind: PaperKind, *, today: date) -> Counter[Expiry]:
    """Count by how near their end is the papers that nothing follows."""
    rows = session.scalars(select(kind.end).where(~kind.followed, kind.first <= today))
    day = timedelta(days=1 if kind.ends_before else 0)
    return Counter(expiry(end - day if end else None, today=today) for end in rows)


def _listed(kind: PaperKind, typed: str, *, every: bool) -> list[ColumnElement[bool]]:
    conditions = [] if every else [~kind.followed]
    if typed:
        held = [each.icontains(typed, autoescape=True) for each in kind.searched]
        conditions.append(or_(*held))
    return conditions


def _expiry(kind: PaperKind, paper: Any, *, followed: bool, today: date) -> Expiry:  # noqa: ANN401
    if getattr(paper, kind.first.key) > today:
        return Expiry.AHEAD
    return Expiry.FOLLOWED if followed else expiry(kind.last_day(paper), today=today)
