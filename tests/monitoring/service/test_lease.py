"""One monitor at work at a time."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.monitoring.models import MonitorLease
from registry.monitoring.service import (
    LEASE_NAME,
    AnotherWrites,
    claim_lease,
    release_lease,
    write_alone,
)
from registry.monitoring.service.lease import LEASE_SECONDS, STILL_SECONDS
from tests.conftest import ON_POSTGRESQL
from tests.flows.demo_region import ROOT, eventually
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
            with pytest.raises(AnotherWrites, match="another monitor is writing"):
                write_alone(second)
        first.rollback()
        write_alone(second)


# Holds the right to write until it is killed.
HOLDER = """
import sys
from registry.db import open_engine, session_factory
from registry.monitoring.service import write_alone
with session_factory(open_engine(sys.argv[1]))() as session:
    write_alone(session)
    print("held", flush=True)
    sys.stdin.read()
"""
with_advisory_locks = pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has one writer anyway")


def may_write(sessions: SessionFactory) -> bool:
    """Tell whether another monitor could write now."""
    with sessions() as session:
        try:
            write_alone(session)
        except AnotherWrites:
            return False
        return True


@with_advisory_locks
def test_a_killed_monitor_keeps_nobody_from_writing(
    sessions: SessionFactory, database_url: str
) -> None:
    """The server takes the lock back with the connection of whoever was killed while writing."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLDER, database_url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        assert not may_write(sessions)
        process.kill()

    assert eventually(lambda: may_write(sessions), seconds=30)


@with_advisory_locks
def test_a_lost_connection_frees_the_others_and_is_made_anew(sessions: SessionFactory) -> None:
    """What was being written is rolled back; its monitor takes the lock again, if it is free."""
    with sessions() as first:
        write_alone(first)
        lost = first.scalar(select(func.pg_backend_pid()))
        with sessions() as other:
            other.execute(select(func.pg_terminate_backend(lost)))
        assert eventually(lambda: may_write(sessions), seconds=30)

        with pytest.raises(OperationalError):
            first.execute(text("SELECT 1"))
        first.rollback()
        write_alone(first)
        assert not may_write(sessions)


@with_advisory_locks
def test_who_stands_still_while_writing_is_cut_off(sessions: SessionFactory) -> None:
    """The server ends a transaction that does nothing, and minds that in no other one."""
    asked = text("SELECT current_setting('idle_in_transaction_session_timeout')::interval")
    with sessions() as session:
        before = session.scalar(asked)
        session.rollback()
        write_alone(session)
        while_writing = session.scalar(asked)
        session.rollback()
        after = session.scalar(asked)

    assert while_writing == timedelta(seconds=STILL_SECONDS)
    assert before == after != while_writing
