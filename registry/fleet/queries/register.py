"""Answers what stands where: sites, positions, mounted units, and what to probe."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry.fleet.models import (
    Camera,
    Credential,
    Device,
    ImportProfile,
    PowerHours,
    Site,
)
from registry.funding.models import Grant
from registry.territory.models import Commune
from registry.territory.queries import words_match
from registry.territory.rules import search_words

# Well under the 32,766 parameters of SQLite and the 65,535 of PostgreSQL.
CHUNK = 5_000
# Rows of a whole fleet are read on in pieces: all of them at once are as much memory again.
_AT_ONCE = 1_000
_SHARED = frozenset({str, date, datetime})


@dataclass(frozen=True, slots=True)
class ProbeInput:
    """
    What the monitor needs to know of one camera, the mounted unit included.

    `sealed_password` and `credential_changed_at` are None without a credential;
    the identity is empty without a mounted unit.
    """

    camera_id: int
    site_id: int
    host: str
    port: int
    path: str
    scheme: str
    tls_verify: str
    commissioned_on: date | None
    retired_on: date | None
    changed_at: datetime
    password_text: bool
    rtsp_port: int | None
    rtsp_path: str
    zone: str
    networks: str
    gateway_host: str
    gateway_port: int
    username: str
    sealed_password: bytes | None = field(repr=False)
    credential_changed_at: datetime | None
    manufacturer: str
    model: str
    firmware: str
    serial: str
    mac: str


def probe_inputs(session: Session, *, changed_since: datetime | None = None) -> list[ProbeInput]:
    """
    Return the cameras to probe, in one statement.

    Without an instant, every camera that has an address; with one, every camera
    changed at it or later, those that lost their address included.
    """
    query: Select[*tuple[Any, ...]] = (
        select(
            Camera.id,
            Camera.site_id,
            Camera.host,
            Camera.port,
            Camera.path,
            Camera.scheme,
            Camera.tls_verify,
            Camera.commissioned_on,
            Camera.retired_on,
            Camera.changed_at,
            Camera.password_text,
            Camera.rtsp_port,
            Camera.rtsp_path,
            Site.zone,
            Site.networks,
            Site.gateway_host,
            Site.gateway_port,
            func.coalesce(Credential.username, ""),
            Credential.sealed_password,
            Credential.changed_at,
            func.coalesce(Device.manufacturer, ""),
            func.coalesce(Device.model, ""),
            func.coalesce(Device.firmware, ""),
            func.coalesce(Device.serial, ""),
            func.coalesce(Device.mac, ""),
        )
        .join(Camera.site)
        .outerjoin(Camera.credential)
        .outerjoin(Device, (Device.camera_id == Camera.id) & Device.removed_at.is_(None))
        .order_by(Camera.id)
    )
    if changed_since is None:
        query = query.where(Camera.host != "")
    else:
        query = query.where(Camera.changed_at >= changed_since)
    # Each word or day is held once: a fleet has few, said many times.
    rows = session.execute(query.execution_options(yield_per=_AT_ONCE))
    held: dict[object, Any] = {}
    return [
        ProbeInput(*(held.setdefault(x, x) if type(x) in _SHARED else x for x in row))
        for row in rows
    ]


def site_by_public_id(session: Session, public_id: str) -> Site | None:
    """Return a site with its commune, department and EPCI, by its public identifier."""
    return session.scalar(
        select(Site)
        .options(
            joinedload(Site.commune).joinedload(Commune.department),
            joinedload(Site.commune).joinedload(Commune.epci),
        )
        .where(Site.public_id == public_id)
    )


def cameras_at(session: Session, site_id: int) -> Sequence[Camera]:
    """Return a site's cameras in the order of their labels, with units and grants."""
    return session.scalars(
        select(Camera)
        .options(selectinload(Camera.devices), joinedload(Camera.grant))
        .where(Camera.site_id == site_id)
        .order_by(Camera.label)
    ).all()


