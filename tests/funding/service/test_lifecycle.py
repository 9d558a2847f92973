"""A grant goes its way from step to step, each dated, signed and journaled."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.errors import Conflict, Invalid
from registry.funding.models import Grant, GrantEvent, GrantStatus, PaperKind, PaymentKind
from registry.funding.rules import Step
from registry.funding.service import move_grant, take_back
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.factories import make_document, make_grant, make_payment

ROAD = (
    (GrantStatus.FILED, date(2024, 4, 2)),
    (GrantStatus.COMPLETE, date(2024, 4, 20)),
    (GrantStatus.INSTRUCTED, date(2024, 6, 3)),
    (GrantStatus.VOTED, date(2024, 9, 26)),
    (GrantStatus.NOTIFIED, date(2024, 10, 4)),
    (GrantStatus.AGREEMENT, date(2024, 11, 12)),
    (GrantStatus.STARTED, date(2025, 1, 8)),
    (GrantStatus.ADVANCE, date(2025, 1, 20)),
    (GrantStatus.INTERIM, date(2025, 4, 1)),
    (GrantStatus.INTERIM, date(2025, 6, 2)),
    (GrantStatus.COMMISSIONED, date(2025, 9, 1)),
    (GrantStatus.RECEIVED, date(2025, 9, 15)),
    (GrantStatus.BALANCE_ASKED, date(2025, 10, 1)),
    (GrantStatus.CERTIFIED, date(2025, 10, 20)),
    (GrantStatus.SETTLED, date(2025, 11, 5)),
    (GrantStatus.CHECKED, date(2026, 3, 2)),
    (GrantStatus.CLOSED, date(2026, 3, 2)),
)


@pytest.fixture
def signed(now: datetime) -> Signature:
    """Return an officer's signature."""
    return Signature(actor="user:2", at=now, reason="Pièce reçue")


def take(
    session: Session, grant: Grant, signed: Signature, to: GrantStatus, on: date
) -> GrantEvent:
    """Take a step by a decision of some number."""
    step = Step(to=to, on=on, decision_number="2024.01234")
    return move_grant(session, grant, step, signed=signed)


def complete_file(session: Session) -> Grant:
    """Return a draft whose papers and payments are all there from the start."""
    grant = make_grant(
        session,
        status=GrantStatus.DRAFT,
        since=date(2024, 4, 1),
        voted_cents=1_200_000,
        eligible_cents=4_000_000,
    )
    for kind in PaperKind:
        make_document(session, grant, kind)
    make_payment(session, grant, 300_000, kind=PaymentKind.ADVANCE)
    make_payment(session, grant, 400_000, kind=PaymentKind.INTERIM)
    make_payment(session, grant, 500_000, kind=PaymentKind.BALANCE, expense_cents=4_000_000)
    return grant


def test_a_grant_goes_the_whole_road(session: Session, signed: Signature) -> None:
    """From the draft to the closed file: eighteen dated steps, one of them open."""
    grant = complete_file(session)

    for to, on in ROAD:
        take(session, grant, signed, to, on)

    session.expire_all()
    assert grant.status is GrantStatus.CLOSED
    told = [(event.status, event.happened_on, event.ended_on) for event in grant.events]
    days = [date(2024, 4, 1), *(on for _, on in ROAD)]
    assert told == list(
        zip(
            [GrantStatus.DRAFT, *(to for to, _ in ROAD)],
            days,
            [*days[1:], None],
            strict=True,
        )
    )
    assert (grant.decision_number, grant.decided_on) == ("2024.01234", date(2024, 9, 26))
    actions = session.scalars(select(JournalEntry.action)).all()
    assert actions == ["grant.move"] * len(ROAD)


def test_each_step_is_signed(session: Session, signed: Signature) -> None:
    """Who, when, by which decision and why stand on the step and in the journal."""
    grant = make_grant(session)

    event = take(session, grant, signed, GrantStatus.NOTIFIED, date(2023, 12, 1))

    assert (event.author, event.reason, event.recorded_at) == ("user:2", "Pièce reçue", signed.at)
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.before, entry.reason) == ('{"status": "voted"}', "Pièce reçue")
    assert entry.after == (
        '{"decision_number": "2024.01234", "on": "2023-12-01", "status": "notified"}'
    )


