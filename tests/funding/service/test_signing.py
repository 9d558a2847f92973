"""A row is brought to what is said of it, and the journal keeps what differs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.funding.models import Funder, FundingLine
from registry.funding.service import LineValues
from registry.funding.service.signing import amend, as_said, changed, long_texts
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.conftest import NOON

BLANK = as_said(LineValues(funder=Funder.DEPARTMENT))


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
