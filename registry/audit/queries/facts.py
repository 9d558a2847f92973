"""Reads what the audit judges: a fixed number of SELECTs, for one grant or all."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session

from registry.audit.rules import AuthorisationFacts, CameraFacts, Facts, GrantFacts, UnitFacts
from registry.fleet.models import Authorisation, Camera, CameraClass, Device, Site
from registry.fleet.models.papers import authorisation_sites
from registry.funding.models import Campaign, EnvelopeVote, FundingLine, Grant
from registry.funding.rules import OUT_OF_ENVELOPE, Share, Terms
from registry.monitoring.models import Standing


def read_facts(session: Session, *, grant_ids: Collection[int] | None = None) -> Facts:
    """
    Read the facts of every grant, or of some with all that touches them.

    Of some grants, the cameras of others at the same sites come along, and those at
    sites that share an order with them, because an order counts them together; so do
    the units of others that bear the same serial.
    """
    wanted = None if grant_ids is None else sorted(grant_ids)
    orders = _authorisations(session)
    sites = None if wanted is None else _reached(_sites_of(session, wanted), orders)
    cameras, names = _cameras(session, sites)
    units = _units(session, wanted)
    return Facts(
        grants=_grants(session, wanted, {unit.grant_id for unit in units}),
        cameras=cameras,
        authorisations=orders,
        units=units,
        sites=names,
    )


def _sites_of(session: Session, wanted: Sequence[int]) -> set[int]:
    query = select(Camera.site_id).where(Camera.grant_id.in_(wanted)).distinct()
    return set(session.scalars(query))


def _reached(sites: set[int], orders: Collection[AuthorisationFacts]) -> set[int]:
    """Add the sites that share an order with these, and those that share one with them."""
    while (
        more := {site for order in orders if order.site_ids & sites for site in order.site_ids}
        - sites
    ):
        sites = sites | more
    return sites


def _grants(
    session: Session, wanted: Sequence[int] | None, related: Collection[int]
) -> tuple[GrantFacts, ...]:
    """Read the grants wanted, and of those that share a unit with them at least the number."""
    columns = (
        Grant.id, Grant.file_number, Grant.status, Grant.voted_cents, Grant.paid_cents,
        Grant.eligible_cents, Grant.project_cents, Grant.cameras_funded, Grant.population,
        Grant.population_year, Grant.campaign_id, Grant.decided_on,
    )  # fmt: skip
    drawn, voted = _drawn(), _voted()
    query = (
        select(*columns, drawn.c.drawn_cents, voted.c.envelope_cents)
        .outerjoin(drawn, drawn.c.grant_id == Grant.id)
        .outerjoin(voted, voted.c.campaign_id == Grant.campaign_id)
        .order_by(Grant.file_number)
    )
    lines = select(
        FundingLine.grant_id,
        FundingLine.funder,
        FundingLine.state,
        FundingLine.asked_cents,
        FundingLine.granted_cents,
    )
    if wanted is not None:
        ids = {*wanted, *related}
        query, lines = query.where(Grant.id.in_(ids)), lines.where(FundingLine.grant_id.in_(ids))
    campaigns = {each.id: each for each in session.scalars(select(Campaign))}

    @cache
    def terms(campaign_id: int, day: date | None) -> Terms:
        return campaigns[campaign_id].terms(day)

    shares: defaultdict[int, list[Share]] = defaultdict(list)
    for line in session.execute(lines):
        share = Share(line.funder, line.state, line.asked_cents, line.granted_cents)
        shares[line.grant_id].append(share)
    return tuple(
        GrantFacts(
            grant_id=row.id,
            file_number=row.file_number,
            status=row.status,
            voted_cents=row.voted_cents,
            paid_cents=int(row.paid_cents),
            eligible_cents=row.eligible_cents,
            project_cents=row.project_cents,
            cameras_funded=row.cameras_funded,
            population=row.population,
            population_year=row.population_year,
            terms=terms(row.campaign_id, row.decided_on),
            shares=tuple(shares[row.id]),
            envelope_cents=None if row.envelope_cents is None else int(row.envelope_cents),
            drawn_cents=int(row.drawn_cents or 0),
        )
        for row in session.execute(query)
    )


def _drawn() -> Subquery:
    """Ask what grants in force took from their envelope, each with those decided before it."""
    order = (Grant.decided_on.is_(None), Grant.decided_on, Grant.file_number)
    taken = func.sum(Grant.voted_cents).over(partition_by=Grant.campaign_id, order_by=order)
    question = select(Grant.id.label("grant_id"), taken.label("drawn_cents"))
    return question.where(Grant.status.not_in(OUT_OF_ENVELOPE)).subquery("drawn")


def _voted() -> Subquery:
    total = func.sum(EnvelopeVote.amount_cents).label("envelope_cents")
    question = select(EnvelopeVote.campaign_id, total).group_by(EnvelopeVote.campaign_id)
    return question.subquery("voted")


def _cameras(
    session: Session, sites: Collection[int] | None
) -> tuple[tuple[CameraFacts, ...], dict[int, str]]:
    query = (
        select(
            Site.public_id,
            Camera.label,
            Camera.site_id,
            Camera.grant_id,
            Camera.camera_class,
            Camera.commissioned_on,
            Camera.retired_on,
            Device.id.is_not(None),
            Standing.last_up_at,
            Standing.identified_at,
        )
        .select_from(Camera)
        .join(Site, Site.id == Camera.site_id)
        .outerjoin(Device, (Device.camera_id == Camera.id) & Device.removed_at.is_(None))
        .outerjoin(Standing, Standing.camera_id == Camera.id)
        .order_by(Camera.id)
    )
    if sites is not None:
        query = query.where(Camera.site_id.in_(sites))
    names: dict[int, str] = {}
    found = []
    for public_id, label, site_id, *rest in session.execute(query):
        names[site_id] = public_id
        found.append(CameraFacts(f"{public_id}/{label}", site_id, *rest))
    return tuple(found), names


def _authorisations(session: Session) -> tuple[AuthorisationFacts, ...]:
    covered = authorisation_sites.c
    query = select(
        Authorisation.id,
        Authorisation.act_number,
        Authorisation.decided_on,
        Authorisation.expires_on,
        Authorisation.public_road_cameras,
        Authorisation.exterior_cameras,
        Authorisation.interior_cameras,
        covered.site_id,
    ).join(authorisation_sites, covered.authorisation_id == Authorisation.id)
    acts: dict[int, tuple[Any, ...]] = {}
    places: defaultdict[int, set[int]] = defaultdict(set)
    for id_, *said, site_id in session.execute(query.order_by(Authorisation.id, covered.site_id)):
        acts[id_] = tuple(said)
        places[id_].add(site_id)
    classes = (CameraClass.PUBLIC_ROAD, CameraClass.EXTERIOR, CameraClass.INTERIOR)
    return tuple(
        AuthorisationFacts(
            number, decided_on, expires_on,
            {str(kind): count for kind, count in zip(classes, counts, strict=True)},
            frozenset(places[id_]),
        )
        for id_, (number, decided_on, expires_on, *counts) in acts.items()
    )  # fmt: skip


def _units(session: Session, wanted: Sequence[int] | None) -> tuple[UnitFacts, ...]:
    """Read the units whose serial stands under more than one grant, now or before."""
    under = func.count(Camera.grant_id.distinct()) > 1
    shared = _with_cameras(select(Device.normalised_serial)).where(*_told())
    if wanted is not None:
        own = _with_cameras(select(Device.normalised_serial)).where(Camera.grant_id.in_(wanted))
        shared = shared.where(Device.normalised_serial.in_(own))
    shared = shared.group_by(Device.normalised_serial).having(under)
    rows = session.execute(
        _with_cameras(
            select(
                Device.serial,
                Device.normalised_serial,
                Device.manufacturer,
                Camera.grant_id,
                Site.public_id + "/" + Camera.label,
                Device.mounted_at,
                Device.removed_at,
            )
        )
        .join(Site, Site.id == Camera.site_id)
        .where(Device.normalised_serial.in_(shared), *_told())
        .order_by(Device.id)
    )
    return tuple(UnitFacts(*row) for row in rows)


def _with_cameras(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.select_from(Device).join(Camera, Camera.id == Device.camera_id)


def _told() -> tuple[ColumnElement[bool], ...]:
    return (Device.normalised_serial != "", Camera.grant_id.is_not(None))
