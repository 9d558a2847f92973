"""The entries of the journal, the end of their chain, and what the database refuses."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import DDL, CheckConstraint, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Id


class JournalEntry(Base):
    """
    One change, at its place in the chain: `id` counts from 1 without a hole.

    `before` and `after` are JSON objects with sorted keys that hold only what
    changed, or empty. The database refuses to update or delete an entry.
    """

    __tablename__ = "journal_entries"
    __table_args__ = (
        Index("ix_journal_entries_subject_id", "subject", "id"),
        Index("ix_journal_entries_actor_id", "actor", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(120), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    previous_digest: Mapped[str] = mapped_column(String(64), default="", unique=True)
    digest: Mapped[str] = mapped_column(String(64))


class JournalHead(Base):
    """
    The end of the chain, one row: how many entries there are, and the last digest.

    Whoever appends holds this row until the commit, so writers queue up. It also
    tells that entries were cut off the end, which the chain alone cannot.
    """

    __tablename__ = "journal_heads"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[Id]
    length: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


DIGESTED = (
    "previous_digest", "id", "at", "actor", "channel", "address", "request_id",
    "action", "subject", "before", "after", "reason",
)  # fmt: skip


def _when_created(statement: str, *, dialect: str) -> None:
    """Run a statement whenever the table is created outside the migrations."""
    ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    event.listen(JournalEntry.__table__, "after_create", ddl)


_REFUSE = "the journal is append-only"
for _verb in ("UPDATE", "DELETE"):
    _when_created(
        f"CREATE TRIGGER journal_entries_no_{_verb.lower()} BEFORE {_verb} ON journal_entries "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
        dialect="sqlite",
    )
_when_created(
    "CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$",
    dialect="postgresql",
)
_when_created(
    "CREATE TRIGGER journal_entries_no_change BEFORE UPDATE OR DELETE ON journal_entries "
    "FOR EACH ROW EXECUTE FUNCTION refuse_journal_change()",
    dialect="postgresql",
)
_when_created(
    "CREATE TRIGGER journal_entries_no_truncate BEFORE TRUNCATE ON journal_entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change()",
    dialect="postgresql",
)


# An encoder for every entry: making one costs as much as using it.
_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def digest_of(values: Mapping[str, object]) -> str:
    """
    Return the SHA-256 (hex) of an entry in its canonical form.

    That is a JSON array of the values named in `DIGESTED`, in that order, without
    spaces, in UTF-8 with nothing but what JSON demands escaped; the instant in UTC
    with six digits of the second, `before` and `after` as the text that stands.
    """
    words = [values[name] for name in DIGESTED]
    at = words[DIGESTED.index("at")]
    if isinstance(at, datetime):
        words[DIGESTED.index("at")] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(_CANONICAL.encode(words).encode()).hexdigest()
