"""Adds sites, changes them, and sets the hours in which their cameras are fed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.clock import paris_day
from registry.errors import Invalid, Problem
from registry.fleet.models import Camera, PowerHours, Site, SiteKind
from registry.fleet.rules.reach import LOCAL, Zones, stray_networks
from registry.fleet.rules.tables import SITES
from registry.fleet.service.edits import ANYWHERE, amend, ask_reason, read_values, require
from registry.journal import sign
from registry.signature import Signature
from registry.territory import queries as territory
from registry.territory.models import Commune
from registry.territory.rules import normalise

POWER_KEYS = frozenset({"power_hours", "power_from_on"})
# Commune, kind and normalised name: what a site is known by without its identifier.
SiteKey = tuple[str, str, str]


class Sites(Protocol):
    """What is asked of the register before a site is added or moved."""

    def commune(self, code: str) -> Commune | None:
        """Return the commune of today that a code leads to."""

    def at(self, place: SiteKey) -> str | None:
        """Return the identifier of the site that is known by a place."""

    def is_given(self, public_id: str) -> bool:
        """Tell whether an identifier is somebody's."""

    def next_public_id(self, insee: str) -> str:
        """Return the next identifier of a commune's sites, above all those ever given."""


class AskedSites:
    """Asks the database each time, as for one site by hand."""

    def __init__(self, session: Session) -> None:
        """Take the session that is asked."""
        self._session = session

    def commune(self, code: str) -> Commune | None:
        """Return the commune of today that a code leads to."""
        return territory.communes_by_code(self._session, [code]).get(code)

    def at(self, place: SiteKey) -> str | None:
        """Return the identifier of the site that is known by a place."""
        known = dict(zip(("insee", "kind", "normalised_name"), place, strict=True))
        return self._session.scalar(select(Site.public_id).filter_by(**known))

    def is_given(self, public_id: str) -> bool:
        """Tell whether an identifier is somebody's."""
        return self._session.scalar(select(Site.id).filter_by(public_id=public_id)) is not None

    def next_public_id(self, insee: str) -> str:
        """Return the next identifier of a commune's sites, above all those ever given."""
        return next_public_id(self._session, insee)


def create_site(
    session: Session,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    zones: Zones = ANYWHERE,
) -> Site:
    """
    Add a site; its public identifier is given here, once.

    One that comes with the site, from another register, is kept if it is free here.

    Raises:
        Invalid: With every wrong field; a site of that commune, kind and name may be there.
    """
    read = read_values(SITES, values, zones=zones, complete=True)
    power = {key: read.pop(key) for key in POWER_KEYS & read.keys()}
    site = new_site(session, read, AskedSites(session), zones)
    session.add(site)
    session.flush()
    sign(session, signed, "sites.create", f"site:{site.public_id}", after=read)
    feed(session, site, power, signed)
    return site


def new_site(session: Session, read: dict[str, Any], sites: Sites, zones: Zones) -> Site:
    """
    Return a site that may be added, not added yet; `read` becomes what is kept of it.

    Raises:
        Invalid: An unknown commune, a twin, networks outside the zone, or an identifier
            that is taken or another commune's.
    """
    given = read.pop("public_id", "")
    _settle(session, read, sites)
    _refuse_twin(read, sites)
    _refuse_stray(read.get("zone", LOCAL), read.get("networks", ""), zones)
    return Site(public_id=_free_public_id(read["insee"], given, sites), **read)


def update_site(  # noqa: PLR0913 - a site, its values, who changes it, and what is known
    session: Session,
    site: Site,
    values: Mapping[str, Any],
    *,
    signed: Signature,
    zones: Zones = ANYWHERE,
    sites: Sites | None = None,
) -> bool:
    """
    Change a site and journal it; tell whether anything changed.

    The public identifier stays, even when the site turns out to stand elsewhere.

    Raises:
        Invalid: With every wrong field, or for want of a reason.
    """
    read = read_values(SITES, values, zones=zones, complete=False)
    read.pop("public_id", None)
    power = {key: read.pop(key) for key in POWER_KEYS & read.keys()}
    if read.keys() & {"insee", "kind", "name"}:
        read = {"insee": site.insee, "kind": site.kind, "name": site.name, **read}
        known = sites or AskedSites(session)
        _settle(session, read, known)
        _refuse_twin(read, known, apart_from=site)
    if read.keys() & {"zone", "networks"}:
        _refuse_stray(read.get("zone", site.zone), read.get("networks", site.networks), zones)
    reach = _reach(site)
    identity = {key: value for key, value in read.items() if key != "normalised_name"}
    changed = amend(
        session, site, identity, table=SITES, subject=f"site:{site.public_id}", signed=signed
    )
    site.normalised_name = read.get("normalised_name", site.normalised_name)
    if _reach(site) != reach:
        # The monitor reads cameras that moved: theirs is the way to them.
        session.execute(
            update(Camera).where(Camera.site_id == site.id).values(changed_at=signed.at)
        )
    return feed(session, site, power, signed) or changed


