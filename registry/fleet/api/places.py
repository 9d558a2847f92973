"""The API's sites."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from registry.fleet.api.speaking import creating, updating, why
from registry.fleet.models import Site, SiteKind
from registry.fleet.service import create_site, update_site
from registry.territory.queries import communes_within
from registry.web.rest import (
    Code,
    Day,
    Fields,
    Id,
    Number,
    Place,
    Resource,
    Text,
    WordOf,
    Writer,
    columns_of,
    rows_of,
)

PORT = (1, 65_535)


class SiteShown(Fields):
    """A place with cameras, in one commune."""

    id = Id(dump_only=True)
    public_id = Text(12, metadata={"description": "Given once, never changed"})
    insee = Code(5)
    kind = WordOf(SiteKind)
    name = Text(120)
    address = Text(200)
    uic = Code(8)
    uai = Code(8)
    zone = Text(40)
    networks = Text(400)
    gateway_host = Text(253)
    gateway_port = Number(*PORT)
    owner = Text(200)
    operator = Text(200)


class SiteChanged(Fields):
    """What may change of a site."""

    insee = Code(5, least=5)
    kind = WordOf(SiteKind)
    name = Text(120, least=1)
    address = Text(200)
    uic = Code(8)
    uai = Code(8)
    zone = Text(40, least=1)
    networks = Text(400)
    gateway_host = Text(253)
    gateway_port = Number(*PORT)
    power_hours = Text(200, metadata={"description": "Such as mon-fri 17:00-07:00; empty: always"})
    power_from_on = Day(metadata={"description": "The first day of these hours"})
    owner = Text(200)
    operator = Text(200)
    why = why()


class SiteGiven(SiteChanged):
    """A site to add."""

    insee = Code(5, least=5, required=True)
    kind = WordOf(SiteKind, required=True)
    name = Text(120, least=1, required=True)


def _of(_session: Session, values: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({str(values.get("insee"))})


SITES = Resource(
    name="sites",
    title="Sites",
    model=Site,
    shown=SiteShown,
    columns=columns_of(SiteShown, Site),
    source=rows_of(Site),
    reads="sites.read",
    writes="fleet.edit",
    given=SiteGiven,
    changed=SiteChanged,
    writer=Writer(creating(create_site, reaching=True), updating(update_site, reaching=True)),
    place=Place(Site.insee.in_, communes_within, _of),
    sorts=("public_id",),
)
