"""Sites, as sheets list them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from registry.bulk import add_rows, next_ids, values_of
from registry.fleet.models import PowerHours, Site
from registry.fleet.rules.listed import ListedRow
from registry.fleet.rules.tables import SITES
from registry.fleet.service import sites
from registry.fleet.service.edits import missing, require
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.journal import sign
from registry.territory import queries as territory
from registry.territory.models import Commune
from registry.territory.rules import normalise


class SiteKind(Kind):
    """Sites, found by their identifier, or by commune, kind and name."""

    table = SITES

    def __init__(self, desk: Desk) -> None:
        """Start with nothing read."""
        super().__init__(desk)
        self._known = ReadSites()
        self._new: list[Site] = []

    def prepare(self, rows: Sequence[ListedRow]) -> None:
        """Read every site, and the communes of the rows."""
        codes = {str(row.values["insee"]) for row in rows if "insee" in row.values}
        for site in self.everything():
            self._known.take(site)
            codes.add(site.insee)
        self._known.communes = territory.communes_by_code(self.session, codes)

    def meant(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a former INSEE code to the commune of today."""
        commune = self._known.commune(values.get("insee", ""))
        if commune is None or commune.insee == values["insee"]:
            return values
        return {**values, "insee": commune.insee}

    def key(self, row: ListedRow) -> Hashable:
        """Return a site's identifier, or what it is known by without one."""
        said = row.values
        if "public_id" in said:
            return str(said["public_id"])
        place = said.get("insee"), said.get("kind"), normalise(said.get("name", ""))
        return place if all(place) else None

    def find(self, row: ListedRow) -> Site | None:
        """Return the site that a row is about."""
        return self._known.found.get(self.key(row))

    def said(self, thing: Site) -> Mapping[str, Any]:
        """Return a site as plain values; of its power hours those in force."""
        force = thing.power_hours[-1] if thing.power_hours else None
        fed = force if force and force.until_on is None else None
        power = {
            "power_hours": fed.hours if fed else "",
            "power_from_on": fed.from_on if fed else None,
        }
        return {key: getattr(thing, key, None) for key in SITES.by_key} | power

    def create(self, values: Mapping[str, Any]) -> None:
        """Add a site, with the hours in which it is fed."""
        require(missing(SITES, values))
        signed = self.desk.signed
        power = {key: values[key] for key in sites.POWER_KEYS & values.keys()}
        read = {key: value for key, value in values.items() if key not in power}
        made = sites.new_site(self.session, read, self._known, self.desk.zones)
        sign(self.session, signed, "sites.create", f"site:{made.public_id}", after=read)
        sites.feed(self.session, made, power, signed)
        self._known.take(made)
        self._new.append(made)

    def update(self, thing: Site, values: Mapping[str, Any]) -> None:
        """Change a site."""
        sites.update_site(
            self.session,
            thing,
            values,
            signed=self.desk.signed,
            zones=self.desk.zones,
            sites=self._known,
        )
        self._known.take(thing)

    def finish(self) -> None:
        """Insert what is new in two statements."""
        self.session.flush()
        if not self._new:
            return
        ids = next_ids(self.session, Site, len(self._new))
        for site, number in zip(self._new, ids, strict=True):
            site.id = number
        add_rows(self.session, Site, [values_of(site) for site in self._new])
        hours = [
            {**values_of(each), "site_id": site.id}
            for site in self._new
            for each in site.power_hours
        ]
        add_rows(self.session, PowerHours, hours)

    def everything(self) -> Iterator[Site]:
        """Give every site, by identifier."""
        yield from self.session.scalars(
            select(Site).options(selectinload(Site.power_hours)).order_by(Site.public_id)
        )


class ReadSites:
    """Every site by all that it is known by, and the communes that rows name."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self.communes: Mapping[str, Commune] = {}
        self.found: dict[Hashable, Site] = {}
        self._last: dict[str, int] = {}

    def take(self, site: Site) -> None:
        """Know a site, by its identifier and by its place."""
        self.found[site.public_id] = site
        self.found[site.insee, str(site.kind), site.normalised_name] = site
        insee, _, number = site.public_id.rpartition("-")
        self._last[insee] = max(int(number), self._last.get(insee, 0))

    def commune(self, code: str) -> Commune | None:
        """Return the commune of today that a code leads to."""
        return self.communes.get(code)

    def at(self, place: sites.SiteKey) -> str | None:
        """Return the identifier of the site that is known by a place."""
        site = self.found.get(place)
        here = site and (site.insee, str(site.kind), site.normalised_name) == place
        return site.public_id if site and here else None

    def is_given(self, public_id: str) -> bool:
        """Tell whether an identifier is somebody's."""
        return public_id in self.found

    def next_public_id(self, insee: str) -> str:
        """Return the next identifier of a commune's sites, above all those ever given."""
        return f"{insee}-{self._last.get(insee, 0) + 1:02d}"
