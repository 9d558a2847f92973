"""Outages as people work through them: by root, with contract, comments and delays."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from probes.verdict import Authentication, Health
from registry.clock import paris_day
from registry.db import Second
from registry.errors import NotFound
from registry.fleet.models import Camera, ContractCalendar, MaintenanceContract, Site
from registry.fleet.models.papers import contract_sites
from registry.fleet.rules.power import WeeklyHours, parse_hours
from registry.monitoring.models import Outage, Standing
from registry.monitoring.queries.standings import batched, in_service, seconds_of
from registry.monitoring.rules import OUT
from registry.monitoring.rules.outages import (
    Fallen,
    Incident,
    Place,
    Repair,
    incidents,
    repair_due,
    repair_state,
)
from registry.territory.models import Commune


@dataclass(frozen=True, slots=True)
class OutageLine:
    """
    One outage, and how it stands against the contract that covers its site.

    `last_verdict_at` is the last one of the camera while the outage lasts, and the one
    that ended it afterwards.
    """

    outage: Outage
    contract: MaintenanceContract | None
    due_at: datetime | None
    repair: Repair
    last_verdict_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """Outages with one root, and the site they are at; none for a silent zone."""

    incident: Incident
    site: Site | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which outages are wanted: those that lasted after `since`; empty fields want all."""

    since: datetime
    department: str = ""
    lasting: bool = False
    excluded: bool | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What a list of outages comes to: how many, how many were repaired, and their mean length."""

    total: int
    repaired: int
    mean_time_to_repair: timedelta | None


def open_incidents(session: Session, *, at: datetime, department: str = "") -> list[IncidentLine]:
    """Group all that is out now by its root, the widest first: a fixed number of statements."""
    found = _incidents(session, at=at)
    sites = _sites(session, {each.site_id for each in found if each.site_id is not None})
    lines = [IncidentLine(each, sites.get(each.site_id or 0)) for each in found]
    return [line for line in lines if department in {"", _department(line)}]


def _incidents(session: Session, *, at: datetime) -> list[Incident]:
    # From the standings: behind a dead gateway a camera is out without an outage of its own.
    since = func.coalesce(Outage.started_at, Standing.since, type_=Second())
    rows = session.execute(
        select(Camera.id, Camera.site_id, since, Standing.health, Standing.reason)
        .join(Standing, Standing.camera_id == Camera.id)
        .outerjoin(Outage, (Outage.camera_id == Camera.id) & Outage.ended_at.is_(None))
        .where(Standing.health.in_(OUT), in_service(at))
        .order_by(since, Camera.id)
    )
    return incidents(places(session, at=at), [Fallen(*row) for row in rows])


def out_cameras(session: Session, *, at: datetime) -> dict[int, set[int]]:
    """Return by site the cameras in service that are out."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(Camera.site_id, Camera.id)
        .join(Standing, Standing.camera_id == Camera.id)
        .where(Standing.health.in_(OUT), in_service(at))
    )
    for site_id, camera_id in rows:
        found[site_id].add(camera_id)
    return dict(found)


def sites_out(session: Session, zones: Collection[str], *, at: datetime) -> list[Site]:
    """Return the sites of some zones of which every camera is out, by commune and name."""
    out = out_cameras(session, at=at) if zones else {}
    dark = {
        place.site_id
        for place in (places(session, at=at) if out else ())
        if place.zone in zones and place.in_service <= len(out.get(place.site_id, ()))
    }
    found = _sites(session, dark).values()
    return sorted(found, key=lambda site: (site.commune.name, site.name, site.public_id))


def places(session: Session, *, at: datetime) -> list[Place]:
    """Count for each site the cameras in service, and those that refuse our credentials."""
    refused = Standing.authentication == Authentication.FAILED
    refuses = (Standing.health == Health.UP) & refused
    rows = session.execute(
        select(Site.id, Site.zone, func.count(), func.sum(case((refuses, 1), else_=0)))
        .select_from(Camera)
        .join(Camera.site)
        .outerjoin(Standing, Standing.camera_id == Camera.id)
        .where(in_service(at))
        .group_by(Site.id, Site.zone)
    )
    return [Place(site_id, zone, count, int(refused)) for site_id, zone, count, refused in rows]


def _sites(session: Session, site_ids: Collection[int]) -> dict[int, Site]:
    found: dict[int, Site] = {}
    for chunk in batched(site_ids):
        question = select(Site).join(Site.commune).options(contains_eager(Site.commune))
        found |= {site.id: site for site in session.scalars(question.where(Site.id.in_(chunk)))}
    return found


def _department(line: IncidentLine) -> str:
    # A silent zone may reach over departments: whoever looks at one of them sees it too.
    return line.site.commune.department_code if line.site else ""


