"""What an officer may change of a grant by hand, and what the journal keeps of it."""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.funding.models import Grant, GrantStatus
from registry.funding.service import GrantEdit, edit_grant
from registry.journal import JournalEntry, first_broken_link
from tests.factories import make_grant

DECIDED = date(2023, 11, 23)


def change(
    session: Session, grant: Grant, edit: GrantEdit, now: datetime, reason: str = "x"
) -> bool:
    """Edit a grant as an officer."""
    return edit_grant(session, grant, edit, reason=reason, actor="user:2", at=now)


def test_only_what_changed_is_journaled(session: Session, now: datetime) -> None:
    """Before and after hold the same keys, and the chain holds."""
    grant = make_grant(session)

    changed = change(session, grant, GrantEdit(GrantStatus.NOTIFIED, 0, "", DECIDED), now, " Avis ")

    entry = session.scalars(select(JournalEntry)).one()
    assert changed
    assert grant.status is GrantStatus.NOTIFIED
    assert (entry.before, entry.after) == ('{"status": "voted"}', '{"status": "notified"}')
    assert (entry.actor, entry.reason, entry.at) == ("user:2", "Avis", now)
    assert first_broken_link(session) is None


def test_the_same_again_is_no_change(session: Session, now: datetime) -> None:
    """A form sent twice leaves one entry."""
    grant = make_grant(session)
    edit = GrantEdit(GrantStatus.STARTED, 100, "12", None)

    assert [change(session, grant, edit, now) for _ in range(2)] == [True, False]
    assert len(session.scalars(select(JournalEntry)).all()) == 1


@pytest.mark.parametrize(
    ("paid", "reason", "codes"),
    [
        (-1, "x", ["paid_range"]),
        (2_158_301, "x", ["paid_range"]),
        (0, "  ", ["required"]),
        (-1, "", ["paid_range", "required"]),
    ],
)
def test_more_than_was_voted_or_no_reason_is_refused(
    session: Session, now: datetime, paid: int, reason: str, codes: list[str]
) -> None:
    """Whoever calls, form or command: every problem is said and nothing is changed."""
    grant = make_grant(session)

    with pytest.raises(Invalid) as refused:
        change(session, grant, GrantEdit(GrantStatus.SETTLED, paid, "", DECIDED), now, reason)

    assert [each.code for each in refused.value.problems] == codes
    assert grant.status is GrantStatus.VOTED
    assert session.scalars(select(JournalEntry)).all() == []


def test_a_grant_may_be_paid_in_full(session: Session, now: datetime) -> None:
    """Up to the cent that was voted."""
    grant = make_grant(session)

    change(session, grant, GrantEdit(GrantStatus.SETTLED, grant.voted_cents, "", DECIDED), now)

    assert grant.paid_cents == grant.voted_cents
