"""The API's maintenance contracts and authorisations."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.orm import Session

from registry.fleet.api.speaking import creating, updating, why
from registry.fleet.models import (
    Authorisation,
    AuthorisationKind,
    ContractCalendar,
    MaintenanceContract,
    Site,
    authorisation_sites,
    contract_sites,
)
from registry.fleet.service import (
    create_authorisation,
    create_contract,
    update_authorisation,
    update_contract,
)
from registry.territory.queries import communes_within
from registry.web.rest import (
    Code,
    Count,
    Day,
    Fields,
    Id,
    Place,
    Resource,
    Share,
    Text,
    WordOf,
    Writer,
    columns_of,
    rows_of,
)

MOST_CAMERAS = 10_000
SITES = {"description": "Public identifiers of the sites it covers, separated by spaces"}


class ContractChanged(Fields):
    """What may change of a maintenance contract."""

    reference = Text(60, least=1)
    contractor = Text(200, least=1)
    gti_hours = Count(10_000, allow_none=True)
    gtr_hours = Count(10_000, allow_none=True)
    calendar = WordOf(ContractCalendar)
    business_hours = Text(200)
    target_availability = Share(allow_none=True)
    exclusions = Text(200)
    starts_on = Day()
    ends_on = Day(allow_none=True)
    sites = Text(4_000, metadata=SITES)
    why = why()


class ContractGiven(ContractChanged):
    """A maintenance contract to add."""

    reference = Text(60, least=1, required=True)
    contractor = Text(200, least=1, required=True)
    starts_on = Day(required=True)


class ContractShown(Fields):
    """What a contractor owes to some sites."""

    id = Id(dump_only=True)
    reference = Text(60)
    contractor = Text(200)
    gti_hours = Count(10_000, allow_none=True)
    gtr_hours = Count(10_000, allow_none=True)
    calendar = WordOf(ContractCalendar)
    business_hours = Text(200)
    target_availability = Share(allow_none=True)
    exclusions = Text(200)
    starts_on = Day()
    ends_on = Day(allow_none=True)
    sites = Text(1_000_000, metadata=SITES)


class AuthorisationChanged(Fields):
    """What may change of an authorisation."""

    department_code = Code(3, least=2)
    act_number = Text(60, least=1)
    kind = WordOf(AuthorisationKind)
    decided_on = Day()
    expires_on = Day()
    renewal_filed_on = Day(allow_none=True)
    public_road_cameras = Count(MOST_CAMERAS)
    exterior_cameras = Count(MOST_CAMERAS)
    interior_cameras = Count(MOST_CAMERAS)
    retention_days = Count(3_650, allow_none=True)
    purposes = Text(400)
    holder = Text(200)
    sites = Text(4_000, metadata=SITES)
    why = why()


class AuthorisationGiven(AuthorisationChanged):
    """An authorisation to add."""

    department_code = Code(3, least=2, required=True)
    act_number = Text(60, least=1, required=True)
    decided_on = Day(required=True)
    expires_on = Day(required=True)


class AuthorisationShown(Fields):
    """A prefect's order that lets a body film, until it expires."""

    id = Id(dump_only=True)
    department_code = Code(3)
    act_number = Text(60)
    kind = WordOf(AuthorisationKind)
    decided_on = Day()
    expires_on = Day()
    renewal_filed_on = Day(allow_none=True)
    public_road_cameras = Count()
    exterior_cameras = Count()
    interior_cameras = Count()
    retention_days = Count(allow_none=True)
    purposes = Text(400)
    holder = Text(200)
    sites = Text(1_000_000, metadata=SITES)


def _covered(links: Table, paper: str, model: Any) -> Any:  # noqa: ANN401 - a column without a name
    named = select(func.aggregate_strings(Site.public_id, " "))
    named = named.select_from(links.join(Site.__table__)).where(links.c[paper] == model.id)
    return func.coalesce(named.correlate(model).scalar_subquery(), "")


def _place(links: Table, paper: str, model: Any) -> Place:  # noqa: ANN401 - any of the papers
    def inside(communes: Select[str]) -> ColumnElement[bool]:
        covered = select(links.c[paper]).join(Site, Site.id == links.c.site_id)
        inside: ColumnElement[bool] = model.id.in_(covered.where(Site.insee.in_(communes)))
        return inside

    return Place(inside, communes_within, _of)


def _of(session: Session, values: Mapping[str, Any]) -> frozenset[str]:
    named = str(values.get("sites", "")).split()
    return frozenset(session.scalars(select(Site.insee).where(Site.public_id.in_(named))))


CONTRACTS = Resource(
    name="contracts",
    title="Maintenance contracts",
    model=MaintenanceContract,
    shown=ContractShown,
    columns=columns_of(
        ContractShown,
        MaintenanceContract,
        sites=_covered(contract_sites, "contract_id", MaintenanceContract),
    ),
    source=rows_of(MaintenanceContract),
    reads="sites.read",
    writes="fleet.edit",
    given=ContractGiven,
    changed=ContractChanged,
    writer=Writer(creating(create_contract), updating(update_contract)),
    place=_place(contract_sites, "contract_id", MaintenanceContract),
)
AUTHORISATIONS = Resource(
    name="authorisations",
    title="Authorisations",
    model=Authorisation,
    shown=AuthorisationShown,
    columns=columns_of(
        AuthorisationShown,
        Authorisation,
        sites=_covered(authorisation_sites, "authorisation_id", Authorisation),
    ),
    source=rows_of(Authorisation),
    reads="sites.read",
    writes="fleet.edit",
    given=AuthorisationGiven,
    changed=AuthorisationChanged,
    writer=Writer(creating(create_authorisation), updating(update_authorisation)),
    place=_place(authorisation_sites, "authorisation_id", Authorisation),
)
