"""Which metrics pages were rendered, how old each is, and its bytes."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.monitoring.models import Dialect, Snapshot


class Heading(NamedTuple):
    """What tells one rendering of a page from the next."""

    digest: str
    rendered_at: datetime


class Content(NamedTuple):
    """The packed bytes of a page, and their digest."""

    digest: str
    packed: bytes


def heading(session: Session, page: str, dialect: Dialect) -> Heading | None:
    """Return what is known of a page without its bytes; none where it was never rendered."""
    question = select(Snapshot.digest, Snapshot.rendered_at)
    row = session.execute(question.filter_by(page=page, dialect=dialect)).one_or_none()
    return None if row is None else Heading(*row)


def content(session: Session, page: str, dialect: Dialect) -> Content | None:
    """
    Return a page; none where it is not there, or no more.

    The monitor may have rendered anew since its heading was read: digest and bytes
    come in one row.
    """
    question = select(Snapshot.digest, Snapshot.packed)
    row = session.execute(question.filter_by(page=page, dialect=dialect)).one_or_none()
    return None if row is None else Content(*row)


def camera_pages(session: Session) -> list[str]:
    """Return the camera pages that are rendered now, in the order of their numbers."""
    names = session.scalars(
        select(Snapshot.page).where(
            Snapshot.page.startswith("cameras/"), Snapshot.dialect == Dialect.TEXT
        )
    )
    return sorted(names, key=lambda name: [int(part) for part in name.split("/")[1:]])
