"""People are found by address, and named by the word that the journal keeps."""

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.accounts.queries import names_of, user_by_email
from registry.accounts.service import add_user
from registry.db import SessionFactory
from tests.web.visitors import counted_selects, make_person


def test_a_person_is_found_whatever_the_case(
    session: Session, sessions: SessionFactory, now: datetime
) -> None:
    """People type their address as they like."""
    person = make_person(sessions, "officer", at=now)

    found = user_by_email(session, " OFFICER@vigiparc.TEST ")

    assert found is not None
    assert found.id == person.id
    assert user_by_email(session, "nobody@vigiparc.test") is None


def test_actors_are_named_when_they_are_people(
    session: Session, sessions: SessionFactory, now: datetime
) -> None:
    """A nameless account is named by its address; the monitor has no name."""
    named = make_person(sessions, "officer", at=now)
    nameless = add_user(
        session,
        email="x@vigiparc.test",
        name="",
        password="Sept mots font une phrase solide 7",
        role="technician",
        at=now,
        actor="cli",
    )

    names = names_of(session, [f"user:{named.id}", f"user:{nameless.id}", "monitor", "user:999"])

    assert names == {
        f"user:{named.id}": "Personne officer",
        f"user:{nameless.id}": "x@vigiparc.test",
    }


def test_nothing_is_asked_when_nobody_acted(session: Session, engine: Engine) -> None:
    """A site without acknowledgements costs no SELECT."""
    with counted_selects(engine) as statements:
        assert names_of(session, ["", "monitor"]) == {}

    assert statements == []