def _reach(site: Site) -> tuple[object, ...]:
    return site.gateway_host, site.gateway_port, site.zone, site.networks


def _refuse_stray(zone: str, networks: str, zones: Zones) -> None:
    require(
        [
            Problem(each.code, each.field, each.value, each.parameters)
            for each in stray_networks(zone, networks, zones)
        ]
    )


def _settle(session: Session, read: dict[str, Any], sites: Sites) -> None:
    """Follow a former code to the commune of today, and name the site for comparison."""
    commune = sites.commune(read["insee"])
    if commune is None:
        near = territory.nearest(session, read["insee"])
        hint = {"near": f"{near.insee} {near.name}" if near else ""}
        raise Invalid([Problem("insee.unknown", "insee", read["insee"], hint)])
    read["insee"] = commune.insee
    read["kind"] = SiteKind(read["kind"])
    read["normalised_name"] = normalise(read["name"])


def _refuse_twin(read: Mapping[str, Any], sites: Sites, apart_from: Site | None = None) -> None:
    twin = sites.at((read["insee"], str(read["kind"]), read["normalised_name"]))
    if twin is not None and (apart_from is None or twin != apart_from.public_id):
        raise Invalid([Problem("site.twice", "name", read["name"], {"known": twin})])


def next_public_id(session: Session, insee: str) -> str:
    """Return the next identifier of a commune's sites, above all those ever given."""
    given = session.scalars(select(Site.public_id).where(Site.public_id.startswith(f"{insee}-")))
    last = max((int(each.rpartition("-")[2]) for each in given), default=0)
    return f"{insee}-{last + 1:02d}"


def _free_public_id(insee: str, given: str, sites: Sites) -> str:
    if not given:
        return sites.next_public_id(insee)
    if sites.is_given(given):
        raise Invalid([Problem("site.twice", "public_id", given, {"known": given})])
    if not given.startswith(f"{insee}-"):
        raise Invalid([Problem("site.elsewhere", "public_id", given, {"insee": insee})])
    return given


def sites_by_public_id(session: Session, listed: str, field: str = "sites") -> list[Site]:
    """
    Return the sites of a list of identifiers, in their order.

    Raises:
        Invalid: One of them is nobody's.
    """
    wanted = listed.split()
    found = {
        site.public_id: site
        for site in session.scalars(select(Site).where(Site.public_id.in_(wanted)))
    }
    missing: Iterable[str] = (each for each in wanted if each not in found)
    require([Problem("site.unknown", field, each) for each in missing])
    return [found[each] for each in wanted]


def feed(session: Session, site: Site, power: Mapping[str, Any], signed: Signature) -> bool:
    """Put the hours in force that a site comes with, from their day or today; tell if any did."""
    if "power_hours" not in power:
        return False
    from_on = power.get("power_from_on") or paris_day(signed.at)
    return set_power_hours(session, site, power["power_hours"], from_on=from_on, signed=signed)


def set_power_hours(
    session: Session, site: Site, hours: str, *, from_on: date, signed: Signature
) -> bool:
    """
    Put weekly hours in force from a day; empty ones say that the site is always fed.

    What was in force before that day stays so; what began later gives way. Tell
    whether anything changed.

    Raises:
        Invalid: No reason is given: the past may be counted anew.
    """
    standing = list(site.power_hours)
    if _says(standing, hours, from_on):
        return False
    ask_reason(SITES, {"power_hours": hours}, signed)
    before = [f"{each.hours} {each.from_on} {each.until_on or ''}" for each in standing]
    for each in standing:
        if each.from_on >= from_on:
            site.power_hours.remove(each)
            session.delete(each)
        elif each.until_on is None or each.until_on > from_on:
            each.until_on = from_on
    if standing:
        # What gives way does so before what comes: a site has one set of hours a day.
        session.flush()
    if hours:
        site.power_hours.append(PowerHours(hours=hours, from_on=from_on))
    tell_power(session, site, signed, before=before, hours=hours, from_on=from_on)
    return True


def tell_power(  # noqa: PLR0913 - a site, who feeds it, and both sides of the change
    session: Session, site: Site, signed: Signature, *, before: list[str], hours: str, from_on: date
) -> None:
    """Keep in the journal in which hours a site is fed, and was."""
    sign(
        session,
        signed,
        "sites.power",
        f"site:{site.public_id}",
        before={"power_hours": before},
        after={"power_hours": hours, "from_on": from_on},
    )


def _says(standing: list[PowerHours], hours: str, from_on: date) -> bool:
    """Tell whether the register says so already, from that day and for good."""
    if not standing or standing[-1].until_on is not None:
        return not hours and all(each.until_on and each.until_on <= from_on for each in standing)
    return standing[-1].hours == hours and standing[-1].from_on <= from_on
