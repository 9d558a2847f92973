"""Looks up people, their roles, and the tokens of other systems."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import ApiToken, Role, User
from registry.accounts.rules import hash_secret, may_come_from, normalise_address, prefix_of


def user_by_email(session: Session, email: str) -> User | None:
    """Return the person with this address, whatever its case."""
    return session.scalar(select(User).where(func.lower(User.email) == normalise_address(email)))


def role_by_name(session: Session, name: str) -> Role | None:
    """Return a role by its name."""
    return session.scalar(select(Role).filter_by(name=name))


def names_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Return the names of the people among these actors (`user:3`); others have none."""
    ids = {int(actor.removeprefix("user:")) for actor in actors if actor.startswith("user:")}
    if not ids:
        return {}
    people = session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {f"user:{number}": name or email for number, name, email in people}


def usable_token(session: Session, secret: str, *, address: str, at: datetime) -> ApiToken | None:
    """
    Return the token that this secret is of, if it may be used from an address now.

    One answer for an unknown, expired or revoked token, a wrong secret and a wrong
    network: a thief learns nothing from the difference.
    """
    prefix = prefix_of(secret)
    if not prefix:
        return None
    token = session.scalar(select(ApiToken).filter_by(prefix=prefix))
    if token is None or not compare_digest(token.secret_hash, hash_secret(secret)):
        return None
    if token.revoked_at is not None or token.expires_at <= at:
        return None
    return token if may_come_from(token.networks, address) else None


def all_tokens(session: Session) -> Sequence[ApiToken]:
    """Return every token, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()
