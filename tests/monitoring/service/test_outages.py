"""What people add to an outage is kept, journaled, and moves no second."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.db import SessionFactory
from registry.errors import Conflict, Invalid, NotFound
from registry.journal import JournalEntry
from registry.monitoring.models import Interval, Outage
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.service import record
from registry.monitoring.service.outages import acknowledge, comment, judge, set_ticket
from tests import factories
from tests.monitoring.telling import at_minute, told

WHO = "user:7"


@pytest.fixture
def outage(session: Session) -> Outage:
    """Add a camera that fell a minute after noon."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0), told(camera.id, 1, Health.DOWN)], patience=1)
    return session.scalars(select(Outage)).one()


def entries(session: Session) -> list[tuple[str, str]]:
    """Return what the journal says of outages: action and reason."""
    rows = session.scalars(
        select(JournalEntry).where(JournalEntry.subject.like("outage:%")).order_by(JournalEntry.id)
    )
    return [(row.action, row.reason) for row in rows]


def test_an_outage_is_acknowledged_once(session: Session, outage: Outage) -> None:
    """The first who takes care of it is named; a second one is told so."""
    acknowledge(session, outage.id, actor=WHO, at=at_minute(4), note=" Nacelle demain ")

    assert (outage.acknowledged_by, outage.note) == (WHO, "Nacelle demain")
    with pytest.raises(Conflict, match=f"acknowledged by {WHO}"):
        acknowledge(session, outage.id, actor="user:8", at=at_minute(5))
    assert entries(session) == [("outage.acknowledge", "")]


def test_of_two_who_acknowledge_at_once_one_is_told(
    session: Session, sessions: SessionFactory, outage: Outage
) -> None:
    """Whoever comes second finds the first there, whatever the page had shown."""
    session.commit()
    with sessions() as other:
        assert other.get_one(Outage, outage.id).acknowledged_at is None
        other.rollback()
        acknowledge(session, outage.id, actor=WHO, at=at_minute(4))
        session.commit()

        with pytest.raises(Conflict):
            acknowledge(other, outage.id, actor="user:8", at=at_minute(4))


def test_an_endless_note_is_refused(session: Session, outage: Outage) -> None:
    """A note fits on a line of the list."""
    with pytest.raises(Invalid) as refusal:
        acknowledge(session, outage.id, actor=WHO, at=at_minute(4), note="x" * 401)

    assert [(each.code, each.where) for each in refusal.value.problems] == [("too_long", "note")]
    assert outage.acknowledged_at is None


def test_comments_are_added_in_order(session: Session, outage: Outage) -> None:
    """Each says who wrote it and when."""
    comment(session, outage.id, text=" Nacelle commandée ", actor=WHO, at=at_minute(5))
    comment(session, outage.id, text="Réparée", actor=WHO, at=at_minute(9))

    session.expire(outage)
    assert [(each.text, each.author) for each in outage.comments] == [
        ("Nacelle commandée", WHO),
        ("Réparée", WHO),
    ]
    assert entries(session) == [("outage.comment", "")] * 2


@pytest.mark.parametrize("text", ["", "  \n", "x" * 1_001])
def test_a_comment_says_something_and_not_too_much(
    session: Session, outage: Outage, text: str
) -> None:
    """Empty ones and novels are refused by name."""
    with pytest.raises(Invalid) as refusal:
        comment(session, outage.id, text=text, actor=WHO, at=at_minute(5))

    assert [each.where for each in refusal.value.problems] == ["text"]


def test_a_ticket_is_kept_and_taken_back(session: Session, outage: Outage) -> None:
    """The journal knows both; the same number again is no change."""
    set_ticket(session, outage.id, ticket=" GLPI-42 ", actor=WHO, at=at_minute(5))
    set_ticket(session, outage.id, ticket="GLPI-42", actor=WHO, at=at_minute(6))
    assert outage.ticket == "GLPI-42"
    set_ticket(session, outage.id, ticket="", actor=WHO, at=at_minute(7))

    assert outage.ticket == ""
    assert entries(session) == [("outage.ticket", "")] * 2
    with pytest.raises(Invalid):
        set_ticket(session, outage.id, ticket="x" * 61, actor=WHO, at=at_minute(8))


def test_a_judgement_has_its_reason_and_may_be_taken_back(session: Session, outage: Outage) -> None:
    """Excluded and imputable are both judged, by somebody, for a reason."""
    why = "Câble coupé, plainte 2026/118"

    judge(
        session, outage.id, excluded_for=Exclusion.VANDALISM, reason=why, actor=WHO, at=at_minute(5)
    )
    assert (outage.excluded_for, outage.judged_by) == (Exclusion.VANDALISM, WHO)
    judge(session, outage.id, excluded_for=None, reason="Erreur", actor=WHO, at=at_minute(6))

    assert (outage.excluded_for, outage.judged_at) == (None, at_minute(6))
    assert entries(session) == [("outage.judge", why), ("outage.judge", "Erreur")]
    with pytest.raises(Invalid):
        judge(session, outage.id, excluded_for=None, reason=" ", actor=WHO, at=at_minute(7))


def test_a_judgement_moves_no_second(session: Session, outage: Outage) -> None:
    """Intervals, and so the uptime, are what was seen, whoever is to blame."""
    before = [(each.started_at, each.health) for each in session.scalars(select(Interval))]

    at = at_minute(5)
    judge(session, outage.id, excluded_for=Exclusion.POWER, reason="EDF", actor=WHO, at=at)

    after = [(each.started_at, each.health) for each in session.scalars(select(Interval))]
    assert before == after
    assert outage.ended_at is None


def test_the_database_holds_an_exclusion_to_its_reason(session: Session, outage: Outage) -> None:
    """Whichever program writes it, nothing is excluded without a word."""
    outage.excluded_for = Exclusion.POWER

    with pytest.raises(IntegrityError):
        session.flush()


def test_what_is_not_there_cannot_be_judged(session: Session) -> None:
    """The number is named."""
    with pytest.raises(NotFound, match="outage 99"):
        judge(session, 99, excluded_for=None, reason="x", actor=WHO, at=at_minute(5))