def outage_page(
    session: Session, wanted: Filter, *, at: datetime, offset: int, limit: int
) -> list[OutageLine]:
    """List outages, those that last first, then the latest."""
    question = (
        _matching(select(Outage), wanted)
        .options(
            contains_eager(Outage.site).contains_eager(Site.commune), joinedload(Outage.camera)
        )
        .order_by(Outage.ended_at.is_not(None), Outage.started_at.desc(), Outage.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return _lines(session, session.scalars(question).all(), at=at)


def outage_account(session: Session, wanted: Filter) -> Account:
    """
    Count the outages of a list, and their mean time to repair in whole seconds.

    One that ended because nobody looked any more was not seen repaired, and is in no mean.
    """
    length = seconds_of(Outage.ended_at) - seconds_of(Outage.started_at)
    was_repaired = Outage.ended_by.is_distinct_from(Health.UNKNOWN)
    seen = case((was_repaired, length))
    total, repaired, seconds = session.execute(
        _matching(select(func.count(), func.count(seen), func.sum(seen)), wanted)
    ).one()
    mean = timedelta(seconds=int(seconds) // repaired) if repaired else None
    return Account(total, repaired, mean)


def outage_line(session: Session, outage_id: int, *, at: datetime) -> OutageLine:
    """
    Return one outage with its comments and its contract.

    Raises:
        NotFound: There is no such outage.
    """
    outage = session.scalar(
        select(Outage)
        .join(Outage.site)
        .join(Site.commune)
        .options(
            selectinload(Outage.comments),
            contains_eager(Outage.site).contains_eager(Site.commune),
            joinedload(Outage.camera),
        )
        .where(Outage.id == outage_id)
    )
    if outage is None:
        raise NotFound(f"outage {outage_id}")
    return _lines(session, [outage], at=at)[0]


def _matching(question: Any, wanted: Filter) -> Any:  # noqa: ANN401 - whatever is selected
    question = (
        question.select_from(Outage)
        .join(Outage.site)
        .join(Site.commune)
        .where(or_(Outage.ended_at.is_(None), Outage.ended_at > wanted.since))
    )
    if wanted.department:
        question = question.where(Commune.department_code == wanted.department)
    if wanted.lasting:
        question = question.where(Outage.ended_at.is_(None))
    if wanted.excluded is not None:
        excluded = Outage.excluded_for.is_not(None)
        question = question.where(excluded if wanted.excluded else ~excluded)
    return question


def _lines(session: Session, outages: Sequence[Outage], *, at: datetime) -> list[OutageLine]:
    """Put beside each outage the contract that covered its site when it began."""
    contracts = _contracts(session, {each.site_id for each in outages})
    lasting = [each.camera_id for each in outages if each.camera_id and each.ended_at is None]
    last = _last_verdicts(session, lasting)
    lines = []
    for outage in outages:
        contract = _in_force(contracts[outage.site_id], paris_day(outage.started_at))
        due_at = _due(outage, contract)
        state = repair_state(
            due_at,
            ended_at=outage.ended_at,
            ended_by=outage.ended_by,
            excluded=outage.excluded_for is not None,
            at=at,
        )
        verdict_at = outage.ended_at or last.get(outage.camera_id or 0)
        lines.append(OutageLine(outage, contract, due_at, state, verdict_at))
    return lines


def _contracts(
    session: Session, site_ids: Collection[int]
) -> Mapping[int, Sequence[MaintenanceContract]]:
    found: defaultdict[int, list[MaintenanceContract]] = defaultdict(list)
    for chunk in batched(site_ids):
        rows = session.execute(
            select(contract_sites.c.site_id, MaintenanceContract)
            .join(MaintenanceContract, MaintenanceContract.id == contract_sites.c.contract_id)
            .where(contract_sites.c.site_id.in_(chunk))
            .order_by(MaintenanceContract.starts_on, MaintenanceContract.id)
        )
        for site_id, contract in rows:
            found[site_id].append(contract)
    return found


def _in_force(contracts: Sequence[MaintenanceContract], day: date) -> MaintenanceContract | None:
    """Choose the contract of a day; of two that overlap, the later one."""
    held = [
        each
        for each in contracts
        if each.starts_on <= day and (each.ends_on is None or day < each.ends_on)
    ]
    return held[-1] if held else None


def _due(outage: Outage, contract: MaintenanceContract | None) -> datetime | None:
    if contract is None:
        return None
    hours: WeeklyHours | None = None
    if contract.calendar is ContractCalendar.BUSINESS_HOURS:
        hours = parse_hours(contract.business_hours)
    return repair_due(outage.started_at, gtr_hours=contract.gtr_hours, hours=hours)


def _last_verdicts(session: Session, camera_ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for chunk in batched(camera_ids):
        rows = session.execute(
            select(Standing.camera_id, Standing.last_at).where(Standing.camera_id.in_(chunk))
        )
        found |= dict(rows.all())
    return found
