"""Keeps rendered pages for every web process, packed, in both dialects."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from registry.errors import Conflict
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


def version_of(session: Session, page: str) -> int:
    """Return the version of a page that is kept now; 0 for none."""
    kept = select(func.min(Snapshot.version)).where(Snapshot.page == page)
    return session.scalar(kept) or 0


def publish(
    session: Session,
    page: str,
    blocks: Collection[Block],
    *,
    at: datetime,
    after: int | None = None,
) -> None:
    """
    Keep a rendered page as the next version of its snapshots.

    Args:
        session: Where they are kept.
        page: Its name.
        blocks: What it says.
        at: When it was rendered.
        after: The version that was kept when it was, where counters are on the page: one
            that was rendered before a long pause must not follow a newer one.

    Raises:
        Conflict: Another version was kept meanwhile.
    """
    for dialect in Dialect:
        packed, digest = pack(blocks, dialect)
        fresh = {"rendered_at": at, "digest": digest, "packed": packed}
        kept = (Snapshot.page == page) & (Snapshot.dialect == dialect)
        changed = session.execute(
            update(Snapshot)
            .where(kept if after is None else kept & (Snapshot.version == after))
            .values(version=Snapshot.version + 1, **fresh)
        )
        if isinstance(changed, CursorResult) and changed.rowcount == 0:
            if after:
                raise Conflict(f"page {page} has another version than {after} by now")
            session.add(Snapshot(page=page, dialect=dialect, version=1, **fresh))
    session.flush()


def forget_other_shards(session: Session, pages: Collection[str]) -> None:
    """Drop the camera pages that are no longer rendered, after their number changed."""
    session.execute(
        delete(Snapshot).where(
            Snapshot.page.startswith(f"{CAMERAS_PAGE}/"), Snapshot.page.not_in(pages)
        )
    )
