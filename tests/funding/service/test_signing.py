"""Who, when and why: asked for wherever money, identity or dates change."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.funding.models import Funder, FundingLine
from registry.funding.service import LineValues
from registry.funding.service.signing import Signature, amend, as_said, changed, long_texts, sign
from registry.journal import JournalEntry
from tests.conftest import NOON

BLANK = as_said(LineValues(funder=Funder.DEPARTMENT))


@pytest.mark.parametrize(
    ("reason", "codes"),
    [("Solde versé", []), ("", ["required"]), ("  ", ["required"]), ("x" * 401, ["text.long"])],
)
def test_a_reason_is_asked_for(reason: str, codes: list[str]) -> None:
    """Blank is none, and a novel is refused before it is written."""
    signed = Signature(actor="user:2", at=NOON, reason=reason)

    assert [each.code for each in signed.problems()] == codes


def test_a_day_is_that_of_france() -> None:
    """At 23:30 UTC in summer it is tomorrow in Paris."""
    late = Signature(actor="user:2", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))

    assert late.today == date(2026, 7, 1)


def test_the_journal_keeps_who_when_and_why(session: Session) -> None:
    """With the reason as it was meant, without the spaces around it."""
    signed = Signature(actor="user:2", at=NOON, reason=" Avenant ")

    sign(session, signed, "grant.edit", "grant:1", before={"a": 1}, after={"a": 2})

    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.actor, entry.at, entry.reason) == ("user:2", NOON, "Avenant")


def test_a_row_is_brought_to_what_it_is_to_say(session: Session) -> None:
    """Only what differs is journaled; the same again is told apart from a change."""
    line = FundingLine(**{**BLANK, "name": "Nord"})
    wanted = LineValues(funder=Funder.DEPARTMENT, name="Aisne")
    signed = Signature(actor="user:2", at=NOON, reason="Erreur de saisie")

    told = [
        amend(session, line, wanted, signed=signed, action="line.edit", subject="grant:1")
        for _ in range(2)
    ]

    assert (told, line.name, LineValues.of(line)) == ([True, False], "Aisne", wanted)
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.before, entry.after) == ('{"name": "Nord"}', '{"name": "Aisne"}')


def test_only_what_differs_is_told() -> None:
    """Before and after hold the same keys."""
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ({"b": 2}, {"b": 3})


def test_a_text_that_would_not_fit_is_named() -> None:
    """PostgreSQL would refuse it without saying which, SQLite would cut nothing."""
    (problem,) = long_texts({"name": "abc", "note": None}, {"name": 2, "note": 2})

    assert (problem.where, problem.parameters) == ("name", {"longest": "2"})
