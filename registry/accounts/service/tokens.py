"""Makes and revokes API tokens."""

import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from registry import journal
from registry.accounts.models import ApiToken
from registry.accounts.rules import MARK, TokenOrder, hash_secret, order_problems
from registry.errors import Conflict, Invalid, NotFound

PREFIX = string.ascii_lowercase + string.digits
# A read must not write each time: `last_used_at` is for telling dead tokens from live ones.
USE_EVERY = timedelta(minutes=5)


def make_token(
    session: Session, order: TokenOrder, *, rights: Iterable[str], at: datetime, actor: str
) -> tuple[ApiToken, str]:
    """
    Make a token and return it with its secret, which is not kept and never shown again.

    Raises:
        Invalid: It would hold a right that its maker has not, live too long, or name
            a place or a network that is none.
    """
    problems = order_problems(order, rights=rights, at=at)
    if problems:
        raise Invalid(problems)
    prefix = "".join(secrets.choice(PREFIX) for _ in range(8))
    secret = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        name=order.name.strip(),
        prefix=prefix,
        secret_hash=hash_secret(secret),
        rights=" ".join(sorted(set(order.rights))),
        territory=" ".join(sorted(set(order.territory))),
        networks=" ".join(order.networks),
        read_only=order.read_only,
        created_at=at,
        created_by=actor,
        expires_at=order.expires_at,
    )
    session.add(token)
    session.flush()
    told = ("name", "prefix", "rights", "territory", "networks", "read_only", "expires_at")
    journal.write(
        session,
        at=at,
        actor=actor,
        action="token.make",
        subject=f"token:{token.id}",
        after={name: getattr(token, name) for name in told},
    )
    return token, secret


def revoke_token(session: Session, token_id: int, *, at: datetime, actor: str) -> ApiToken:
    """
    Put an end to a token; it stays in the list, so that its past can be told.

    Raises:
        NotFound: There is no such token.
        Conflict: It was revoked before.
    """
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFound(f"token {token_id}")
    if token.revoked_at is not None:
        raise Conflict(f"token {token_id} was revoked before")
    token.revoked_at = max(at, token.created_at)
    journal.write(
        session,
        at=at,
        actor=actor,
        action="token.revoke",
        subject=f"token:{token.id}",
        after={"revoked_at": token.revoked_at},
    )
    return token


def note_use(session: Session, token_id: int, *, at: datetime) -> None:
    """Keep when a token was last used, to some minutes."""
    session.execute(
        update(ApiToken)
        .where(
            ApiToken.id == token_id,
            or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= at - USE_EVERY),
        )
        .values(last_used_at=at)
        .execution_options(synchronize_session=False)
    )
