"""One monitor at work at a time."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.errors import Conflict
from registry.monitoring.models import MonitorLease
from registry.monitoring.service import LEASE_NAME, claim_lease, release_lease, write_alone
from registry.monitoring.service.lease import LEASE_SECONDS
from tests.conftest import ON_POSTGRESQL
from tests.monitoring.telling import NOON

LATER = NOON + timedelta(seconds=LEASE_SECONDS)


def test_the_first_monitor_gets_the_lease_and_renews_it(session: Session) -> None:
    """Whoever holds the lease may always renew it."""
    assert claim_lease(session, "one", at=NOON)
    assert claim_lease(session, "one", at=LATER)
    session.expire_all()

    lease = session.get_one(MonitorLease, LEASE_NAME)
    assert (lease.holder, lease.renewed_at) == ("one", LATER)


def test_a_second_monitor_waits_until_the_first_is_silent(session: Session) -> None:
    """A lease that is not renewed is free after its time, not before."""
    claim_lease(session, "one", at=NOON)

    assert not claim_lease(session, "two", at=LATER)
    assert claim_lease(session, "two", at=LATER + timedelta(seconds=1))
    assert not claim_lease(session, "one", at=LATER + timedelta(seconds=2))


def test_a_lease_given_back_is_free_at_once(session: Session) -> None:
    """A clean stop does not keep the next monitor waiting; a stranger frees nothing."""
    claim_lease(session, "one", at=NOON)

    release_lease(session, "two")
    assert not claim_lease(session, "two", at=NOON)
    release_lease(session, "one")
    assert claim_lease(session, "two", at=NOON)


def test_two_monitors_never_write_at_once(sessions: SessionFactory) -> None:
    """PostgreSQL refuses the second while the first is at it; SQLite has one writer anyway."""
    with sessions() as first, sessions() as second:
        write_alone(first)
        if ON_POSTGRESQL:
            with pytest.raises(Conflict, match="another monitor is writing"):
                write_alone(second)
        first.rollback()
        write_alone(second)
