"""Making tokens, revoking them, and keeping when they were last used."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.models import ApiToken
from registry.accounts.queries import usable_token
from registry.accounts.rules import Right, TokenOrder
from registry.accounts.service import make_token, note_use, revoke_token
from registry.errors import Conflict, NotFound
from registry.journal import JournalEntry

HERE = "192.0.2.7"


def order(now: datetime) -> TokenOrder:
    """Return an order for a token that reads sites for a week."""
    return TokenOrder("Grafana", ("sites.read",), now + timedelta(days=7), read_only=True)


def made(session: Session, now: datetime) -> tuple[ApiToken, str]:
    """Make a token as an administrator does."""
    return make_token(session, order(now), rights=frozenset(Right), at=now, actor="user:1")


def test_a_secret_opens_its_own_token_only(session: Session, now: datetime) -> None:
    """Two tokens of the same order are two, and one's prefix does not open with another's rest."""
    first, one = made(session, now)
    second, other = made(session, now)
    mixed = one[:13] + other[13:]

    assert usable_token(session, one, address=HERE, at=now) is first
    assert usable_token(session, other, address=HERE, at=now) is second
    assert usable_token(session, mixed, address=HERE, at=now) is None


def test_an_expired_token_opens_nothing(session: Session, now: datetime) -> None:
    """Up to its instant, and not at it."""
    token, secret = made(session, now)

    assert usable_token(session, secret, address=HERE, at=token.expires_at) is None
    just_before = token.expires_at - timedelta(seconds=1)
    assert usable_token(session, secret, address=HERE, at=just_before) is token


def test_a_token_is_revoked_once(session: Session, now: datetime) -> None:
    """It stays in the list; a second revocation is told that there is nothing to do."""
    token, secret = made(session, now)

    revoke_token(session, token.id, at=now, actor="user:1")

    assert usable_token(session, secret, address=HERE, at=now) is None
    with pytest.raises(Conflict):
        revoke_token(session, token.id, at=now, actor="user:1")
    with pytest.raises(NotFound):
        revoke_token(session, 404, at=now, actor="user:1")


def test_the_journal_tells_of_a_token_without_its_secret(session: Session, now: datetime) -> None:
    """Who made it, with which rights, and who ended it."""
    token, secret = made(session, now)
    revoke_token(session, token.id, at=now, actor="user:2")

    entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [(e.action, e.actor) for e in entries] == [
        ("token.make", "user:1"), ("token.revoke", "user:2"),
    ]  # fmt: skip
    assert not any(secret[13:] in f"{e.before}{e.after}" for e in entries)
    assert "sites.read" in entries[0].after


def test_a_use_is_written_every_few_minutes(session: Session, now: datetime) -> None:
    """A token that reads a hundred times a second writes twelve times an hour."""
    token, _secret = made(session, now)

    for minutes in (0, 1, 4, 6):
        note_use(session, token.id, at=now + timedelta(minutes=minutes))
    session.refresh(token)

    assert token.last_used_at == now + timedelta(minutes=6)
