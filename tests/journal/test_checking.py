"""Recomputing the chain: whatever was changed, the first link that breaks is named."""

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import journal
from registry.db import SessionFactory, open_engine, session_factory, session_scope
from registry.journal import Fault, JournalEntry, Verification
from registry.journal.models import DIGESTED
from tests.conftest import NOON, ON_POSTGRESQL
from tests.journal.conftest import Forge, fill, open_up

TEXTS = [name for name in (*DIGESTED, "digest") if name not in {"id", "at"}]


@pytest.fixture
def filled(sessions: SessionFactory) -> SessionFactory:
    """Return sessions on a journal of five entries, committed."""
    with session_scope(sessions) as session:
        fill(session, count=5)
    return sessions


def broken(sessions: SessionFactory) -> tuple[int | None, Fault | None]:
    """Return where the chain breaks, and how."""
    with sessions() as session:
        found = journal.verify(session)
        return found.broken_at, found.fault


def test_an_unbroken_chain_has_no_broken_link(filled: SessionFactory) -> None:
    """Entries as they were written recompute to their own digests."""
    with filled() as session:
        last = session.get_one(JournalEntry, 5)

        assert journal.verify(session) == Verification(5, last.digest)


def test_an_empty_journal_is_whole(session: Session) -> None:
    """A new register has nothing to prove."""
    assert journal.verify(session) == Verification(0, "")


@pytest.mark.parametrize("column", TEXTS)
def test_a_changed_text_is_found_in_every_column(
    filled: SessionFactory, forge: Forge, column: str
) -> None:
    """One character more in any column of an entry breaks the chain there."""
    longer = f"'x' || substr({column}, 2)" if "digest" in column else f"{column} || 'x'"
    forge(f"UPDATE journal_entries SET {column} = {longer} WHERE id = 3")  # noqa: S608 - our own names

    assert broken(filled)[0] == 3


def test_a_changed_instant_is_found(filled: SessionFactory, forge: Forge) -> None:
    """An entry dated a microsecond later is another entry."""
    later = (
        "at + interval '1 microsecond'" if ON_POSTGRESQL else "replace(at, '.000000', '.000001')"
    )
    forge(f"UPDATE journal_entries SET at = {later} WHERE id = 3")  # noqa: S608 - our own words

    assert broken(filled) == (3, Fault.DIGEST)


@pytest.mark.parametrize(
    ("statement", "place", "fault"),
    [
        ("DELETE FROM journal_entries WHERE id = 2", 2, Fault.MISSING),
        ("DELETE FROM journal_entries WHERE id = 5", 5, Fault.TAIL),
        ("DELETE FROM journal_entries WHERE id > 0", 1, Fault.TAIL),
        ("UPDATE journal_entries SET id = 9 WHERE id = 5", 5, Fault.MISSING),
        ("UPDATE journal_heads SET length = 4", 5, Fault.HEAD),
        ("UPDATE journal_heads SET digest = 'x'", 5, Fault.HEAD),
        ("DELETE FROM journal_heads WHERE id = 1", 5, Fault.HEAD),
    ],
)
def test_what_was_taken_out_is_found(
    filled: SessionFactory, forge: Forge, statement: str, place: int, fault: Fault
) -> None:
    """A hole, a cut tail, and a head that names another end each have their name."""
    forge(statement)

    assert broken(filled) == (place, fault)


def test_a_cut_tail_under_a_forged_head_is_found_by_an_anchor(
    filled: SessionFactory, forge: Forge
) -> None:
    """Whoever rewrites the head too is caught by what was noted outside the database."""
    with filled() as session:
        noted = journal.verify(session)
        third = session.get_one(JournalEntry, 3).digest
    forge("DELETE FROM journal_entries WHERE id > 3")
    forge("UPDATE journal_heads SET length = 3, digest = :digest", digest=third)

    with filled() as session:
        assert journal.verify(session).fault is None
        found = journal.verify(session, anchor=(noted.length, noted.digest))
    assert (found.broken_at, found.fault) == (4, Fault.TAIL)


def test_a_chain_written_anew_is_found_by_an_anchor(filled: SessionFactory, forge: Forge) -> None:
    """A whole chain of other words does not have the digest that was noted."""
    with filled() as session:
        noted = journal.verify(session)
    forge("DELETE FROM journal_entries WHERE id > 0")
    forge("UPDATE journal_heads SET length = 0, digest = ''")
    with session_scope(filled) as session:
        fill(session, count=4)
        journal.write(session, at=NOON, actor="user:1", action="x", subject="y")

    with filled() as session:
        assert journal.verify(session).fault is None
        found = journal.verify(session, anchor=(noted.length, noted.digest))
    assert (found.broken_at, found.fault) == (5, Fault.ANCHOR)


@pytest.mark.skipif(ON_POSTGRESQL, reason="the file of a database is SQLite's")
def test_a_single_changed_byte_of_any_value_in_a_copied_file_is_found(
    filled: SessionFactory, tmp_path: Path
) -> None:
    """Whichever byte of whichever value differs in a copy, the copy no longer verifies."""
    with filled() as session:
        url = str(session.get_bind().engine.url)
    copy = tmp_path / "copy.db"
    checkpoint(Path(url.removeprefix("sqlite:///")))
    shutil.copy(url.removeprefix("sqlite:///"), copy)
    engine = open_engine(f"sqlite:///{copy}")
    open_up(engine)
    missed = []
    names = [name for name in (*DIGESTED, "digest") if name != "id"]
    for name in names:
        value = read(copy, name)
        for index in range(len(value)):
            changed = value[:index] + bytes([value[index] ^ 1]) + value[index + 1 :]
            put(copy, name, changed)
            if broken(session_factory(engine))[0] != 3:
                missed.append((name, index))
        put(copy, name, value)

    whole = broken(session_factory(engine))
    engine.dispose()
    assert missed == []
    assert whole == (None, None)


@pytest.mark.skipif(ON_POSTGRESQL, reason="PostgreSQL stores no text that is not UTF-8")
def test_a_value_that_cannot_be_read_is_a_broken_link(filled: SessionFactory, forge: Forge) -> None:
    """A byte that is no text any more is named, not raised."""
    forge("UPDATE journal_entries SET actor = CAST(x'ff' AS TEXT) WHERE id = 3")

    assert broken(filled) == (3, Fault.UNREADABLE)


def test_a_third_party_recomputes_the_chain_from_the_rules_of_the_guide(
    filled: SessionFactory,
) -> None:
    """Ten lines that know nothing of ours reach the same digest."""
    with filled() as session:
        rows = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
        digest = ""
        for row in rows:
            words = [
                digest, row.id, row.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), row.actor,
                row.channel, row.address, row.request_id, row.action, row.subject,
                row.before, row.after, row.reason,
            ]  # fmt: skip
            text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
            digest = hashlib.sha256(text.encode("utf-8")).hexdigest()

        assert journal.verify(session).digest == digest


def checkpoint(path: Path) -> None:
    """Bring what stands in the write-ahead log into the file itself."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def read(path: Path, name: str) -> bytes:
    """Return the bytes of a value of the third entry."""
    with sqlite3.connect(path) as connection:
        question = f"SELECT CAST({name} AS BLOB) FROM journal_entries WHERE id = 3"  # noqa: S608 - our own names
        value: bytes = connection.execute(question).fetchone()[0]
    connection.close()
    return value


def put(path: Path, name: str, value: bytes) -> None:
    """Write the bytes of a value of the third entry."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            f"UPDATE journal_entries SET {name} = CAST(? AS TEXT) WHERE id = 3",  # noqa: S608 - our own names
            (value,),
        )
    connection.close()
