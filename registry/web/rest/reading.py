"""Reads rows of a resource: one page by keyset, or some by key, as the actor may see them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from registry.db import LARGEST_ID
from registry.web.access import Actor
from registry.web.rest.asking import ETAG, TERRITORY, Cursor, read_cursor
from registry.web.rest.resource import Column, Resource


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order, the way to the next ones, and how many there are if asked."""

    items: Sequence[Mapping[str, object]]
    next: str | None
    total: int | None = None


def read_page(
    session: Session, resource: Resource, asked: Mapping[str, Any], *, actor: Actor
) -> Page:
    """
    Read one page: what the filters leave, after the cursor, in order.

    Raises:
        Invalid: The cursor is none of this list in this order.
    """
    wanted = asked.get("fields")
    sort = asked.get("sort") or resource.key
    column = resource.columns[sort.removeprefix("-")]
    key = resource.columns[resource.key]
    names = list(resource.columns)
    if wanted is not None and ETAG not in wanted:
        names = [name for name in names if name in wanted]
    marks = (column.label("_sort"), key.label("_key"))
    columns = [resource.columns[name].label(name) for name in names]
    question = resource.source(select(*marks, *columns))
    conditions = [*_seen(resource, actor), *_filtered(resource, asked)]
    question = question.where(*conditions)
    if word := asked.get("cursor"):
        question = question.where(_after(read_cursor(resource, word, sort), column, key))
    order = [column] if column is key else [column, key]
    ordered = [each.desc() for each in order] if sort.startswith("-") else order
    limit = asked["limit"]
    rows = session.execute(question.order_by(*ordered).limit(limit + 1)).all()
    items = [_item(names, row[2:], wanted) for row in rows[:limit]]
    more = len(rows) > limit
    following = str(Cursor(sort, rows[limit - 1][0], rows[limit - 1][1])) if more else None
    total = _count(session, resource, conditions) if asked["count"] else None
    return Page(items, following, total)


def read_some(
    session: Session, resource: Resource, keys: Iterable[object], *, actor: Actor
) -> dict[object, Mapping[str, object]]:
    """Read rows whole, by their keys; those that the actor may not see are left out."""
    # No row has another key, and PostgreSQL would not even compare such a one.
    sound = [key for key in keys if _is_sound(key)]
    names = list(resource.columns)
    key = resource.columns[resource.key]
    columns = [resource.columns[name].label(name) for name in names]
    question = resource.source(select(*columns)).where(*_seen(resource, actor))
    rows = session.execute(question.where(key.in_(sound))).all()
    place = names.index(resource.key)
    return {row[place]: _item(names, row, None) for row in rows}


def _is_sound(key: object) -> bool:
    return 0 < key <= LARGEST_ID if isinstance(key, int) else str(key).isprintable()


def as_json(value: object) -> str:
    """Write an answer as JSON, instants in UTC with a Z, decimals as texts."""
    return _ENCODER.encode(value)


def _item(names: list[str], values: Iterable[object], wanted: Any) -> Mapping[str, object]:  # noqa: ANN401
    item: dict[str, object] = dict(zip(names, values, strict=True))
    if wanted is None or ETAG in wanted:
        digest = hashlib.sha256(as_json(item).encode()).hexdigest()[:24]
        if wanted is not None:
            item = {name: item[name] for name in names if name in wanted}
        item[ETAG] = digest
    return item


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _seen(resource: Resource, actor: Actor) -> list[ColumnElement[bool]]:
    """Keep to the actor's territory, where things of this kind have a place."""
    place = resource.place
    return [place.inside(place.within(actor.territory))] if place and actor.territory else []


def _filtered(resource: Resource, asked: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, column in resource.columns.items():
        if values := asked.get(name):
            found.append(column == values[0] if len(values) == 1 else column.in_(values))
        if (least := asked.get(f"{name}_min")) is not None:
            found.append(column >= least)
        if (most := asked.get(f"{name}_max")) is not None:
            found.append(column <= most)
        if (without := asked.get(f"{name}_null")) is not None:
            found.append(column.is_(None) if without else column.is_not(None))
    if place := resource.place:
        asked_places = ({kind: codes} for kind in TERRITORY if (codes := asked.get(kind)))
        found += [place.inside(place.within(each)) for each in asked_places]
    return found


def _after(cursor: Cursor, column: Column, key: Column) -> ColumnElement[bool]:
    """Ask for what follows; rows are compared whole, so that an index finds the place."""
    if column is key:
        return key < cursor.key if cursor.sort.startswith("-") else key > cursor.key
    here = tuple_(literal(cursor.value, column.type), literal(cursor.key, key.type))
    return tuple_(column, key) < here if cursor.sort.startswith("-") else tuple_(column, key) > here


def _count(session: Session, resource: Resource, conditions: Sequence[ColumnElement[bool]]) -> int:
    question: Select[Any] = resource.source(select(func.count())).where(*conditions)
    return int(session.scalar(question) or 0)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_word)
