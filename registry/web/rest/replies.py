"""Remembers the answer to a POST under its Idempotency-Key, and gives it again."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, String, Text, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.db import Base
from registry.errors import Invalid, Problem

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
KEY = re.compile(r"[\x21-\x7e]{8,64}")


class StoredReply(Base):
    """
    The answer that one client got to one POST, kept a day under its key.

    `request_digest` tells a repetition from another request under the same key. The
    row is written in the transaction of what the POST made, so there is never one
    without the other; a refused POST leaves no row and may be sent again.
    """

    __tablename__ = "stored_replies"
    __table_args__ = (Index("ix_stored_replies_expires_at", "expires_at"),)

    actor: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    location: Mapped[str] = mapped_column(String(200), default="")
    etag: Mapped[str] = mapped_column(String(64), default="")
    body: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is sent, and sent again."""

    status: int
    body: str
    location: str = ""
    etag: str = ""


def digest_of_request(method: str, path: str, body: bytes) -> str:
    """Return what tells one request from another under the same key."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def recall(session: Session, *, actor: str, key: str, digest: str, at: datetime) -> Reply | None:
    """
    Return the answer that was given to this very request, or take its key.

    A second request that comes while the first is at work waits for it here: the
    key is taken by inserting it, and the database lets one of them do so.

    Raises:
        Invalid: The key has not the shape of one, or was used for another request.
    """
    if KEY.fullmatch(key) is None:
        raise Invalid([Problem("key_shape", HEADER, key[:40], {"in": "header"})])
    session.execute(delete(StoredReply).where(StoredReply.expires_at <= at))
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"actor": actor, "key": key, "request_digest": digest, "expires_at": at + KEPT}
    taken = session.execute(
        make(StoredReply)
        .values(status=0, location="", etag="", body="", **values)
        .on_conflict_do_nothing()
        .returning(StoredReply.key)
    )
    if taken.one_or_none() is not None:
        return None
    stored = session.execute(
        select(StoredReply).where(StoredReply.actor == actor, StoredReply.key == key)
    ).scalar_one()
    if stored.request_digest != digest:
        raise Invalid([Problem("key_reused", HEADER, key, {"in": "header"})])
    return Reply(stored.status, stored.body, stored.location, stored.etag)


def remember(session: Session, reply: Reply, *, actor: str, key: str) -> None:
    """Keep the answer under the key that `recall` took, in the same transaction."""
    row = session.get_one(StoredReply, (actor, key))
    row.status, row.body = reply.status, reply.body
    row.location, row.etag = reply.location, reply.etag
