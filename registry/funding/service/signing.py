"""What may be said of the money's rows, and how a change of it is written and signed."""

from collections.abc import Mapping
from dataclasses import Field
from typing import Any, ClassVar, Self

from sqlalchemy.orm import Session

from registry.errors import Problem
from registry.journal import sign
from registry.signature import Signature


class Values:
    """What may be said of one row, under the names of its columns; its kinds are dataclasses."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @classmethod
    def of(cls, row: object) -> Self:
        """Return what the register says of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})


def as_said(values: Values) -> dict[str, Any]:
    """Return values by their names; `dataclasses.asdict` would copy each, which costs ten times."""
    return {name: getattr(values, name) for name in values.__dataclass_fields__}


def amend(  # noqa: PLR0913 - a row and what it is to say, and one for each column of an entry
    session: Session,
    row: object,
    values: Values,
    *,
    signed: Signature,
    action: str,
    subject: str,
) -> bool:
    """Set what differs of a row and journal it, before and after; tell whether anything did."""
    before, after = changed(as_said(type(values).of(row)), as_said(values))
    if not after:
        return False
    for name, value in after.items():
        setattr(row, name, value)
    sign(session, signed, action, subject, before=before, after=after)
    return True


def changed(
    before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what differs between two sets of values: as it was, and as it is to be."""
    names = [name for name, value in after.items() if before[name] != value]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def long_texts(values: Mapping[str, object], longest: Mapping[str, int]) -> tuple[Problem, ...]:
    """Find the texts that are longer than the register can keep."""
    return tuple(
        Problem("text.long", name, str(values[name]), {"longest": str(most)})
        for name, most in longest.items()
        if len(str(values.get(name) or "")) > most
    )
