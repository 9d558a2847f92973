"""The API's own people and keys: who sent a request, users, tokens."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from flask import g, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from registry.accounts.models import ApiToken, Role, User, users_roles
from registry.accounts.queries import usable_token
from registry.accounts.rules import (
    READS,
    RoleName,
    TokenOrder,
    split_territory,
)
from registry.accounts.service import (
    USE_EVERY,
    add_user,
    edit_user,
    make_token,
    note_use,
    revoke_token,
)
from registry.db import Base, impatient
from registry.signature import Signature
from registry.web.access import VISITOR, Actor, current_actor
from registry.web.rest import (
    Fields,
    Flag,
    Id,
    Moment,
    Resource,
    Text,
    WordOf,
    Words,
    Writer,
    columns_of,
    mount,
    rows_of,
)

BEARER = "Bearer "


def actor_of_token(session: Session, *, at: datetime) -> Actor:
    """
    Return who sent this request by its token, or a visitor.

    A token that only reads holds nothing but rights to read, whatever it was given.
    """
    header = request.headers.get("Authorization", "")
    if not header.startswith(BEARER):
        return VISITOR
    secret = header.removeprefix(BEARER).strip()
    token = usable_token(session, secret, address=request.remote_addr or "", at=at)
    if token is None:
        return VISITOR
    rights = frozenset(token.rights.split())
    g.token_used_at = token.last_used_at
    return Actor(
        id=f"token:{token.id}",
        name=token.name,
        rights=rights & READS if token.read_only else rights,
        territory=split_territory(token.territory),
    )


def note_use_of_token(session: Session, actor: Actor, *, at: datetime) -> None:
    """
    Keep when a token was last used, unless the database is busy.

    It is done after the answer, and not waited for: the next request tries again.
    """
    used = g.get("token_used_at")
    if actor is VISITOR or (used is not None and at - used < USE_EVERY):
        return
    session.rollback()
    try:
        with impatient(session):
            note_use(session, int(actor.id.removeprefix("token:")), at=at)
            session.commit()
    except OperationalError:
        session.rollback()


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of accounts."""
    return (mount(USERS), mount(TOKENS))


class UserShown(Fields):
    """A person who may sign in."""

    id = Id(dump_only=True)
    email = Text(254)
    name = Text(120)
    active = Flag()
    roles = Text(200, metadata={"description": "Roles, separated by spaces"})
    created_at = Moment()


class UserGiven(Fields):
    """A person to add."""

    email = Text(254, least=3, required=True)
    name = Text(120)
    password = Text(256, least=12, required=True, load_only=True)
    role = WordOf(RoleName, required=True)


class UserChanged(Fields):
    """What may change of a person."""

    name = Text(120)
    active = Flag()
    role = WordOf(RoleName)
    why = Text(400, metadata={"description": "Why, for the journal"})


class TokenShown(Fields):
    """A token; its secret was told once, when it was made."""

    id = Id(dump_only=True)
    name = Text(120)
    prefix = Text(12)
    rights = Text(400, metadata={"description": "Rights, separated by spaces"})
    territory = Text(1_000, metadata={"description": "Places, separated by spaces"})
    networks = Text(400, metadata={"description": "Networks, separated by spaces"})
    read_only = Flag()
    created_at = Moment()
    created_by = Text(120)
    expires_at = Moment()
    revoked_at = Moment(allow_none=True)
    last_used_at = Moment(allow_none=True)


class TokenGiven(Fields):
    """A token to make."""

    name = Text(120, least=1, required=True)
    rights = Words(Text(40, least=1), least=1, most=30, required=True)
    expires_at = Moment(required=True)
    territory = Words(Text(20, least=1), most=40, load_default=list)
    networks = Words(Text(43, least=1), most=9, load_default=list)
    read_only = Flag(load_default=True)


def _roles() -> Any:  # noqa: ANN401 - a column without a name of its own
    names = select(func.aggregate_strings(Role.name, " ")).select_from(users_roles.join(Role))
    return func.coalesce(
        names.where(users_roles.c.user_id == User.id).correlate(User).scalar_subquery(), ""
    )


def _add_user(session: Session, values: Mapping[str, Any], signed: Signature, /) -> User:
    return add_user(
        session,
        email=values["email"],
        name=values.get("name", ""),
        password=values["password"],
        role=values["role"],
        at=signed.at,
        actor=signed.actor,
    )


def _make_token(session: Session, values: Mapping[str, Any], signed: Signature, /) -> ApiToken:
    order = TokenOrder(
        name=values["name"],
        rights=tuple(values["rights"]),
        expires_at=values["expires_at"],
        territory=tuple(values["territory"]),
        networks=tuple(values["networks"]),
        read_only=values["read_only"],
    )
    rights = current_actor().rights
    token, secret = make_token(session, order, rights=rights, at=signed.at, actor=signed.actor)
    g.setdefault("secrets", {})[token.id] = secret
    return token


def _secret(row: Base) -> Mapping[str, object]:
    return {"token": g.secrets[row.id]} if isinstance(row, ApiToken) else {}


USERS = Resource(
    name="users",
    title="People",
    model=User,
    shown=UserShown,
    columns=columns_of(UserShown, User, roles=_roles()),
    source=rows_of(User),
    reads="accounts.manage",
    writes="accounts.manage",
    given=UserGiven,
    changed=UserChanged,
    writer=Writer(_add_user, edit_user),
    regional=False,
    sorts=("email",),
)
TOKENS = Resource(
    name="tokens",
    title="Tokens",
    model=ApiToken,
    shown=TokenShown,
    columns=columns_of(TokenShown, ApiToken),
    source=rows_of(ApiToken),
    reads="accounts.manage",
    writes="accounts.manage",
    given=TokenGiven,
    writer=Writer(_make_token, remove=revoke_token, shown=_secret),
    regional=False,
)
