"""
The journal: who changed what, when, from what to what, and why.

An entry is written in the transaction of the change it tells of. Each carries
the digest of the one before, so that a line taken out or altered breaks the chain.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.db import Base, Id


class JournalEntry(Base):
    """One change; `before` and `after` are JSON objects with sorted keys, or empty."""

    __tablename__ = "journal_entries"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    previous_digest: Mapped[str] = mapped_column(String(64), default="", unique=True)
    digest: Mapped[str] = mapped_column(String(64))

    def compute_digest(self) -> str:
        """Return the SHA-256 (hex) of this entry's words and of the digest before it."""
        words = (
            self.previous_digest,
            self.at.isoformat(),
            self.actor,
            self.action,
            self.subject,
            self.before,
            self.after,
            self.reason,
        )
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def write(  # noqa: PLR0913 - one keyword for each column of an entry
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> JournalEntry:
    """
    Add an entry to the chain, in the caller's transaction.

    Two transactions that append at once collide on `previous_digest`, and one of
    them fails: a fork of the chain cannot be committed.
    """
    last = session.scalar(select(JournalEntry.digest).order_by(JournalEntry.id.desc()).limit(1))
    entry = JournalEntry(
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        previous_digest=last or "",
    )
    entry.digest = entry.compute_digest()
    session.add(entry)
    session.flush()
    return entry


def first_broken_link(session: Session) -> int | None:
    """Recompute the chain and return the id of the first entry that does not fit."""
    previous = ""
    for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.id)):
        if entry.previous_digest != previous or entry.digest != entry.compute_digest():
            return entry.id
        previous = entry.digest
    return None


def _plain(values: Mapping[str, object] | None) -> str:
    if values is None:
        return ""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
