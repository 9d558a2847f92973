"""The journal's lines, read for people."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry import journal
from registry.audit.queries.journal import Change, Wanted, journal_page
from tests.web.visitors import counted_selects


def test_a_line_shows_each_value_that_changed(session: Session, now: datetime) -> None:
    """Lists and numbers as texts, a long one cut off."""
    journal.write(
        session, at=now, actor="cli", action="x", subject="y",
        before={"a": 1, "long": "x" * 300}, after={"a": [1, 2]},
    )  # fmt: skip

    (line,) = journal_page(session, Wanted()).lines

    assert line.changes[0] == Change("a", "1", "[1, 2]")
    assert len(line.changes[1].before) == 201
    assert (line.name, line.origin) == ("cli", "")


def test_a_page_asks_twice_whatever_it_holds(
    session: Session, engine: Engine, now: datetime
) -> None:
    """The lines, and the names of their authors."""
    changes = [journal.Change("x", f"y:{number}") for number in range(60)]
    journal.append(session, changes, actor="user:1", at=now)
    session.commit()

    with counted_selects(engine) as statements:
        page = journal_page(session, Wanted(actor="user:1"))

    assert len(statements) == 2
    assert (len(page.lines), page.older) == (50, 11)
