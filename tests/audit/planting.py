"""A register without a fault, and each fault of the audit ready to be planted in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health, normalise_serial
from registry.fleet.models import Authorisation, Camera, CameraClass, Device, Site
from registry.funding.models import (
    EnvelopeVote,
    Funder,
    FundingLine,
    Grant,
    GrantStatus,
    LineState,
    PaymentKind,
    RuleCode,
)
from tests.factories import (
    add_rule,
    make_camera,
    make_campaign,
    make_grant,
    make_payment,
    make_site,
)
from tests.web.scenes import watch

Planted = tuple[str, str, str]
"""The grant, the rule and the detail of one finding."""


@dataclass
class Field:
    """
    Two grants of two live, authorised cameras each, in one campaign, and nothing wrong.

    `one` is the grant in which faults are planted, `other` the one that stays clean.
    """

    session: Session
    now: datetime
    one: Grant
    other: Grant
    sites: list[Site] = field(default_factory=list)
    orders: list[Authorisation] = field(default_factory=list)


def clean_field(session: Session, now: datetime) -> Field:
    """Add a register in which nothing is to be found."""
    campaign = make_campaign(session, 2023)
    for code, value in (
        (RuleCode.RATE, Decimal("0.30")),
        (RuleCode.CAP, 30_000),
        (RuleCode.CAP_PER_CAMERA, 15_000),
        (RuleCode.POPULATION_BELOW, 20_000),
    ):
        add_rule(session, campaign, code, value)
    grants = []
    for number in (1, 2):
        grant = make_grant(
            session,
            file_number=f"23-{number}",
            cameras_funded=2,
            voted_cents=600_000,
            eligible_cents=2_000_000,
            campaign=campaign,
            status=GrantStatus.SETTLED,
        )
        grant.population, grant.population_year = 966, 2023
        make_payment(session, grant, 600_000, kind=PaymentKind.BALANCE, expense_cents=2_000_000)
        grants.append(grant)
    one, other = grants
    ground = Field(session, now, one, other)
    for grant in grants:
        site = make_site(session)
        ground.sites.append(site)
        authorise(ground, site, public_road=2)
        for _ in range(2):
            live_camera(ground, grant, site)
    session.flush()
    return ground


def authorise(ground: Field, *sites: Site, public_road: int = 0) -> Authorisation:
    """Add an order of half a year ago that covers some sites."""
    number = 1 + len(ground.orders)
    day = ground.now.date() - timedelta(days=180)
    order = Authorisation(
        department_code="59",
        act_number=f"2026-05-27-{number:05d}",
        decided_on=day,
        expires_on=date(2031, 5, 1),
        public_road_cameras=public_road,
        sites=list(sites),
    )
    ground.orders.append(order)
    ground.session.add(order)
    ground.session.flush()
    return order


def live_camera(
    ground: Field,
    grant: Grant,
    site: Site,
    *,
    serial: str = "",
    camera_class: CameraClass = CameraClass.PUBLIC_ROAD,
) -> Camera:
    """Add a camera that was commissioned long ago and answers now."""
    camera = make_camera(ground.session, site=site, grant=grant, serial=serial or None)
    camera.camera_class = camera_class
    for unit in camera.devices:
        unit.normalised_serial = normalise_serial(unit.serial)
    watch(ground.session, camera, Health.UP, now=ground.now)
    return camera


def unauthorised(ground: Field) -> Planted:
    """A01: cameras answer at a site that no order names."""
    site = make_site(ground.session)
    ground.one.cameras_funded += 1
    ground.one.eligible_cents = 3_000_000
    live_camera(ground, ground.one, site)
    return "23-1", "A01", "missing"


def expired(ground: Field) -> Planted:
    """A01: the order of a site has expired, and its cameras go on."""
    site = make_site(ground.session)
    order = authorise(ground, site, public_road=1)
    order.decided_on, order.expires_on = date(2021, 11, 22), date(2026, 11, 22)
    ground.one.cameras_funded += 1
    ground.one.eligible_cents = 3_000_000
    live_camera(ground, ground.one, site)
    return "23-1", "A01", "expired"


def over_count(ground: Field) -> Planted:
    """A03: an interior camera where the order counts none."""
    ground.one.cameras_funded += 1
    ground.one.eligible_cents = 3_000_000
    live_camera(ground, ground.one, ground.sites[0], camera_class=CameraClass.INTERIOR)
    return "23-1", "A03", "interior"


def short(ground: Field) -> Planted:
    """A04: one camera more was voted than hangs."""
    ground.one.cameras_funded += 1
    return "23-1", "A04", "installed"


def silent(ground: Field) -> Planted:
    """A05: an installed camera has never said a word."""
    site = make_site(ground.session)
    ground.one.cameras_funded += 1
    make_camera(ground.session, site=site, grant=ground.one)
    return "23-1", "A05", "silent"


def populous(ground: Field) -> Planted:
    """A11: exactly at the threshold, which is not below it."""
    ground.one.population = 20_000
    return "23-1", "A11", "population"


def over_rate(ground: Field) -> Planted:
    """A12: a cent more than 30 % of the eligible base."""
    ground.one.eligible_cents = 1_999_999
    return "23-1", "A12", "rate"


def over_public_share(ground: Field) -> Planted:
    """A12: 80 % and a cent of public money."""
    ground.session.add(
        FundingLine(
            grant_id=ground.one.id,
            funder=Funder.DETR,
            state=LineState.GRANTED,
            granted_cents=1_000_001,
        )
    )
    ground.one.project_cents = 2_000_000
    return "23-1", "A12", "public_share"


def over_envelope(ground: Field) -> Planted:
    """A12: a cent less was voted than two grants take, and this one was decided last."""
    ground.other.decided_on = date(2023, 11, 22)
    ground.session.add(
        EnvelopeVote(
            campaign_id=ground.one.campaign_id, rank=1, amount_cents=1_199_999, source="test"
        )
    )
    return "23-1", "A12", "envelope"


def twice(ground: Field) -> Planted:
    """A09: the serial of a unit stands under the other grant too, written otherwise."""
    mine, theirs = (
        ground.session.scalars(
            select(Device).join(Device.camera).where(Camera.grant_id == grant.id).limit(1)
        ).one()
        for grant in (ground.one, ground.other)
    )
    mine.serial, theirs.serial = "ax-00 1234", "00AX001234"
    for unit in (mine, theirs):
        unit.normalised_serial = normalise_serial(unit.serial)
    return "23-1", "A09", mine.normalised_serial


FAULTS: tuple[Callable[[Field], Planted], ...] = (
    unauthorised,
    expired,
    over_count,
    short,
    silent,
    twice,
    populous,
)
MONEY: tuple[Callable[[Field], Planted], ...] = (over_rate, over_public_share, over_envelope)
