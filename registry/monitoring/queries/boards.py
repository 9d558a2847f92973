"""What is shown of every camera and site, as rows for the one who renders the metrics."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, String, case, func, select, type_coerce
from sqlalchemy.orm import Session

from registry.fleet.models import Camera, Device, Site
from registry.funding.models import Grant
from registry.monitoring.models import SiteCounter, SiteState, Standing
from registry.monitoring.queries.standings import among, seconds_of
from registry.territory.models import Commune

# Rows of a whole fleet are read on in pieces: all of them at once are as much memory again.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as it is labelled."""

    site_id: int
    public_id: str
    insee: str
    commune: str
    department: str
    kind: str


class CameraRow(NamedTuple):
    """A position as it is labelled, and when it is in service."""

    camera_id: int
    site_id: int
    commissioned_on: date
    retired_on: date | None
    grant: str
    model: str
    firmware: str


class StandingRow(NamedTuple):
    """What the last verdict left of a camera; instants are seconds since 1970."""

    camera_id: int
    health: str
    issues: str
    last_at: int
    hold_seconds: int
    clock_offset_seconds: float | None
    model: str
    firmware: str


def site_rows(session: Session, *, only: str | None = None) -> list[SiteRow]:
    """Return every site (or `only` one), in the order of their public identifiers."""
    query = (
        select(
            Site.id,
            Site.public_id,
            Site.insee,
            Commune.name,
            Commune.department_code,
            type_coerce(Site.kind, String),
        )
        .join(Commune, Commune.insee == Site.insee)
        .order_by(Site.public_id)
    )
    if only is not None:
        query = query.where(Site.public_id == only)
    return [SiteRow(*row) for row in session.execute(query)]


def camera_rows(
    session: Session, *, changed_since: datetime | None = None, site_id: int | None = None
) -> Iterator[CameraRow]:
    """Yield the positions with a day of commissioning: all, those changed since, or a site's."""
    query: Select[*tuple[Any, ...]] = (
        select(
            Camera.id,
            Camera.site_id,
            Camera.commissioned_on,
            Camera.retired_on,
            func.coalesce(Grant.file_number, ""),
            func.coalesce(Device.model, ""),
            func.coalesce(Device.firmware, ""),
        )
        .outerjoin(Grant, Grant.id == Camera.grant_id)
        .outerjoin(Device, (Device.camera_id == Camera.id) & Device.removed_at.is_(None))
        .where(Camera.commissioned_on.is_not(None))
        .order_by(Camera.id)
    )
    if changed_since is not None:
        query = query.where(Camera.changed_at >= changed_since)
    if site_id is not None:
        query = query.where(Camera.site_id == site_id)
    yield from map(CameraRow._make, _rows(session, query))


def standing_rows(
    session: Session, camera_ids: Collection[int] | None = None
) -> Iterator[StandingRow]:
    """Yield every standing, or those of some cameras."""
    query = select(
        Standing.camera_id,
        type_coerce(Standing.health, String),
        Standing.issues,
        seconds_of(Standing.last_at),
        Standing.hold_seconds,
        Standing.clock_offset_seconds,
        Standing.model,
        Standing.firmware,
    )
    if camera_ids is not None:
        query = query.where(among(session, Standing.camera_id, sorted(camera_ids)))
    yield from map(StandingRow._make, _rows(session, query))


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    # On the connection: the session would make an object's loader of each row.
    yield from session.connection().execute(query.execution_options(yield_per=_AT_ONCE))


def site_seconds(session: Session) -> Mapping[int, Sequence[int]]:
    """Return the counters of every site that has one, in the order of `SiteState`."""
    # There is one row at most of each state, and the largest of whole numbers is one still.
    states = (
        func.max(case((SiteCounter.state == state, SiteCounter.seconds), else_=0))
        for state in SiteState
    )
    query = select(SiteCounter.site_id, *states).group_by(SiteCounter.site_id)
    # On the connection: the session would make an object's loader of each row.
    return {site_id: numbers for site_id, *numbers in session.connection().execute(query)}
