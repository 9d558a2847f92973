"""How far each grant has come, from money voted to devices that answer."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

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


class _Judge:
    """Judges how far cameras have come at one instant, and remembers the midnights."""

    def __init__(self, at: datetime) -> None:
        """Judge as of an instant."""
        self._today = paris_day(at)
        self._alive_since = at - ALIVE_WITHIN
        self._midnights: dict[date, datetime] = {}

    def __call__(
        self,
        commissioned_on: date | None,
        retired_on: date | None,
        mounted_at: datetime | None,
        identified_at: datetime | None,
    ) -> tuple[bool, bool, bool]:
        """
        Tell whether a camera is installed, seen and alive.

        Seen is the unit that is there now, and since it was put to work: what another
        one answered before proves nothing of it.
        """
        if commissioned_on is None or mounted_at is None or commissioned_on > self._today:
            return False, False, False
        if retired_on is not None and retired_on <= self._today:
            return False, False, False
        if identified_at is None or identified_at < mounted_at:
            return True, False, False
        if identified_at < self._midnight(commissioned_on):
            return True, False, False
        return True, True, identified_at >= self._alive_since

    def _midnight(self, day: date) -> datetime:
        found = self._midnights.get(day)
        if found is None:
            found = self._midnights[day] = paris_midnight(day)
        return found


def grant_devices(session: Session, grant_id: int, *, at: datetime) -> list[GrantDevice]:
    """List the positions of a grant, by site and label."""
    judge = _Judge(at)
    question = _positions(
        Camera.id.label("camera_id"),
        Camera.label,
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
        Device.serial,
        Device.manufacturer,
        Device.model,
    )
    rows = session.execute(
        question.join(Site, Site.id == Camera.site_id)
        .where(Camera.grant_id == grant_id)
        .order_by(Site.name, Camera.label, Camera.id)
    )
    return [_device(row, judge) for row in rows]


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
    grants = select(Grant.id, Grant.file_number, Grant.cameras_funded, Grant.voted_cents)
    positions = _positions(Camera.grant_id).where(Camera.grant_id.is_not(None))
    if grant_ids is not None:
        wanted = list(grant_ids)
        grants = grants.where(Grant.id.in_(wanted))
        positions = positions.where(Camera.grant_id.in_(wanted))
    judge = _Judge(at)
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for *days, grant_id in session.execute(positions):
        count = counts[grant_id]
        for place, reached in enumerate(judge(*days)):
            count[place] += reached
    return {
        grant_id: Stages(file_number, funded, cents, *counts[grant_id])
        for grant_id, file_number, funded, cents in session.execute(
            grants.order_by(Grant.file_number)
        )
    }


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


def _positions(*columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
    """Ask for positions with what the judge needs first: days, mounting, last identity."""
    return (
        select(
            Camera.commissioned_on,
            Camera.retired_on,
            Device.mounted_at,
            Standing.identified_at,
            *columns,
        )
        .select_from(Camera)
        .outerjoin(Device, (Device.camera_id == Camera.id) & Device.removed_at.is_(None))
        .outerjoin(Standing, Standing.camera_id == Camera.id)
    )


def _device(row: Row[*tuple[Any, ...]], judge: _Judge) -> GrantDevice:
    installed, seen, alive = judge(
        row.commissioned_on, row.retired_on, row.mounted_at, row.identified_at
    )
    return GrantDevice(
        camera_id=row.camera_id,
        label=row.label,
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        serial=row.serial or "",
        manufacturer=row.manufacturer or "",
        model=row.model or "",
        commissioned_on=row.commissioned_on,
        mounted_at=row.mounted_at,
        identified_at=row.identified_at,
        installed=installed,
        seen=seen,
        alive=alive,
    )
