"""Writes what a client sends: one thing or a list, whole or not at all, never unseen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired

from registry.db import LARGEST_ID
from registry.errors import Conflict, Invalid, NotFound, Problem, Refused
from registry.signature import Signature
from registry.web.access import Actor
from registry.web.rest.asking import ETAG
from registry.web.rest.reading import read_some
from registry.web.rest.resource import Resource

WHY = "why"


def create(
    session: Session,
    resource: Resource,
    given: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    at: datetime,
) -> list[Mapping[str, object]]:
    """
    Add things and return them as they stand.

    Raises:
        Invalid: With the problems of every one; nothing is to be committed.
        Refused: One would stand outside the actor's territory.
    """
    rows: list[Any] = []

    def add(values: Mapping[str, Any]) -> None:
        _require_why(resource, values, changed=frozenset(), always=resource.writer.sworn)
        _require_place(session, resource, values, actor)
        why, rest = _split(values)
        make = resource.writer.create
        if make is None:
            message = f"nothing adds {resource.name}"
            raise TypeError(message)
        rows.append(make(session, rest, Signature(actor.id, at, why)))
        session.flush()

    _each(session, resource, given, add)
    keys = [getattr(row, resource.key) for row in rows]
    standing = read_some(session, resource, keys, actor=actor)
    shown = resource.writer.shown or (lambda _row: {})
    return [{**standing[key], **shown(row)} for key, row in zip(keys, rows, strict=True)]


def change(
    session: Session,
    resource: Resource,
    given: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    at: datetime,
) -> list[Mapping[str, object]]:
    """
    Change things, each named by its key and the ETag that was read, and return them.

    The rows are held before their ETag is compared: of two clients that read the
    same, the second is told.

    Raises:
        Invalid: With the problems of every one; nothing is to be committed.
        NotFound: A thing is not there, or not where the actor may look.
        PreconditionFailed: It has changed since it was read.
    """
    keys = [values[resource.key] for values in given]
    held = {key: _hold(session, resource, key) for key in keys}
    standing = read_some(session, resource, keys, actor=actor)
    for values in given:
        before = standing.get(values[resource.key])
        if before is None:
            raise NotFound(f"{resource.name} {values[resource.key]}")
        if values[ETAG] not in (before[ETAG], "*"):
            raise PreconditionFailed

    def alter(values: Mapping[str, Any]) -> None:
        before = standing[values[resource.key]]
        why, rest = _split(values)
        rest.pop(resource.key, None)
        changed = frozenset(name for name, value in rest.items() if before.get(name) != value)
        _require_why(resource, values, changed=changed)
        _require_place(session, resource, {**before, **rest}, actor)
        update = resource.writer.update
        if update is None:
            message = f"nothing changes {resource.name}"
            raise TypeError(message)
        row = held[values[resource.key]]
        if changed:
            update(session, row, rest, Signature(actor.id, at, why))
            session.flush()

    _each(session, resource, given, alter)
    standing = read_some(session, resource, keys, actor=actor)
    return [standing[key] for key in keys]


def require_etag(header: str | None) -> str:
    """
    Return the one ETag of an If-Match header; a weak one matches nothing.

    Raises:
        PreconditionRequired: The header is missing.
    """
    if not header:
        raise PreconditionRequired
    return header.strip().removeprefix('"').removesuffix('"') if header != "*" else "*"


def _hold(session: Session, resource: Resource, key: object) -> Any:  # noqa: ANN401 - any model
    if isinstance(key, int) and not 0 < key <= LARGEST_ID:
        raise NotFound(f"{resource.name} {key}")
    return session.get(resource.model, key, with_for_update=True, populate_existing=True)


def _each(
    session: Session,
    resource: Resource,
    given: Sequence[Mapping[str, Any]],
    write: Callable[[Mapping[str, Any]], None],
) -> None:
    """Write every one, and go on after a problem so that all of them are said at once."""
    problems: list[Problem] = []
    for row, values in enumerate(given):
        try:
            with session.begin_nested():
                write(values)
        except Invalid as error:
            problems += [replace(each, where=f"{row}/{each.where}") for each in error.problems]
        except (Conflict, IntegrityError, DataError) as error:
            if len(given) == 1 and isinstance(error, Conflict):
                raise
            if len(given) == 1:
                # The database's message quotes the row: it stays in the cause.
                message = f"a row like this stands, or what it refers to does not ({resource.name})"
                raise Conflict(message) from error
            problems.append(Problem("conflict", f"{row}/"))
    if problems:
        single = len(given) == 1
        raise Invalid(
            replace(each, where=each.where.partition("/")[2]) if single else each
            for each in problems
        )


def _split(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    rest = {name: value for name, value in values.items() if name not in {WHY, ETAG}}
    return str(values.get(WHY, "")).strip(), rest


def _require_why(
    resource: Resource, values: Mapping[str, Any], *, changed: frozenset[str], always: bool = False
) -> None:
    if str(values.get(WHY, "")).strip():
        return
    if always or changed & resource.writer.reasoned:
        fields = ", ".join(sorted(changed & resource.writer.reasoned))
        raise Invalid([Problem("why", WHY, parameters={"fields": fields})])


def _require_place(
    session: Session, resource: Resource, values: Mapping[str, Any], actor: Actor
) -> None:
    """Refuse to put a thing where the actor may not work."""
    if not actor.territory:
        return
    place = resource.place
    if place is None or place.of is None:
        raise Refused(f"{actor.id} is bound to a territory, {resource.name} have none")
    communes = place.of(session, values)
    allowed = set(session.scalars(place.within(actor.territory)))
    if not communes or not communes <= allowed:
        raise Refused(f"{actor.id} may not write in {', '.join(sorted(communes)) or 'no place'}")
