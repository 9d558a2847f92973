"""Which monitor is at work: one holds the lease, a second one says so and waits."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from registry.monitoring.models import MonitorLease

LEASE_NAME = "monitor"
LEASE_SECONDS = 15


def claim_lease(session: Session, holder: str, *, at: datetime) -> bool:
    """
    Take or renew the lease, and tell whether this monitor holds it now.

    A lease that was not renewed for `LEASE_SECONDS` is free. The update names what
    was read, so of two monitors that reach for it at once only one gets it; the
    insert of the very first row may raise IntegrityError for the other.
    """
    lease = session.execute(
        select(MonitorLease.holder, MonitorLease.renewed_at).where(MonitorLease.name == LEASE_NAME)
    ).one_or_none()
    if lease is None:
        session.add(MonitorLease(name=LEASE_NAME, holder=holder, renewed_at=at))
        session.flush()
        return True
    is_free = at - lease.renewed_at > timedelta(seconds=LEASE_SECONDS)
    if lease.holder != holder and not is_free:
        return False
    changed = session.execute(
        update(MonitorLease)
        .where(
            MonitorLease.name == LEASE_NAME,
            MonitorLease.holder == lease.holder,
            MonitorLease.renewed_at == lease.renewed_at,
        )
        .values(holder=holder, renewed_at=max(at, lease.renewed_at))
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def release_lease(session: Session, holder: str) -> None:
    """Give the lease back, so that the next monitor need not wait."""
    session.execute(
        delete(MonitorLease).where(MonitorLease.name == LEASE_NAME, MonitorLease.holder == holder)
    )


def lease_holder(session: Session) -> MonitorLease | None:
    """Return who holds the lease, or held it last."""
    return session.get(MonitorLease, LEASE_NAME)
