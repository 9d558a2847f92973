"""Reads what a list is asked for: filters, order, page, fields; and refuses the rest."""

import base64
import binascii
import json
from copy import copy
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields
from webargs.fields import DelimitedList

from registry.errors import Invalid, Problem
from registry.web.rest.fields import (
    Cents,
    Count,
    Day,
    Fields,
    Flag,
    Id,
    Moment,
    Number,
    Text,
    WordOf,
    Words,
    refuse,
)
from registry.web.rest.resource import Resource

PAGE, LARGEST_PAGE = 100, 1_000
ETAG = "etag"
ORDERED = (Day, Moment, Number)
TERRITORY = {
    "commune": "INSEE code of a commune",
    "department": "INSEE code of a department",
    "epci": "SIREN of a grouping of communes",
}
CURSOR = 400


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the order, and what the last row of it had there."""

    sort: str
    value: object
    key: object

    def __str__(self) -> str:
        """Return it as one opaque word for an address."""
        text = json.dumps([self.sort, self.value, self.key], default=str, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def asked_for(resource: Resource) -> type[Fields]:
    """Build the schema of a list's query: every listed field is a filter."""
    names = [*resource.columns, ETAG]
    orders = [*resource.orders, *(f"-{name}" for name in resource.orders)]
    said: dict[str, fields.Field[Any]] = {
        "limit": Number(
            1, LARGEST_PAGE, strict=False, load_default=PAGE, metadata=_told("Rows of a page")
        ),
        "cursor": Text(
            CURSOR, metadata=_told("The word `next` of the page before, with the same filters")
        ),
        "sort": _One(orders, metadata=_told("The order; `-` before a name reverses it")),
        "fields": DelimitedList(
            _One(names), metadata=_told("Only these fields, separated by commas")
        ),
        "count": Flag(load_default=False, metadata=_told("Tell the number of all rows as `total`")),
    }
    for name in resource.columns:
        said |= _filters(name, resource.shown().fields[name])
    if resource.place is not None:
        said |= {
            name: Words(Text(9, least=1), metadata=_told(f"{what}; repeat it for more than one"))
            for name, what in TERRITORY.items()
        }
    schema: type[Fields] = Fields.from_dict(said, name=f"{resource.name}Query")  # type: ignore[assignment]  # it makes a subclass
    return schema


def read_cursor(resource: Resource, word: str, sort: str) -> Cursor:
    """
    Read where the page before ended.

    Raises:
        Invalid: It is no cursor of ours, or one of another order.
    """
    wrong = Invalid([Problem("cursor", "cursor", word[:40], {"in": "query"})])
    try:
        text = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        of, value, key = json.loads(text)
        if of != sort:
            raise wrong
        known = resource.shown().fields
        name = sort.removeprefix("-")
        return Cursor(sort, _again(known[name], value), _again(known[resource.key], key))
    except (ValueError, TypeError, binascii.Error, ValidationError):
        raise wrong from None


def _again(field: fields.Field[Any], value: object) -> object:
    spelled = str(value).replace(" ", "T") if isinstance(field, Moment) else value
    return field.deserialize(spelled)


def _filters(name: str, field: fields.Field[Any]) -> dict[str, fields.Field[Any]]:
    """Return the filters on one field: some values, a range, whether there is one."""
    title = field.metadata.get("description", name)
    found: dict[str, fields.Field[Any]] = {
        name: Words(_bare(field), least=1, metadata=_told(f"{title}: one of these")),
    }
    if isinstance(field, ORDERED) and not isinstance(field, Id):
        found[f"{name}_min"] = _bare(field, f"{title}: this or more")
        found[f"{name}_max"] = _bare(field, f"{title}: this or less")
    if field.allow_none:
        found[f"{name}_null"] = Flag(metadata=_told(f"{title}: without one, or only with one"))
    return found


def _bare(field: fields.Field[Any], told: str = "") -> fields.Field[Any]:
    """Return a field as it stands in an address: always a text, never null, never missing."""
    bare = copy(field)
    bare.allow_none = bare.required = bare.dump_only = bare.load_only = False
    bare.metadata = {key: value for key, value in field.metadata.items() if key != "description"}
    if isinstance(bare, WordOf):
        bare.metadata["enum"] = bare.known
    if isinstance(bare, Number | Cents | Count):
        bare.strict = False
    if told:
        bare.metadata["description"] = told
    return bare


def _told(words: str) -> dict[str, object]:
    return {"description": words}


class _One(Text):
    """One of some words."""

    def __init__(self, known: list[str], **rest: Any) -> None:  # noqa: ANN401
        """Name the words."""
        self.known = known
        super().__init__(CURSOR, **rest)
        self.metadata = {"enum": known, **self.metadata}

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> str:  # noqa: ANN401
        text = super()._deserialize(value, attr, data, **rest)
        if text not in self.known:
            refuse("choice", known=", ".join(self.known))
        return text
