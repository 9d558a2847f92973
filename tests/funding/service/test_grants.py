"""Opening a grant's file and changing what it says; what the journal keeps of it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid
from registry.funding.models import Grant, GrantStatus, Payment, PaymentKind
from registry.funding.service import GrantValues, create_grant, update_grant
from registry.journal import JournalEntry, first_broken_link
from registry.signature import Signature
from tests.factories import make_campaign, make_grant, make_payment

VALUES = GrantValues(voted_cents=0, cameras_funded=4, eligible_cents=4_000_000)


@pytest.fixture
def signed(now: datetime) -> Signature:
    """Return an officer's signature."""
    return Signature(actor="user:2", at=now, reason=" Avenant n° 1 ")


def create(session: Session, signed: Signature, values: GrantValues = VALUES) -> Grant:
    """Open the file 24-001 for the beneficiary of another grant."""
    body = make_grant(session).beneficiary
    return create_grant(
        session, "24-001", values, campaign=make_campaign(session), beneficiary=body, signed=signed
    )


def refused(session: Session, grant: Grant, signed: Signature, **said: object) -> list[str]:
    """Try to change a grant, and return what stands against it as `where: code`."""
    values = replace(GrantValues.of(grant), **said)  # type: ignore[arg-type]  # any field
    with pytest.raises(Invalid) as error:
        update_grant(session, grant, values, signed=signed)
    return [f"{each.where}: {each.code}" for each in error.value.problems]


def entries(session: Session) -> list[JournalEntry]:
    """Return what the journal holds."""
    return list(session.scalars(select(JournalEntry).order_by(JournalEntry.id)))


def test_a_file_is_opened_as_a_draft(session: Session, signed: Signature) -> None:
    """With its first step and an entry of the journal."""
    grant = create(session, signed)

    assert (grant.status, grant.paid_cents) == (GrantStatus.DRAFT, 0)
    (event,) = grant.events
    assert (event.rank, event.status, event.author) == (1, GrantStatus.DRAFT, "user:2")
    (entry,) = entries(session)
    assert (entry.action, entry.subject) == ("grant.create", "grant:24-001")
    assert '"eligible_cents": 4000000' in entry.after


def test_a_file_number_is_in_use_once(session: Session, signed: Signature) -> None:
    """The second is told that it is there."""
    create(session, signed)

    with pytest.raises(Conflict, match="24-001 is in the register"):
        create(session, signed)


def test_a_file_that_cannot_be_is_not_opened(session: Session, signed: Signature) -> None:
    """Every problem is said at once: no number, an amount below zero, a first step to come."""
    body = make_grant(session).beneficiary
    with pytest.raises(Invalid) as error:
        create_grant(
            session,
            " ",
            replace(VALUES, voted_cents=-1),
            campaign=make_campaign(session),
            beneficiary=body,
            signed=signed,
            since=date(2027, 1, 1),
        )

    assert [each.where for each in error.value.problems] == ["voted_cents", "file_number", "since"]
    assert entries(session) == []


def test_only_what_changed_is_journaled(session: Session, signed: Signature) -> None:
    """Before and after hold the same keys, the reason stands beside them, the chain holds."""
    grant = make_grant(session)
    values = replace(GrantValues.of(grant), decision_number="2023.01234", rate=Decimal("0.3"))

    assert update_grant(session, grant, values, signed=signed)

    (entry,) = entries(session)
    assert (grant.decision_number, grant.rate) == ("2023.01234", Decimal("0.3"))
    assert entry.before == '{"decision_number": "", "rate": null}'
    assert entry.after == '{"decision_number": "2023.01234", "rate": "0.3"}'
    assert entry.reason == "Avenant n° 1"
    assert first_broken_link(session) is None


def test_the_same_again_is_no_change(session: Session, signed: Signature) -> None:
    """A form sent twice leaves one entry."""
    grant = make_grant(session)
    values = replace(GrantValues.of(grant), purpose="Entrée de ville")

    assert [update_grant(session, grant, values, signed=signed) for _ in range(2)] == [True, False]
    assert len(entries(session)) == 1


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"voted_cents": -1}, "voted_cents: amount.negative"),
        ({"cameras_funded": -1}, "cameras_funded: amount.negative"),
        ({"eligible_cents": 2_158_299}, "voted_cents: rate.beyond"),
        ({"rate": Decimal("1.01")}, "rate: rate.range"),
        ({"rate": Decimal("0.12345")}, "rate: rate.range"),
        ({"rate": Decimal(0)}, "rate: rate.range"),
        (
            {"eligible_cents": 5_000_000, "project_cents": 4_999_999},
            "eligible_cents: eligible.beyond",
        ),
        ({"decided_on": date(2027, 1, 1)}, "decided_on: date.future"),
        ({"population_year": 23}, "population_year: year.range"),
        ({"purpose": "x" * 257}, "purpose: text.long"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(
    session: Session, signed: Signature, said: dict[str, object], problem: str
) -> None:
    """A rate over 100 %, an eligible base beyond the project, a vote of next year."""
    assert refused(session, make_grant(session), signed, **said) == [problem]


def test_without_a_reason_nothing_changes(session: Session, signed: Signature) -> None:
    """Money, identity and dates do not change without a word why."""
    grant = make_grant(session)

    said = refused(session, grant, replace(signed, reason=" "), voted_cents=1)

    assert said == ["reason: required"]
    assert grant.voted_cents == 2_158_300
    assert entries(session) == []


def test_a_vote_cannot_fall_below_what_was_paid(session: Session, signed: Signature) -> None:
    """Down to the cent that was paid, and no further."""
    grant = make_grant(session)
    make_payment(session, grant, 1_000_000, kind=PaymentKind.DECLARED)

    assert refused(session, grant, signed, voted_cents=999_999) == ["voted_cents: vote.below_paid"]
    assert update_grant(
        session, grant, replace(GrantValues.of(grant), voted_cents=1_000_000), signed=signed
    )


def test_a_vote_is_dated_before_the_steps_that_followed(
    session: Session, signed: Signature
) -> None:
    """A grant notified in November was not voted in December."""
    grant = make_grant(session, status=GrantStatus.NOTIFIED, since=date(2023, 11, 30))

    said = refused(session, grant, signed, decided_on=date(2023, 12, 1))

    assert said == ["decided_on: date.after"]


def test_a_vote_below_what_was_paid_meanwhile_is_a_conflict(
    session: Session, signed: Signature
) -> None:
    """The database knows of payments that were made since the grant was read."""
    grant = make_grant(session, voted_cents=1_000)
    assert grant.paid_cents == 0
    paid = {"kind": PaymentKind.DECLARED, "rank": 1, "paid_cents": 900}
    session.execute(insert(Payment.__table__).values(grant_id=grant.id, **paid))  # type: ignore[arg-type]  # a Table

    with pytest.raises(Conflict, match="changed meanwhile"):
        update_grant(session, grant, replace(GrantValues.of(grant), voted_cents=100), signed=signed)
