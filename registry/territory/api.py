"""The API's places: communes, departments, groupings of communes; read, never written."""

from functools import cache

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.territory.models import Commune, Department, Epci
from registry.territory.queries import communes_within
from registry.web.rest import (
    Code,
    Count,
    Fields,
    Number,
    Place,
    Resource,
    Text,
    columns_of,
    mount,
    rows_of,
)

YEARS = (1900, 2200)


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of the territory."""
    return (mount(COMMUNES), mount(DEPARTMENTS), mount(GROUPINGS))


class CommuneShown(Fields):
    """A commune of today, by its INSEE code."""

    insee = Code(5)
    name = Text(120)
    department_code = Code(3)
    epci_siren = Code(9, allow_none=True)
    population = Count(100_000_000, allow_none=True)
    population_year = Number(*YEARS, allow_none=True)


class DepartmentShown(Fields):
    """A department, by its INSEE code."""

    code = Code(3)
    name = Text(80)
    region_code = Code(3)


class GroupingShown(Fields):
    """A grouping of communes, by its SIREN."""

    siren = Code(9)
    name = Text(200)


COMMUNES = Resource(
    name="communes",
    title="Communes",
    model=Commune,
    key="insee",
    shown=CommuneShown,
    columns=columns_of(CommuneShown, Commune),
    source=rows_of(Commune),
    reads="sites.read",
    place=Place(Commune.insee.in_, communes_within),
)
DEPARTMENTS = Resource(
    name="departments",
    title="Departments",
    model=Department,
    key="code",
    shown=DepartmentShown,
    columns=columns_of(DepartmentShown, Department),
    source=rows_of(Department),
    reads="sites.read",
)
GROUPINGS = Resource(
    name="epcis",
    title="Groupings of communes",
    model=Epci,
    key="siren",
    shown=GroupingShown,
    columns=columns_of(GroupingShown, Epci),
    source=rows_of(Epci),
    reads="sites.read",
)