def test_a_refused_step_leaves_the_grant_where_it_was(session: Session, signed: Signature) -> None:
    """Without a reason, before the step before, without its paper: all three are said."""
    grant = make_grant(session, status=GrantStatus.NOTIFIED)

    with pytest.raises(Invalid) as error:
        take(session, grant, replace(signed, reason=""), GrantStatus.AGREEMENT, date(2023, 1, 1))

    assert [each.code for each in error.value.problems] == [
        "required",
        "date.before",
        "paper.missing",
    ]
    assert grant.status is GrantStatus.NOTIFIED
    assert len(grant.events) == 1
    assert session.scalars(select(JournalEntry)).all() == []


def test_a_withdrawn_paper_opens_no_door(session: Session, signed: Signature) -> None:
    """An agreement filed by mistake is no agreement."""
    grant = make_grant(session, status=GrantStatus.NOTIFIED)
    make_document(session, grant, PaperKind.AGREEMENT).withdrawn_at = signed.at

    with pytest.raises(Invalid):
        take(session, grant, signed, GrantStatus.AGREEMENT, date(2023, 12, 1))


def test_a_step_taken_by_mistake_is_taken_back(session: Session, signed: Signature) -> None:
    """The grant stands where it stood, and the journal knows both."""
    grant = make_grant(session)
    take(session, grant, signed, GrantStatus.CANCELLED, date(2023, 12, 1))

    assert take_back(session, grant, signed=signed) is GrantStatus.VOTED

    session.expire_all()
    assert [event.ended_on for event in grant.events] == [None]
    assert grant.status is GrantStatus.VOTED
    actions = session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)).all()
    assert actions == ["grant.move", "grant.take_back"]
    take(session, grant, signed, GrantStatus.NOTIFIED, date(2023, 12, 1))


def test_a_vote_taken_back_leaves_no_decision(session: Session, signed: Signature) -> None:
    """Its number and its date were the vote's; what was there before is in the journal."""
    grant = make_grant(session, status=GrantStatus.INSTRUCTED)
    grant.decision_number = "avis 12"
    take(session, grant, signed, GrantStatus.VOTED, date(2023, 12, 1))
    assert (grant.decision_number, grant.decided_on) == ("2024.01234", date(2023, 12, 1))

    take_back(session, grant, signed=signed)

    assert (grant.decision_number, grant.decided_on) == ("", None)
    moved = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).first()
    assert moved is not None
    assert '"decision_number": "avis 12"' in moved.before


def test_a_decision_that_was_corrected_since_stays(session: Session, signed: Signature) -> None:
    """Somebody entered it by hand: it is no longer the step's."""
    grant = make_grant(session, status=GrantStatus.INSTRUCTED)
    take(session, grant, signed, GrantStatus.VOTED, date(2023, 12, 1))
    grant.decision_number = "2024.01235"

    take_back(session, grant, signed=signed)

    assert (grant.decision_number, grant.decided_on) == ("2024.01235", date(2023, 12, 1))


def test_the_first_step_stays(session: Session, signed: Signature) -> None:
    """A grant without any step would have no life."""
    with pytest.raises(Invalid) as error:
        take_back(session, make_grant(session), signed=signed)

    assert [each.code for each in error.value.problems] == ["move.first"]


def test_of_two_who_move_a_grant_at_once_one_is_told(
    session: Session, sessions: SessionFactory, signed: Signature
) -> None:
    """The second finds the grant where the first has taken it."""
    grant = make_grant(session)
    session.commit()
    with sessions() as other:
        theirs = other.get_one(Grant, grant.id)
        assert theirs.events[-1].status is GrantStatus.VOTED
        other.rollback()
        take(session, grant, signed, GrantStatus.NOTIFIED, date(2023, 12, 1))
        session.commit()

        with pytest.raises((Conflict, Invalid)) as told:
            take(other, theirs, signed, GrantStatus.NOTIFIED, date(2023, 12, 2))

    assert isinstance(told.value, Invalid)
    assert told.value.problems[0].code == "move.impossible"
