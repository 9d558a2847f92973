"""Reads back, after a restart, what earlier probes learned of every camera."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from registry.monitoring.models import DeviceInventory, Standing
from registry.monitoring.rules import OUT
from registry.monitoring.rules.memory import Memory, refusal_of


def read_memories(session: Session) -> dict[int, Memory]:
    """Return what earlier probes learned, by camera: its credential, its silence, its MAC."""
    rows = session.execute(
        select(
            Standing.camera_id,
            Standing.authentication,
            Standing.verified_at,
            Standing.refused_credential_at,
            Standing.issues,
            case((Standing.health.in_(OUT), Standing.since)),
            func.coalesce(DeviceInventory.mac, ""),
        ).outerjoin(DeviceInventory, DeviceInventory.camera_id == Standing.camera_id)
    )
    return {
        camera_id: Memory(
            authentication, verified_at, refused_at, refusal_of(issues.split(",")), silent, mac
        )
        for camera_id, authentication, verified_at, refused_at, issues, silent, mac in rows
    }
