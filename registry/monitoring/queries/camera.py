"""What the page of one camera shows: who it is, how it fares, what it said of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from probes.verdict import Identity, firmware_changed, mismatch, normalise_mac
from registry.errors import NotFound
from registry.fleet.models import Camera, Site
from registry.monitoring.models import DeviceInventory, InventoryChange, Outage, RtspStanding
from registry.monitoring.queries import surveys
from registry.monitoring.queries.site import (
    WISHES_SHOWN,
    CameraLine,
    camera_line,
    camera_rows,
    last_outages,
    last_requests,
)
from registry.monitoring.queries.strips import MONTH, Strip, draw, pasts, span_before
from registry.territory.models import Commune


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait of a device: what the register declares, and what was seen there."""

    name: str
    declared: str
    observed: str

    @property
    def differs(self) -> bool:
        """Tell whether both are known, and are not the same device's."""
        if not (self.declared and self.observed):
            return False
        if self.name == "mac":
            return normalise_mac(self.declared) not in map(normalise_mac, self.observed.split(", "))
        one, other = Identity(**{self.name: self.declared}), Identity(**{self.name: self.observed})
        return firmware_changed(one, other) if self.name == "firmware" else mismatch(one, other)


@dataclass(frozen=True, slots=True)
class CameraPage:
    """Everything that the page of one camera shows."""

    site: Site
    line: CameraLine
    month: Strip
    outages: tuple[Outage, ...]
    traits: tuple[Trait, ...]
    inventory: DeviceInventory | None
    facts: tuple[surveys.Fact, ...]
    changes: Sequence[InventoryChange]
    rtsp: RtspStanding | None

    @property
    def unanswered(self) -> dict[str, str]:
        """What came of the questions of the last inventory that brought no fact."""
        held = self.inventory.outcomes if self.inventory else {}
        return {name: outcome for name, outcome in held.items() if outcome != "ok"}


def _concerns(camera_id: int, site_id: int) -> ColumnElement[bool]:
    """Choose the outages of a camera, and those of its whole site."""
    whole_site = Outage.camera_id.is_(None) & (Outage.site_id == site_id)
    return (Outage.camera_id == camera_id) | whole_site


def camera_page(session: Session, camera_id: int, *, now: datetime) -> CameraPage:
    """
    Read one camera with a fixed number of SELECTs.

    Raises:
        NotFound: There is no such camera.
    """
    site = session.scalar(
        select(Site)
        .where(Site.id == select(Camera.site_id).where(Camera.id == camera_id).scalar_subquery())
        .options(joinedload(Site.commune).joinedload(Commune.department))
    )
    if site is None:
        raise NotFound(f"camera {camera_id}")
    chosen = Camera.id == camera_id
    (row,) = camera_rows(session, chosen, now)
    (past,) = pasts(session, site.id, [camera_id], span_before(now, MONTH.length))
    requests = last_requests(session, chosen, now - WISHES_SHOWN)
    inventory = surveys.inventory_of(session, camera_id)
    line = camera_line(row, past, requests, now=now)
    facts = tuple(surveys.facts_of(inventory))
    return CameraPage(
        site,
        line,
        draw([past], now=now, scale=MONTH),
        last_outages(session, _concerns(camera_id, site.id), now - MONTH.length),
        _traits(line, facts),
        inventory,
        facts,
        surveys.changes_of(session, camera_id),
        surveys.rtsp_of(session, camera_id) if line.camera.rtsp_port else None,
    )


def _traits(line: CameraLine, facts: Sequence[surveys.Fact]) -> tuple[Trait, ...]:
    """Set what the register declares beside what the last probe and inventory saw."""
    mac = next((fact.value for fact in facts if fact.name == "mac"), "")
    names = ("manufacturer", "model", "serial", "firmware")
    seen = {name: getattr(line.standing, name, "") for name in names} | {"mac": mac}
    return tuple(
        Trait(name, getattr(line.device, name, "") or "", observed)
        for name, observed in seen.items()
    )
