"""Keeps what devices say at length, fact by fact with its date, and what has changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.checks.rtsp import RtspVerdict
from probes.onvif.facts import Inventory, Outcome
from probes.verdict import Reason
from registry.clock import whole_second
from registry.errors import NotFound
from registry.fleet.models import Camera
from registry.monitoring.models import DeviceInventory, InventoryChange, RtspStanding
from registry.monitoring.queries.standings import batched

_IDENTITY = ("manufacturer", "model", "firmware", "serial", "hardware_id")
# Which question tells which fact: one that was not answered says nothing of it.
_TOLD_BY = MappingProxyType(
    dict.fromkeys(_IDENTITY, "GetDeviceInformation")
    | {
        "mac": "GetNetworkInterfaces",
        "hostname": "GetHostname",
        "ntp": "GetNTP",
        "clock_source": "GetSystemDateAndTime",
        "services": "GetServices",
        "scopes": "GetScopes",
    }
)
_INSTEAD = MappingProxyType({"services": "GetCapabilities"})


def keep_inventory(session: Session, camera_id: int, inventory: Inventory) -> list[str]:
    """
    Keep what a device said, and return the names of the facts that have changed.

    A fact that was not told this time keeps its value and its older date.

    Raises:
        NotFound: There is no such camera.
    """
    row = _row(session, camera_id, at=inventory.at)
    row.read_at, row.reason = whole_second(inventory.at), None
    row.mac = inventory.mac or row.mac
    row.outcomes = {name: str(outcome) for name, outcome in inventory.outcomes.items()}
    read = whole_second(inventory.at).astimezone(UTC).isoformat()
    facts, changed = dict(row.facts), []
    for name, value in inventory.lines().items():
        if not _was_told(inventory, name):
            continue
        before = facts.get(name)
        if before is not None and before["value"] == value:
            facts[name] = {**before, "read": read}
            continue
        facts[name] = {"value": value, "since": read, "read": read}
        if before is not None:
            changed.append(name)
            session.add(_change(camera_id, inventory.at, name, before["value"], value))
    row.facts = facts
    return changed


def keep_failed_inventory(
    session: Session, camera_id: int, reason: Reason, *, at: datetime
) -> None:
    """
    Keep why a device told nothing; what it told before stays with its dates.

    Raises:
        NotFound: There is no such camera.
    """
    _row(session, camera_id, at=at).reason = reason


def keep_rtsp(session: Session, verdicts: Sequence[RtspVerdict]) -> None:
    """Keep what video servers answered last; a camera that is gone meanwhile is passed over."""
    keys = {verdict.key for verdict in verdicts}
    known: dict[int, RtspStanding | None] = {}
    for chunk in batched(keys):
        rows = session.execute(
            select(Camera.id, RtspStanding)
            .outerjoin(RtspStanding, RtspStanding.camera_id == Camera.id)
            .where(Camera.id.in_(chunk))
        )
        known.update((camera_id, standing) for camera_id, standing in rows)
    for verdict in verdicts:
        if verdict.key not in known:
            continue
        row = known[verdict.key]
        if row is None:
            row = RtspStanding(camera_id=verdict.key, answer=verdict.answer, since=verdict.at)
            known[verdict.key] = row
            session.add(row)
        elif row.answer is not verdict.answer:
            row.answer, row.since = verdict.answer, verdict.at
        row.last_at, row.detail = verdict.at, verdict.detail


def _row(session: Session, camera_id: int, *, at: datetime) -> DeviceInventory:
    row = session.get(DeviceInventory, camera_id)
    if row is None:
        if session.get(Camera, camera_id) is None:
            raise NotFound(f"camera {camera_id}")
        row = DeviceInventory(camera_id=camera_id, mac="", facts={}, outcomes={})
        session.add(row)
    row.tried_at = whole_second(at)
    return row


def _was_told(inventory: Inventory, fact: str) -> bool:
    asked = (_TOLD_BY[fact], _INSTEAD.get(fact, ""))
    return any(inventory.outcomes.get(each) is Outcome.OK for each in asked)


def _change(camera_id: int, at: datetime, fact: str, before: str, after: str) -> InventoryChange:
    return InventoryChange(
        camera_id=camera_id, seen_at=whole_second(at), fact=fact, before=before, after=after
    )
