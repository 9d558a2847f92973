"""Writing to the journal: complete, without secrets, one chain whoever writes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from registry import journal
from registry.db import SessionFactory, session_scope
from registry.journal import Change, Channel, JournalEntry, JournalHead, Origin
from registry.signature import Signature
from tests.conftest import NOON
from tests.journal.conftest import fill
from tests.web.visitors import counted_selects


def entries(session: Session) -> list[JournalEntry]:
    """Return the whole journal, oldest first."""
    return list(session.scalars(select(JournalEntry).order_by(JournalEntry.id)))


def test_an_entry_says_where_it_came_from(session: Session) -> None:
    """The session knows the door, the address and the request; no caller repeats them."""
    journal.come_from(session, Origin(Channel.API, "192.0.2.7", "req-00000001"))

    fill(session, count=1)

    (entry,) = entries(session)
    assert (entry.channel, entry.address, entry.request_id) == ("api", "192.0.2.7", "req-00000001")


def test_only_what_changed_is_kept(session: Session) -> None:
    """A value that is the same before and after is no news."""
    journal.write(
        session,
        at=NOON,
        actor="cli",
        action="site.edit",
        subject="site:59054-01",
        before={"name": "Gare", "address": "1 rue A"},
        after={"name": "Gare", "address": "2 rue B", "uic": "87286005"},
    )

    (entry,) = entries(session)
    assert json.loads(entry.before) == {"address": "1 rue A"}
    assert json.loads(entry.after) == {"address": "2 rue B", "uic": "87286005"}


@pytest.mark.parametrize(
    "values",
    [
        {"password": "Hirondelle-59"},
        {"sealed_password": b"Hirondelle-59"},
        {"account": {"camera_password": "Hirondelle-59"}},
        {"rows": [{"api_token": "Hirondelle-59"}]},
        {"unforeseen": b"Hirondelle-59"},
    ],
)
def test_no_secret_is_written_whoever_hands_it_over(
    session: Session, values: dict[str, object]
) -> None:
    """A careless caller cannot put a password into the journal, however deep."""
    journal.write(session, at=NOON, actor="cli", action="x", subject="y", after=values)

    (entry,) = entries(session)
    assert "Hirondelle" not in entry.after
    assert "***" in entry.after


def test_a_secret_that_was_not_there_is_told_from_one_that_was(session: Session) -> None:
    """An empty password stays empty: that it was set for the first time is worth knowing."""
    journal.write(
        session,
        at=NOON,
        actor="cli",
        action="x",
        subject="y",
        before={"password": ""},
        after={"password": "Martinet-62"},
    )

    (entry,) = entries(session)
    assert (json.loads(entry.before), json.loads(entry.after)) == (
        {"password": ""},
        {"password": "***"},
    )


def test_days_rates_and_instants_are_spelled_out(session: Session) -> None:
    """What JSON has no word for is written as people would."""
    after = {"day": date(2026, 11, 23), "rate": Decimal("0.30"), "at": NOON}

    journal.write(session, at=NOON, actor="cli", action="x", subject="y", after=after)

    (entry,) = entries(session)
    assert json.loads(entry.after) == {
        "day": "2026-11-23",
        "rate": "0.30",
        "at": "2026-11-23 12:00:00+00:00",
    }


def test_a_signed_change_tells_who_when_and_why(session: Session) -> None:
    """With the reason as it was meant, without the spaces around it."""
    signed = Signature(actor="user:2", at=NOON, reason=" Avenant ")

    journal.sign(session, signed, "grant.edit", "grant:1", before={"a": 1}, after={"a": 2})

    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.actor, entry.at, entry.reason) == ("user:2", NOON, "Avenant")


def test_many_entries_are_appended_in_a_fixed_number_of_statements(
    session: Session, engine: Engine
) -> None:
    """An import of ten thousand rows tells of each without ten thousand round trips."""
    fill(session, count=1)
    changes = [
        Change("camera.import", f"camera:{number}", after={"label": f"CAM-{number}"})
        for number in range(2_500)
    ]

    with counted_selects(engine) as statements:
        journal.append(session, changes, actor="user:1", at=NOON)

    assert len(statements) <= 2 + 1
    assert journal.verify(session) == journal.Verification(2_501, entries(session)[-1].digest)


def test_nothing_to_tell_writes_nothing(session: Session) -> None:
    """An import that changed no row leaves the chain alone."""
    journal.append(session, [], actor="cli", at=NOON)

    assert entries(session) == []


def test_what_is_rolled_back_leaves_no_trace(sessions: SessionFactory) -> None:
    """An entry belongs to the transaction of its change, and so does its place."""
    with session_scope(sessions) as session:
        fill(session, count=2)
    with sessions() as session:
        fill(session, count=3)
        session.rollback()
    with session_scope(sessions) as session:
        fill(session, count=1)

        assert [entry.id for entry in entries(session)] == [1, 2, 3]
        assert journal.first_broken_link(session) is None


def test_writers_at_once_make_one_chain(sessions: SessionFactory) -> None:
    """Eight writers who start together queue up at the head, the first entry included."""

    def write_some(writer: int) -> None:
        for number in range(5):
            with session_scope(sessions) as session:
                journal.write(
                    session,
                    at=NOON + timedelta(seconds=number),
                    actor=f"user:{writer}",
                    action="site.edit",
                    subject=f"site:{number}",
                )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write_some, range(8)))

    with sessions() as session:
        found = journal.verify(session)
    assert (found.length, found.fault) == (40, None)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal_entries SET reason = 'none'", "DELETE FROM journal_entries WHERE id = 1"],
)
def test_the_database_refuses_to_rewrite_the_journal(session: Session, statement: str) -> None:
    """Entries are added, never changed and never taken out, whatever code asks for it."""
    fill(session, count=2)

    with pytest.raises(DBAPIError, match="the journal is append-only"):
        session.execute(text(statement))


def test_a_fork_of_the_chain_is_refused_by_the_database(session: Session) -> None:
    """Two entries cannot both follow the same one."""
    fill(session, count=2)
    last = session.get_one(JournalEntry, 2)
    session.add(
        JournalEntry(
            at=NOON,
            actor="user:2",
            action="fork",
            subject="grant:9",
            previous_digest=last.previous_digest,
            digest="0" * 64,
        )
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_lost_head_is_found_again_at_the_last_entry(session: Session) -> None:
    """Writing goes on from where the entries end, so the chain itself stays whole."""
    fill(session, count=2)
    session.execute(text("DELETE FROM journal_heads"))

    fill(session, count=1)

    assert session.get_one(JournalHead, 1, populate_existing=True).length == 3
    assert journal.first_broken_link(session) is None


def test_what_is_gathered_is_appended_at_the_end_in_its_order(
    session: Session, engine: Engine
) -> None:
    """Thousands of things changed one by one cost the journal the statements of one."""
    with counted_selects(engine) as statements, journal.gathering(session):
        for place in range(3):
            journal.write(session, at=NOON, actor=f"a{place}", action="x", subject=f"s:{place}")
        meanwhile = list(statements)

    assert meanwhile == []
    assert [(each.actor, each.subject) for each in entries(session)] == [
        ("a0", "s:0"),
        ("a1", "s:1"),
        ("a2", "s:2"),
    ]
    assert journal.first_broken_link(session) is None


def test_what_was_gathered_before_an_error_is_not_appended(session: Session) -> None:
    """The change that it tells of is taken back, too; later entries are appended at once."""

    def tell_and_fail() -> None:
        with journal.gathering(session):
            journal.write(session, at=NOON, actor="a", action="x", subject="s:1")
            raise LookupError

    with pytest.raises(LookupError):
        tell_and_fail()

    journal.write(session, at=NOON, actor="a", action="x", subject="s:2")

    assert [each.subject for each in entries(session)] == ["s:2"]
