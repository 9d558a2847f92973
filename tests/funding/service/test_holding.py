"""What a decision rests on is held, and who is too late is told."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.funding.models import Grant
from registry.funding.service.holding import flushed, hold
from tests.factories import make_grant


def test_what_is_held_is_read_anew(session: Session) -> None:
    """Only the parts that are named: what else was said of the row stays."""
    grant = make_grant(session, voted_cents=100)
    grant.purpose = "Six caméras"
    session.execute(
        update(Grant)
        .where(Grant.id == grant.id)
        .values(voted_cents=200)
        .execution_options(synchronize_session=False)
    )
    assert grant.voted_cents == 100

    hold(session, grant, "voted_cents")

    assert (grant.voted_cents, grant.purpose) == (200, "Six caméras")


def test_what_the_database_refuses_is_a_conflict(session: Session) -> None:
    """Wherever within it was sent: the message is the caller's."""
    grant = make_grant(session, voted_cents=100)

    with (
        pytest.raises(Conflict, match="somebody was quicker"),
        flushed(session, conflict="somebody was quicker"),
    ):
        grant.voted_cents = -1


def test_what_is_changed_is_in_the_database_at_the_end(session: Session) -> None:
    """Nothing is left to a flush of somebody else's."""
    grant = make_grant(session, voted_cents=100)

    with flushed(session, conflict="never"):
        grant.voted_cents = 200

    assert grant not in session.dirty
