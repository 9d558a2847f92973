"""How far each grant has come, from money voted to devices that answer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from registry.clock import paris_day, paris_midnight
from registry.errors import NotFound
from registry.fleet.models import Camera, Device, Site
from registry.funding.models import Grant
from registry.monitoring.models import Standing

ALIVE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Stages:
    """
    How many cameras of a grant have come how far; no stage exceeds the one before.

    `funded` alone is a decision (the number voted), and may be less than was installed.
    """

    file_number: str
    funded: int
    awarded_cents: int
    installed: int = 0
    seen: int = 0
    alive: int = 0

    @property
    def cents_per_live_camera(self) -> Fraction | None:
        """The exact price of a camera that lives, in cents; None where none does."""
        return Fraction(self.awarded_cents, self.alive) if self.alive else None


@dataclass(frozen=True, slots=True)
class GrantDevice:
    """A position that a grant funded, the unit there, and when it last said who it is."""

    camera_id: int
    label: str
    site_public_id: str
    site_name: str
    serial: str
    manufacturer: str
    model: str
    commissioned_on: date | None
    mounted_at: datetime | None
    identified_at: datetime | None
    installed: bool
    seen: bool
    alive: bool


def grant_devices(session: Session, grant_id: int, *, at: datetime) -> list[GrantDevice]:
    """List the positions of a grant, by site and label."""
    return _devices(session, at=at, grant_ids=[grant_id])[grant_id]


def grant_stages(session: Session, grant_id: int, *, at: datetime) -> Stages:
    """
    Count how far the cameras of one grant have come.

    Raises:
        NotFound: There is no such grant.
    """
    found = all_grant_stages(session, at=at, grant_ids=[grant_id])
    if grant_id not in found:
        raise NotFound(f"grant {grant_id}")
    return found[grant_id]


def all_grant_stages(
    session: Session, *, at: datetime, grant_ids: Iterable[int] | None = None
) -> dict[int, Stages]:
    """Count how far the cameras of every grant (or of some) have come: two SELECTs."""
    wanted = None if grant_ids is None else list(grant_ids)
    grants = select(Grant.id, Grant.file_number, Grant.cameras_funded, Grant.voted_cents)
    if wanted is not None:
        grants = grants.where(Grant.id.in_(wanted))
    devices = _devices(session, at=at, grant_ids=wanted)
    stages = {}
    for grant_id, file_number, funded, cents in session.execute(grants.order_by(Grant.file_number)):
        own = devices[grant_id]
        stages[grant_id] = Stages(
            file_number,
            funded,
            cents,
            installed=sum(each.installed for each in own),
            seen=sum(each.seen for each in own),
            alive=sum(each.alive for each in own),
        )
    return stages


def total_stages(stages: Iterable[Stages]) -> Stages:
    """Sum the stages of several grants: sums first, then the price of a live camera."""
    known = list(stages)
    return Stages(
        "",
        funded=sum(each.funded for each in known),
        awarded_cents=sum(each.awarded_cents for each in known),
        installed=sum(each.installed for each in known),
        seen=sum(each.seen for each in known),
        alive=sum(each.alive for each in known),
    )


def _devices(
    session: Session, *, at: datetime, grant_ids: list[int] | None
) -> defaultdict[int, list[GrantDevice]]:
    """Read the positions of grants with their mounted units."""
    question = (
        select(
            Camera.grant_id,
            Camera.id.label("camera_id"),
            Camera.label,
            Site.public_id,
            Site.name.label("site_name"),
            Device.serial,
            Device.manufacturer,
            Device.model,
            Camera.commissioned_on,
            Camera.retired_on,
            Device.mounted_at,
            Standing.identified_at,
        )
        .join(Site, Site.id == Camera.site_id)
        .outerjoin(Device, (Device.camera_id == Camera.id) & Device.removed_at.is_(None))
        .outerjoin(Standing, Standing.camera_id == Camera.id)
        .where(Camera.grant_id.is_not(None))
        .order_by(Site.name, Camera.label, Camera.id)
    )
    if grant_ids is not None:
        question = question.where(Camera.grant_id.in_(grant_ids))
    found: defaultdict[int, list[GrantDevice]] = defaultdict(list)
    for row in session.execute(question):
        found[row.grant_id].append(_device(row, at=at))
    return found


def _device(row: Row[*tuple[Any, ...]], *, at: datetime) -> GrantDevice:
    """Judge how far the unit of one position has come."""
    installed = row.mounted_at is not None and _in_service(
        row.commissioned_on, row.retired_on, at=at
    )
    seen = installed and _is_seen(row.commissioned_on, row.mounted_at, row.identified_at)
    return GrantDevice(
        camera_id=row.camera_id,
        label=row.label,
        site_public_id=row.public_id,
        site_name=row.site_name,
        serial=row.serial or "",
        manufacturer=row.manufacturer or "",
        model=row.model or "",
        commissioned_on=row.commissioned_on,
        mounted_at=row.mounted_at,
        identified_at=row.identified_at,
        installed=installed,
        seen=seen,
        alive=seen and at - row.identified_at <= ALIVE_WITHIN,
    )


def _in_service(commissioned_on: date | None, retired_on: date | None, *, at: datetime) -> bool:
    today = paris_day(at)
    if commissioned_on is None or commissioned_on > today:
        return False
    return retired_on is None or retired_on > today


def _is_seen(
    commissioned_on: date | None, mounted_at: datetime | None, identified_at: datetime | None
) -> bool:
    """Tell whether the unit that is there now has said who it is since it was put to work."""
    if commissioned_on is None or mounted_at is None or identified_at is None:
        return False
    return identified_at >= max(mounted_at, paris_midnight(commissioned_on))
