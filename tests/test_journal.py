"""The journal: entries chain, and a broken chain is found."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry import journal
from registry.journal import JournalEntry
from tests.conftest import NOON


def fill(session: Session, count: int = 3) -> None:
    """Write a few entries."""
    for number in range(count):
        journal.write(
            session,
            at=NOON,
            actor="user:1",
            action="grant.edit",
            subject=f"grant:{number}",
            before={"paid_cents": 0},
            after={"paid_cents": number},
            reason="balance paid",
        )


def test_an_unbroken_chain_has_no_broken_link(session: Session) -> None:
    """Entries as they were written recompute to their own digests."""
    fill(session)

    assert journal.first_broken_link(session) is None


def test_an_altered_entry_is_found(session: Session) -> None:
    """A changed amount no longer fits its digest."""
    fill(session)
    session.execute(
        update(JournalEntry).where(JournalEntry.id == 2).values(after='{"paid_cents": 9}')
    )
    session.expire_all()

    assert journal.first_broken_link(session) == 2


def test_a_removed_entry_is_found(session: Session) -> None:
    """The entry after a hole carries the digest of one that is gone."""
    fill(session)
    session.execute(delete(JournalEntry).where(JournalEntry.id == 2))
    session.expire_all()

    assert journal.first_broken_link(session) == 3


def test_a_fork_of_the_chain_is_refused_by_the_database(session: Session) -> None:
    """Two entries cannot both follow the same one."""
    fill(session, count=2)
    last = session.get_one(JournalEntry, 2)
    session.add(
        JournalEntry(
            at=NOON,
            actor="user:2",
            action="fork",
            subject="grant:9",
            previous_digest=last.previous_digest,
            digest="0" * 64,
        )
    )

    with pytest.raises(IntegrityError):
        session.flush()
