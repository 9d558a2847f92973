"""Holds what a decision rests on until it is written, and tells who was too late."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.funding.models import Campaign, Grant


def hold(session: Session, row: Grant | Campaign, *parts: str) -> None:
    """
    Let nobody else change a row until the transaction ends, and read parts of it anew.

    Two payments at once cannot both fit under what was left of a vote, nor two rules
    of a kind both be the only one on a day. SQLite has one writer at a time anyway.
    """
    model = type(row)
    session.execute(select(model.id).where(model.id == row.id).with_for_update())
    session.expire(row, parts)


@contextmanager
def flushed(session: Session, *, conflict: str) -> Iterator[None]:
    """
    Send what is changed within to the database, at its end at the latest.

    Raises:
        Conflict: The database refuses it: somebody else was quicker.
    """
    try:
        yield
        session.flush()
    except IntegrityError as error:
        raise Conflict(conflict) from error
