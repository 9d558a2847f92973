"""Reads what devices said at length: their facts, their MACs, serials that many of them share."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from probes.verdict import normalise_serial
from registry.fleet.models import Camera, Device, Site
from registry.monitoring.models import (
    DeviceInventory,
    InventoryChange,
    RtspStanding,
    Standing,
)
from registry.monitoring.rules.matching import Position

CHANGES_SHOWN = 20
# A serial that so many devices answer is the maker's carelessness, not a device's name.
MANY_DEVICES = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a device: since when it has this value, and when it was last read."""

    name: str
    value: str
    since: datetime
    read_at: datetime


def facts_of(inventory: DeviceInventory | None) -> Iterator[Fact]:
    """List the facts of an inventory that say something, in the order in which they were kept."""
    for name, held in (inventory.facts if inventory else {}).items():
        if held["value"]:
            since, read_at = (datetime.fromisoformat(held[each]) for each in ("since", "read"))
            yield Fact(name, held["value"], since, read_at)


def inventory_of(session: Session, camera_id: int) -> DeviceInventory | None:
    """Return the last inventory of the device at one position."""
    return session.get(DeviceInventory, camera_id)


def changes_of(session: Session, camera_id: int) -> Sequence[InventoryChange]:
    """Return the facts of a device that have changed, the newest first."""
    return session.scalars(
        select(InventoryChange)
        .where(InventoryChange.camera_id == camera_id)
        .order_by(InventoryChange.seen_at.desc(), InventoryChange.id.desc())
        .limit(CHANGES_SHOWN)
    ).all()


def rtsp_of(session: Session, camera_id: int) -> RtspStanding | None:
    """Return what the video server of a camera answered last."""
    return session.get(RtspStanding, camera_id)


def last_tries(session: Session) -> dict[int, tuple[datetime, str]]:
    """Return, for each camera, when its inventory was last tried, and the MAC that it gave."""
    rows = session.execute(
        select(DeviceInventory.camera_id, DeviceInventory.tried_at, DeviceInventory.mac)
    )
    return {camera_id: (tried_at, mac) for camera_id, tried_at, mac in rows}


def common_serials(session: Session) -> frozenset[str]:
    """Return the serials, normalised, that many devices answer with."""
    seen = session.execute(
        select(Standing.serial, func.count()).where(Standing.serial != "").group_by(Standing.serial)
    )
    counts: Counter[str] = Counter()
    for serial, count in seen:
        counts[normalise_serial(serial)] += count
    return frozenset(serial for serial, count in counts.items() if count >= MANY_DEVICES)


def positions(session: Session) -> list[Position]:
    """Return every position with what its mounted unit is known by, in one statement."""
    rows = session.execute(
        select(
            Camera.id,
            Site.public_id,
            Camera.label,
            Camera.host,
            Camera.port,
            func.coalesce(Device.serial, ""),
            func.coalesce(Device.mac, ""),
            func.coalesce(DeviceInventory.mac, ""),
        )
        .join(Camera.site)
        .outerjoin(Device, (Device.camera_id == Camera.id) & Device.removed_at.is_(None))
        .outerjoin(DeviceInventory, DeviceInventory.camera_id == Camera.id)
        .order_by(Camera.id)
    )
    return [Position(*row[:6], macs=tuple(filter(None, row[6:]))) for row in rows]


def cameras_to_survey(
    session: Session, *, camera_id: int | None = None, public_id: str = ""
) -> list[int]:
    """Return the cameras with an address: one, those of a site, or all of them."""
    query = select(Camera.id).where(Camera.host != "").order_by(Camera.id)
    if camera_id is not None:
        query = query.where(Camera.id == camera_id)
    if public_id:
        query = query.where(Camera.site.has(public_id=public_id))
    return list(session.scalars(query))
