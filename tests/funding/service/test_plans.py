"""Co-funders: who was asked, who gave, and when public money is too much."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import SessionFactory
from registry.errors import Conflict, Invalid, NotFound
from registry.funding.models import Funder, FundingLine, Grant, LineState
from registry.funding.rules import PUBLIC_SHARE
from registry.funding.service import LineValues, plan_of_grant, remove_line, save_line
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.factories import make_grant

DETR = LineValues(funder=Funder.DETR, asked_cents=2_000_000, asked_on=date(2024, 1, 15))


@pytest.fixture
def signed(now: datetime) -> Signature:
    """Return an officer's signature."""
    return Signature(actor="user:2", at=now, reason="Notification du préfet")


@pytest.fixture
def grant(session: Session) -> Grant:
    """Return a grant of 12,000 euros on a project of 40,000."""
    return make_grant(session, voted_cents=1_200_000, eligible_cents=4_000_000)


def test_a_line_is_asked_and_granted(session: Session, grant: Grant, signed: Signature) -> None:
    """The same line changes when the answer comes, and the journal says both."""
    line = save_line(session, grant, DETR, signed=signed)
    answer = replace(
        DETR, state=LineState.GRANTED, granted_cents=1_500_000, decided_on=date(2024, 5, 2)
    )

    save_line(session, grant, answer, signed=signed, line=line)

    assert plan_of_grant(grant).public_cents == 2_700_000
    entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [each.action for each in entries] == ["funding_line.add", "funding_line.edit"]
    assert entries[1].before == '{"decided_on": null, "granted_cents": 0, "state": "asked"}'


def test_over_80_percent_of_public_money_is_kept_and_seen(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """The law lets it happen by derogation: it is a finding, not a refusal."""
    save_line(session, grant, replace(DETR, asked_cents=2_000_001), signed=signed)

    assert plan_of_grant(grant).share_exceeds(PUBLIC_SHARE)


def test_over_the_whole_cost_is_refused(session: Session, grant: Grant, signed: Signature) -> None:
    """40,000.01 of public money for 40,000: the figures are said, nothing is written."""
    with pytest.raises(Invalid) as error:
        save_line(session, grant, replace(DETR, asked_cents=2_800_001), signed=signed)

    (problem,) = error.value.problems
    assert (problem.code, problem.value) == ("plan.beyond", "4000001")
    assert session.scalars(select(FundingLine)).all() == []
    save_line(session, grant, replace(DETR, asked_cents=2_800_000), signed=signed)


def test_the_owner_may_pay_whatever_it_likes(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """Own money is no public aid."""
    own = LineValues(funder=Funder.OWN, state=LineState.GRANTED, granted_cents=9_000_000)

    save_line(session, grant, own, signed=signed)

    assert plan_of_grant(grant).own_cents == 9_000_000


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"asked_cents": -1}, "asked_cents: amount.negative"),
        ({"granted_cents": 5}, "granted_cents: line.not_granted"),
        ({"decided_on": date(2024, 1, 14)}, "decided_on: date.before"),
        ({"decided_on": date(2027, 1, 1)}, "decided_on: date.future"),
        ({"reference": "x" * 61}, "reference: text.long"),
    ],
    ids=str,
)
def test_a_line_that_cannot_be_is_refused(
    session: Session, grant: Grant, signed: Signature, said: dict[str, object], problem: str
) -> None:
    """An answer before the question, money that nobody granted."""
    with pytest.raises(Invalid) as error:
        save_line(session, grant, replace(DETR, **said), signed=signed)  # type: ignore[arg-type]

    assert [f"{each.where}: {each.code}" for each in error.value.problems] == [problem]


def test_a_co_funder_has_one_line(session: Session, grant: Grant, signed: Signature) -> None:
    """A second one is told that there is one; two bodies of one kind have two names."""
    save_line(session, grant, DETR, signed=signed)

    with pytest.raises(Conflict, match="detr has a line already"):
        save_line(session, grant, replace(DETR, asked_cents=1), signed=signed)
    nord = LineValues(funder=Funder.DEPARTMENT, name="Nord", asked_cents=1)
    for each in (nord, replace(nord, name="Aisne")):
        save_line(session, grant, each, signed=signed)


def test_a_line_is_taken_out_with_a_reason(
    session: Session, grant: Grant, signed: Signature
) -> None:
    """The journal keeps what it said; the line of another grant is not found."""
    line = save_line(session, grant, DETR, signed=signed)
    with pytest.raises(Invalid):
        remove_line(session, grant, line, signed=replace(signed, reason=""))

    remove_line(session, grant, line, signed=signed)

    assert grant.lines == []
    with pytest.raises(NotFound):
        remove_line(session, grant, line, signed=signed)


def test_of_two_lines_at_once_one_is_told(
    session: Session, sessions: SessionFactory, grant: Grant, signed: Signature
) -> None:
    """Together they would pay more than the project costs, each alone would not."""
    session.commit()
    with sessions() as other:
        theirs = other.get_one(Grant, grant.id)
        assert theirs.lines == []
        other.rollback()
        save_line(session, grant, DETR, signed=signed)
        session.commit()

        with pytest.raises(Invalid) as error:
            save_line(other, theirs, replace(DETR, funder=Funder.FIPD), signed=signed)

    assert [each.code for each in error.value.problems] == ["plan.beyond"]
