"""Looks up people and their roles."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import Role, User
from registry.accounts.rules import normalise_address


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
