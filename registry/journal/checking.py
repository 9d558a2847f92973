"""Recomputes the chain, and names the first link that does not hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import String, cast, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from registry.journal.models import DIGESTED, JournalEntry, JournalHead, digest_of

BATCH = 1_000


class Fault(StrEnum):
    """What is wrong with the first link that does not hold."""

    MISSING = "missing"  # no entry stands at this place
    PREVIOUS = "previous"  # it does not carry the digest of the entry before
    DIGEST = "digest"  # its words are not those that were digested
    UNREADABLE = "unreadable"  # the database cannot read it
    TAIL = "tail"  # entries were cut off the end
    HEAD = "head"  # the head does not name the last entry
    ANCHOR = "anchor"  # not the digest that was noted elsewhere


@dataclass(frozen=True, slots=True)
class Verification:
    """
    What recomputing the chain found: its length, its last digest, the first fault.

    `broken_at` is the place of the first link that does not hold; the links before
    it do. Length and digest noted elsewhere are an anchor for a later verification:
    whoever can rewrite the whole database can rewrite its chain, not the note.
    """

    length: int
    digest: str
    broken_at: int | None = None
    fault: Fault | None = None


def verify(session: Session, *, anchor: tuple[int, str] | None = None) -> Verification:
    """
    Recompute the whole chain, in the memory of a few entries.

    An anchor is length and digest of an earlier verification: it must still hold.
    """
    place, digest = 0, ""
    for row in _rows(session):
        place += 1
        fault = _fault(row, place, digest)
        if fault is None and anchor and place == anchor[0] and row.get("digest") != anchor[1]:
            fault = Fault.ANCHOR
        if fault:
            return Verification(place - 1, digest, place, fault)
        digest = str(row["digest"])
    head = session.execute(
        select(JournalHead.length, JournalHead.digest).where(JournalHead.id == 1)
    ).one_or_none()
    length, last = (head.length, head.digest) if head else (0, "")
    if length > place or (anchor and anchor[0] > place):
        return Verification(place, digest, place + 1, Fault.TAIL)
    if (length, last) != (place, digest):
        return Verification(place, digest, place, Fault.HEAD)
    return Verification(place, digest)


def first_broken_link(session: Session) -> int | None:
    """Recompute the chain and return the place of the first link that does not hold."""
    return verify(session).broken_at


def _fault(row: Mapping[str, object], place: int, digest: str) -> Fault | None:
    if not row:
        return Fault.UNREADABLE
    if row["id"] != place:
        return Fault.MISSING
    if row["previous_digest"] != digest:
        return Fault.PREVIOUS
    return None if row["digest"] == digest_of(row) else Fault.DIGEST


def _rows(session: Session) -> Iterator[Mapping[str, object]]:
    """Give the entries in order, an empty one for what the database cannot read."""
    after = 0
    while True:
        try:
            rows = _read(session, after, BATCH)
        except (SQLAlchemyError, ValueError):
            session.rollback()
            yield from _one_by_one(session, after)
            return
        if not rows:
            return
        yield from rows
        after = int(str(rows[-1]["id"]))


def _one_by_one(session: Session, after: int) -> Iterator[Mapping[str, object]]:
    for _ in range(BATCH):
        try:
            rows = _read(session, after, 1)
        except (SQLAlchemyError, ValueError):
            rows = [{}]
        yield from rows
        after += 1


def _read(session: Session, after: int, limit: int) -> Sequence[Mapping[str, object]]:
    """
    Read some entries as they are stored.

    SQLite keeps an instant as text, and reads more than one spelling of the same:
    any other than ours is a byte that was changed.
    """
    columns = [getattr(JournalEntry, name) for name in (*DIGESTED, "digest")]
    spelled = cast(JournalEntry.at, String).label("spelled")
    question = select(*columns, spelled).where(JournalEntry.id > after)
    rows = session.execute(question.order_by(JournalEntry.id).limit(limit)).mappings().all()
    if session.get_bind().dialect.name == "sqlite":
        for row in rows:
            if row["spelled"] != f"{row['at']:%Y-%m-%d %H:%M:%S.%f}":
                raise ValueError(row["spelled"])
    return [dict(row) for row in rows]
