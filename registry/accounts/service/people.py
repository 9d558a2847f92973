"""Makes roles and people."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from argon2 import PasswordHasher, profiles
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import journal
from registry.accounts import queries
from registry.accounts.models import Role, User
from registry.accounts.rules import (
    RoleName,
    address_problems,
    normalise_address,
    normalise_password,
    password_problems,
    role_problems,
)
from registry.errors import Conflict, Invalid
from registry.signature import Signature

STRONG = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


def ensure_roles(session: Session) -> dict[str, Role]:
    """Add the roles that are missing and return all of them by name."""
    roles = {role.name: role for role in session.scalars(select(Role))}
    for name in RoleName:
        if name.value not in roles:
            roles[name.value] = Role(name=name.value)
            session.add(roles[name.value])
    session.flush()
    return roles


def add_user(  # noqa: PLR0913 - one keyword for each thing an account is made of
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    role: str,
    at: datetime,
    actor: str,
    hasher: PasswordHasher = STRONG,
) -> User:
    """
    Add a person who can sign in from now on.

    Raises:
        Invalid: The address, the role or the password will not do; all are said.
        Conflict: Somebody has this address already.
    """
    problems = [*address_problems(email), *role_problems(role)]
    problems += password_problems(password, email=email, name=name)
    if problems:
        raise Invalid(problems)
    address = normalise_address(email)
    if queries.user_by_email(session, address) is not None:
        raise Conflict(f"there is an account for {address} already")
    user = User(
        email=address,
        name=name.strip(),
        password=hash_password(password, hasher),
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        created_at=at,
        roles=[ensure_roles(session)[role]],
    )
    session.add(user)
    session.flush()
    after = {"role": role, "active": True}
    journal.write(
        session, at=at, actor=actor, action="user.add", subject=f"user:{user.id}", after=after
    )
    return user


def edit_user(
    session: Session, user: User, values: Mapping[str, object], signed: Signature
) -> None:
    """Change a person's name, role, or whether they may sign in, and journal it."""
    before: dict[str, object] = {"name": user.name, "active": user.active}
    before["roles"] = sorted(role.name for role in user.roles)
    user.name = str(values.get("name", user.name)).strip()
    user.active = bool(values.get("active", user.active))
    if role := values.get("role"):
        user.roles = [ensure_roles(session)[str(role)]]
    session.flush()
    after: dict[str, object] = {"name": user.name, "active": user.active}
    after["roles"] = sorted(role.name for role in user.roles)
    # The journal outlives an account: that a name changed is told, not to what.
    if before.pop("name") != after.pop("name"):
        before["name"], after["name"] = "", "changed"
    journal.sign(session, signed, "user.edit", f"user:{user.id}", before=before, after=after)


def hash_password(password: str, hasher: PasswordHasher = STRONG) -> str:
    """
    Hash a password with argon2id, in the form that Flask-Security verifies.

    The argon2 package is called directly, with Flask-Security's second hash
    turned off, so that the command line can add people without a web application.
    """
    return hasher.hash(normalise_password(password))