def cameras_of_grant(session: Session, grant_id: int) -> Sequence[Camera]:
    """Return the positions that a grant paid for, by site and label, with their units."""
    return session.scalars(
        select(Camera)
        .join(Camera.site)
        .options(selectinload(Camera.devices), joinedload(Camera.site))
        .where(Camera.grant_id == grant_id)
        .order_by(Site.public_id, Camera.label)
    ).all()


def power_hours(
    session: Session, site_ids: Collection[int] | None = None
) -> dict[int, list[PowerHours]]:
    """
    Return the weekly hours that sites were ever fed in, oldest first, by site.

    A site that is not in the answer has always been fed.
    """
    query = select(PowerHours).order_by(PowerHours.site_id, PowerHours.from_on)
    wanted = [None] if site_ids is None else list(chunks(site_ids))
    found: dict[int, list[PowerHours]] = {}
    for chunk in wanted:
        part = query if chunk is None else query.where(PowerHours.site_id.in_(chunk))
        for each in session.scalars(part):
            found.setdefault(each.site_id, []).append(each)
    return found


def import_profiles(session: Session) -> Sequence[ImportProfile]:
    """Return the mappings of foreign inventories that were saved, by their names."""
    return session.scalars(select(ImportProfile).order_by(ImportProfile.name)).all()


def search_sites(session: Session, typed: str, *, limit: int = 20) -> Sequence[Site]:
    """
    Find sites by the starts of the words of their name or by their public identifier.

    A UIC or UAI code finds the site that carries it.
    """
    words = search_words(typed)
    if not words:
        return []
    by_code = or_(Site.uic == typed.strip(), Site.uai == typed.strip().upper())
    by_words = and_(*(words_match(Site.normalised_name, Site.public_id, each) for each in words))
    meant = [by_code, by_words]
    if len(words) > 1:
        # One word alone was held against the identifier; this one has its dash.
        meant.append(Site.public_id.startswith(typed.strip().upper(), autoescape=True))
    return session.scalars(
        select(Site)
        .options(joinedload(Site.commune).joinedload(Commune.department))
        .where(or_(*meant))
        .order_by(Site.normalised_name, Site.public_id)
        .limit(limit)
    ).all()


def sites_in(session: Session, codes: Collection[str]) -> list[Site]:
    """Return the sites of the communes with these INSEE codes."""
    return [
        site
        for chunk in chunks(codes)
        for site in session.scalars(
            select(Site).options(joinedload(Site.commune)).where(Site.insee.in_(chunk))
        )
    ]


def whole_cameras(session: Session, site_ids: Collection[int]) -> list[Camera]:
    """Return the cameras of some sites with all that hangs on them, for an import."""
    return [
        camera
        for chunk in chunks(site_ids)
        for camera in session.scalars(
            select(Camera)
            .options(selectinload(Camera.devices), selectinload(Camera.credential))
            .where(Camera.site_id.in_(chunk))
        )
    ]


def ids_by_place(session: Session, site_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """Return the ids of some sites' cameras, by site and label."""
    return {
        (site_id, label): camera_id
        for chunk in chunks(site_ids)
        for camera_id, site_id, label in session.execute(
            select(Camera.id, Camera.site_id, Camera.label).where(Camera.site_id.in_(chunk))
        )
    }


def grants_by_serial(session: Session, serials: Collection[str]) -> dict[str, list[str]]:
    """Return, for each normalised serial mounted now, the file number of every camera."""
    found: dict[str, list[str]] = {}
    for chunk in chunks(serials):
        query = (
            select(Device.normalised_serial, Grant.file_number)
            .join(Device.camera)
            .outerjoin(Camera.grant)
            .where(Device.normalised_serial.in_(chunk), Device.removed_at.is_(None))
            .order_by(Grant.file_number)
        )
        for serial, file_number in session.execute(query):
            found.setdefault(serial, []).append(file_number or "")
    return found


Key = TypeVar("Key", str, int)


def chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    """Cut keys into lists short enough for one statement each."""
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
