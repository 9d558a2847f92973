"""The journal's lines, read for people."""

from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry import journal
from registry.audit.queries.journal import Change, Wanted, journal_page
from tests import factories
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


def test_a_cameras_history_is_one_whatever_it_was_called(
    session: Session, engine: Engine, now: datetime
) -> None:
    """By its number as by the site and label of old entries; another camera's is not its."""
    camera = factories.make_camera(session)
    session.flush()
    old = f"camera:{camera.site.public_id}/{camera.label}"
    subjects = [old, f"camera:{camera.id}", f"camera:{camera.id}0", "camera:x"]
    changes = [journal.Change("x", subject) for subject in subjects]
    journal.append(session, changes, actor="user:1", at=now)
    session.commit()

    for asked in subjects[:2]:
        with counted_selects(engine) as statements:
            page = journal_page(session, Wanted(subject=asked))
        assert [line.subject for line in page.lines] == [f"camera:{camera.id}", old]
        assert len(statements) == 3


@pytest.mark.parametrize(
    "asked", ["camera:x", "camera:0", "camera:59054-01/none", "camera:" + "9" * 30]
)
def test_a_camera_that_is_not_known_has_the_lines_of_that_name(
    session: Session, now: datetime, asked: str
) -> None:
    """One that was never there, or no number at all."""
    journal.append(session, [journal.Change("x", asked)], actor="user:1", at=now)

    assert [line.subject for line in journal_page(session, Wanted(subject=asked)).lines] == [asked]
