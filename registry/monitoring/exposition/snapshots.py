"""Keeps rendered pages for every web process, packed, in both dialects."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from registry.monitoring.exposition.cameras import CAMERAS_PAGE
from registry.monitoring.exposition.pieces import gzip_of
from registry.monitoring.exposition.text import Block, Writer, page_of
from registry.monitoring.models import Dialect, Snapshot


def render(session: Session, writers: Iterable[Writer], *, at: datetime) -> list[Block]:
    """Render a whole page from its writers, in their order."""
    return [block for writer in writers for block in writer(session, at=at)]


def pack(blocks: Iterable[Block], dialect: Dialect) -> tuple[bytes, str]:
    """Return a page's packed bytes in one dialect, and their digest."""
    packed = gzip_of(page_of(blocks, dialect))
    return packed, hashlib.sha256(packed).hexdigest()


def publish(session: Session, page: str, blocks: Collection[Block], *, at: datetime) -> None:
    """Keep a rendered page as the next version of its snapshots."""
    for dialect in Dialect:
        packed, digest = pack(blocks, dialect)
        fresh = {"rendered_at": at, "digest": digest, "packed": packed}
        changed = session.execute(
            update(Snapshot)
            .where(Snapshot.page == page, Snapshot.dialect == dialect)
            .values(version=Snapshot.version + 1, **fresh)
        )
        if isinstance(changed, CursorResult) and changed.rowcount == 0:
            session.add(Snapshot(page=page, dialect=dialect, version=1, **fresh))
    session.flush()


def forget_other_shards(session: Session, pages: Collection[str]) -> None:
    """Drop the camera pages that are no longer rendered, after their number changed."""
    session.execute(
        delete(Snapshot).where(
            Snapshot.page.startswith(f"{CAMERAS_PAGE}/"), Snapshot.page.not_in(pages)
        )
    )
