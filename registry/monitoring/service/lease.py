"""Which monitor is at work: one holds the lease, a second one says so and waits."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.monitoring.models import MonitorLease

LEASE_NAME = "monitor"
LEASE_SECONDS = 15
# Any number that nobody else takes for a lock of this database: "VIGI" in ASCII.
ADVISORY_KEY = 0x56494749
# A monitor that stands still in the middle of writing, or whose machine has gone without a
# word, is cut off by the server after so long: it must not keep the next one from writing.
STILL_SECONDS = 60


class AnotherWrites(Conflict):
    """Another monitor is writing at this moment: what this one has to write can wait."""


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


def write_alone(session: Session) -> None:
    """
    Hold, until this transaction ends, what only one monitor may hold at a time.

    The row of the lease says who should write; this holds those apart who both think
    that they should, one of them after a long pause. It is the server's: it ends with the
    connection of whoever holds it, however that ends. PostgreSQL only: SQLite lets one
    writer in at a time by itself.

    Raises:
        AnotherWrites: Another monitor is writing at this moment.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    timeout = "idle_in_transaction_session_timeout"
    is_held, _ = session.execute(
        select(
            func.pg_try_advisory_xact_lock(ADVISORY_KEY),
            func.set_config(timeout, f"{STILL_SECONDS}s", True),  # noqa: FBT003 - local, by place
        )
    ).one()
    if not is_held:
        message = "another monitor is writing at this moment"
        raise AnotherWrites(message)


def release_lease(session: Session, holder: str) -> None:
    """Give the lease back, so that the next monitor need not wait."""
    session.execute(
        delete(MonitorLease).where(MonitorLease.name == LEASE_NAME, MonitorLease.holder == holder)
    )
