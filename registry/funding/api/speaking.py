"""Hands what a client sends to the services of funding, and says their problems in words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.funding.forms import sentence
from registry.signature import Signature

# Where the services name a field otherwise than the API does.
NAMES = {"reason": "why", "since": "status_on", "on": "status_on"}


@contextmanager
def spoken() -> Iterator[None]:
    """Put what a service refuses into the reader's language, under the API's own names."""
    try:
        yield
    except Invalid as error:
        raise Invalid(
            replace(
                each,
                where=NAMES.get(each.where, each.where),
                parameters={**each.parameters, "message": sentence(each)},
            )
            for each in error.problems
        ) from error


def found(session: Session, model: type[Any], name: str, said: dict[str, Any]) -> Any:  # noqa: ANN401 - a row of the model
    """
    Take a row's number out of what was said, and return the row.

    Raises:
        Invalid: There is no such row.
    """
    number = said.pop(name)
    row = session.get(model, number)
    if row is None:
        raise Invalid([Problem("missing", name, str(number))])
    return row


def adding(
    save: Callable[..., Any],
    values_of: type[Any],
    *,
    parent: type[Any] | None = None,
    named: str = "",
) -> Callable[..., Any]:
    """Return what adds a row through its service, below the parent that `named` numbers."""

    def write(session: Session, values: Mapping[str, Any], signed: Signature, /) -> Any:  # noqa: ANN401 - whatever the service adds
        said = dict(values)
        above = [found(session, parent, named, said)] if parent else []
        with spoken():
            return save(session, *above, values_of(**said), signed=signed)

    return write


def changing(
    save: Callable[..., Any],
    values_of: type[Any],
    called: str,
    *,
    parent: type[Any] | None = None,
    named: str = "",
) -> Callable[..., object]:
    """Return what changes a row through its service, which takes it as the keyword `called`."""

    def write(
        session: Session,
        row: Any,  # noqa: ANN401 - whatever the service changes
        values: Mapping[str, Any],
        signed: Signature,
        /,
    ) -> object:
        standing = {each.name: getattr(row, each.name) for each in fields_of(values_of)}
        above = [session.get_one(parent, getattr(row, named))] if parent else []
        wanted = values_of(**{**standing, **values})
        with spoken():
            return save(session, *above, wanted, signed=signed, **{called: row})

    return write
