"""Appends to the chain: one entry, or many in one statement."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from registry.bulk import add_rows
from registry.journal.models import JournalEntry, JournalHead, digest_of
from registry.signature import Signature

ORIGIN = "journal.origin"
GATHERED = "journal.gathered"
# Keys whose values never enter the journal, whoever hands them over.
SECRETS = re.compile(r"password|passphrase|secret|sealed|(^|_)token$", re.IGNORECASE)
HIDDEN = "***"


class Channel(StrEnum):
    """The door through which a change came."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True)
class Origin:
    """
    Where a change came from, kept by the session that makes it.

    `address` is the client's network address, or the account of the machine behind
    a command; `request_id` is the word that the access log has for the request.
    """

    channel: str = ""
    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to tell: what was done to which subject, and its values before and after."""

    action: str
    subject: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    reason: str = ""


def come_from(session: Session, origin: Origin) -> None:
    """Say where the changes of this session come from."""
    session.info[ORIGIN] = origin


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
) -> None:
    """
    Add an entry to the chain, in the caller's transaction; see `append`.

    A read worth telling (an export, a dossier, who holds which credential) is
    written like a change, with an action that ends in `.read` or `.export`.
    """
    append(session, [Change(action, subject, before, after, reason)], actor=actor, at=at)


def sign(  # noqa: PLR0913 - a signature, and one for each column that a change fills
    session: Session,
    signed: Signature,
    action: str,
    subject: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Add the entry of a change that somebody made, with the reason that they gave."""
    change = Change(action, subject[:120], before, after, signed.reason.strip())
    append(session, [change], actor=signed.actor, at=signed.at)


def append(session: Session, changes: Iterable[Change], *, actor: str, at: datetime) -> None:
    """
    Add many entries to the chain in one statement, in the caller's transaction.

    Values that are equal before and after are left out, those of secrets hidden.
    From here to the commit other writers of the journal wait: write to it last.
    """
    origin = session.info.get(ORIGIN, Origin())
    told = [_row(change, origin, actor=actor, at=at) for change in changes]
    if GATHERED in session.info:
        session.info[GATHERED] += told
    else:
        _chain(session, told)


@contextmanager
def gathering(session: Session) -> Iterator[None]:
    """
    Keep what is told meanwhile, and append it in one statement at the end.

    For whoever changes thousands of things one by one. Nothing is appended when
    anything was raised.
    """
    told: list[dict[str, object]] = []
    session.info[GATHERED] = told
    try:
        yield
    finally:
        del session.info[GATHERED]
    _chain(session, told)


def _row(change: Change, origin: Origin, *, actor: str, at: datetime) -> dict[str, object]:
    before, after = _differing(change.before, change.after)
    return {
        "at": at,
        "actor": actor,
        "channel": str(origin.channel),
        "address": origin.address,
        "request_id": origin.request_id,
        "action": change.action,
        "subject": change.subject,
        "before": before,
        "after": after,
        "reason": change.reason,
    }


def _chain(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Give each row its place and the digest of the one before, and insert them."""
    if not rows:
        return
    length, digest = _take_head(session, len(rows))
    for place, row in enumerate(rows, start=length + 1):
        row |= {"id": place, "previous_digest": digest}
        row["digest"] = digest = digest_of(row)
    add_rows(session, JournalEntry, rows)
    _move_head(session, digest=digest)


def _take_head(session: Session, count: int) -> tuple[int, str]:
    """Hold the head, count the new entries in, and return where the chain ended."""
    session.flush()
    for _ in range(2):
        moved = session.execute(
            update(JournalHead)
            .where(JournalHead.id == 1)
            .values(length=JournalHead.length + count)
            .returning(JournalHead.length, JournalHead.digest)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if moved is not None:
            return moved.length - count, moved.digest
        # The first entry of all; of two first writers one inserts, the other waits.
        session.execute(
            text(
                "INSERT INTO journal_heads (id, length, digest) SELECT 1, "
                "coalesce((SELECT max(id) FROM journal_entries), 0), coalesce("
                "(SELECT digest FROM journal_entries ORDER BY id DESC LIMIT 1), '') "
                "WHERE true ON CONFLICT DO NOTHING"
            )
        )
    message = "journal_heads holds no row and takes none"
    raise RuntimeError(message)


def _move_head(session: Session, *, digest: str) -> None:
    session.execute(
        update(JournalHead)
        .where(JournalHead.id == 1)
        .values(digest=digest)
        .execution_options(synchronize_session=False)
    )


def _differing(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[str, str]:
    """Return both sides as JSON, without the keys on which they agree."""
    if before and after:
        same = {key for key in before.keys() & after.keys() if before[key] == after[key]}
        before = {key: value for key, value in before.items() if key not in same}
        after = {key: value for key, value in after.items() if key not in same}
    return _plain(before), _plain(after)


def _plain(values: Mapping[str, object] | None) -> str:
    if values is None:
        return ""
    return _PLAIN.encode(_hidden(values))


def _hidden(value: object) -> object:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {
            str(key): HIDDEN if each and _is_secret(str(key)) else _hidden(each)
            for key, each in value.items()
        }
    return [_hidden(each) for each in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=4_096)
def _is_secret(key: str) -> bool:
    return bool(SECRETS.search(key))


def _word(value: object) -> str:
    # Bytes are sealed or hashed things: none of them belongs here.
    return HIDDEN if isinstance(value, bytes) else str(value)


_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=_word)
