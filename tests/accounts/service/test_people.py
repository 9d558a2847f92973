"""Accounts are made whole, or not at all."""

from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.models import Role, User
from registry.accounts.service import add_user, ensure_roles, hash_password
from registry.errors import Conflict, Invalid
from registry.journal import JournalEntry

GOOD = "Sept mots font une phrase solide 7"


def add(session: Session, now: datetime, **changes: str) -> User:
    """Add Camille, with some of the fields changed."""
    fields: dict[str, Any] = {
        "email": "Camille@Ville.test",
        "name": " Camille Delattre ",
        "password": GOOD,
        "role": "officer",
    }
    return add_user(session, **{**fields, **changes}, at=now, actor="cli")


def test_an_account_is_made_and_journaled(session: Session, now: datetime) -> None:
    """Name and address are tidied, the role is given, the journal tells."""
    user = add(session, now)

    assert (user.email, user.name, user.active) == ("camille@ville.test", "Camille Delattre", True)
    assert [role.name for role in user.roles] == ["officer"]
    assert user.created_at == now
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.action, entry.subject, entry.actor) == ("user.add", f"user:{user.id}", "cli")


def test_neither_password_nor_address_reaches_the_journal(session: Session, now: datetime) -> None:
    """The journal outlives an account: it names people by number."""
    add(session, now)

    entry = session.scalars(select(JournalEntry)).one()
    assert GOOD not in entry.after
    assert "ville.test" not in entry.after + entry.subject


def test_the_password_is_kept_as_an_argon2_hash(session: Session, now: datetime) -> None:
    """What is stored proves a password and does not tell it."""
    user = add(session, now)

    # What RFC 9106 recommends where memory is scarce: 64 MiB, three times, four lanes.
    assert user.password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PasswordHasher().verify(user.password, GOOD)
    assert hash_password(GOOD) != hash_password(GOOD)


def test_every_problem_is_said_at_once(session: Session, now: datetime) -> None:
    """A wrong address, role and password are found in one go."""
    with pytest.raises(Invalid) as refused:
        add(session, now, email="nobody", role="boss", password="short")

    assert [each.where for each in refused.value.problems] == ["email", "role", "password"]
    assert session.scalars(select(User)).all() == []


def test_an_address_names_one_account(session: Session, now: datetime) -> None:
    """Capitals make no difference."""
    add(session, now)

    with pytest.raises(Conflict):
        add(session, now, email="CAMILLE@VILLE.TEST")


def test_roles_are_made_once(session: Session) -> None:
    """A second call finds what the first has made."""
    first = ensure_roles(session)
    second = ensure_roles(session)

    assert first == second
    assert sorted(session.scalars(select(Role.name))) == ["administrator", "officer", "technician"]
