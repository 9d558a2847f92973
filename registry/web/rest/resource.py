"""Describes a thing of the API: its fields, its columns, its rights, who writes it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.db import Base
from registry.signature import Signature
from registry.web.access import Actor
from registry.web.rest.fields import Fields

Column: TypeAlias = ColumnElement[Any] | InstrumentedAttribute[Any]


class Create(Protocol):
    """Adds a row and tells the journal; the caller commits."""

    def __call__(
        self,
        session: Session,
        values: Mapping[str, Any],
        signed: Signature,
        /,
    ) -> Base:
        """Add one row."""


class Update(Protocol):
    """Changes a row and tells the journal; the caller commits."""

    def __call__(
        self,
        session: Session,
        row: Any,  # noqa: ANN401 - each service names its own model
        values: Mapping[str, Any],
        signed: Signature,
        /,
    ) -> object:
        """Change one row."""


class Remove(Protocol):
    """Ends a thing and tells the journal; the caller commits."""

    def __call__(self, session: Session, key: int, /, *, at: datetime, actor: str) -> object:
        """End one row."""


@dataclass(frozen=True, slots=True)
class Writer:
    """
    How a thing is written, and which of its changes ask for a reason.

    `reasoned` names the fields (money, identity, dates) whose change must say why;
    `sworn` tells whether adding one must. `shown` turns what was just made into
    what is told once, such as a token's secret.
    """

    create: Create | None = None
    update: Update | None = None
    remove: Remove | None = None
    reasoned: frozenset[str] = frozenset()
    sworn: bool = False
    shown: Callable[[Base], Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a thing stands, so that lists and tokens can keep to a territory.

    `inside` turns a statement that gives INSEE codes into the condition of standing
    there; `within` gives that statement for codes by kind; `of` finds the communes
    that values to be written would put a thing into.
    """

    inside: Callable[[Select[str]], ColumnElement[bool]]
    within: Callable[[Mapping[str, Collection[str]]], Select[str]]
    of: Callable[[Session, Mapping[str, Any]], frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """
    One kind of thing: `/api/v1/<name>` and `/api/v1/<name>/<key>`.

    `columns` holds the column of each field of `shown`; `source` the statement that
    they are read from, without its columns. `given` and `changed` are the fields of
    a POST and of a PATCH. `sorts` are fields with an index, `key` is one of them.
    """

    name: str
    title: str
    model: type[Base]
    shown: type[Fields]
    columns: Mapping[str, Column]
    source: Callable[[Select[Any]], Select[Any]]
    reads: str
    writes: str = ""
    key: str = "id"
    given: type[Fields] | None = None
    changed: type[Fields] | None = None
    writer: Writer = field(default_factory=Writer)
    place: Place | None = None
    sorts: tuple[str, ...] = ()
    # Whether a token that is bound to a territory may see these at all.
    regional: bool = True
    # Looking is itself worth a line in the journal: who reads whose credentials.
    told: Callable[[Session, Actor, str, datetime], None] | None = None

    @property
    def orders(self) -> tuple[str, ...]:
        """Every field that a list may be sorted by, the key first."""
        return (self.key, *(each for each in self.sorts if each != self.key))


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A list that no table holds: reckoned when it is asked for, and only read."""

    name: str
    title: str
    asked: type[Fields]
    shown: type[Fields]
    reads: str


def columns_of(shown: type[Fields], model: type[Base], **others: Column) -> dict[str, Column]:
    """Return the column of each field: the model's of that name, or another one."""
    return {
        name: others[name] if name in others else getattr(model, name) for name in shown().fields
    }


def rows_of(model: type[Base]) -> Callable[[Select[Any]], Select[Any]]:
    """Return what reads columns of one table alone."""

    def source(question: Select[Any]) -> Select[Any]:
        return question.select_from(model)

    return source
