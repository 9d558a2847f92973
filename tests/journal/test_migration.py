"""The migration that chains the journal anew: up, down, and what it makes of old rows."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from registry import db, journal
from registry.settings import migrations_folder
from tests.conftest import NOON

BEFORE, AFTER = "0007", "0008"

INSERT = text(
    "INSERT INTO journal_entries (id, at, actor, action, subject, before, after, reason,"
    " previous_digest, digest) VALUES (:id, :at, 'user:1', 'grant.edit', :subject, '',"
    " '{}', 'why', :previous, :digest)"
)


def old_digest(previous: str, at: datetime, subject: str) -> str:
    """Return the digest that an entry had before the migration."""
    words = (previous, at.isoformat(), "user:1", "grant.edit", subject, "", "{}", "why")
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def write_old(engine: Engine, places: tuple[int, ...], *, forged: int = 0) -> None:
    """Write entries as the code before did; a forged one does not fit its digest."""
    previous = ""
    with engine.begin() as connection:
        for place in places:
            at, subject = NOON + timedelta(seconds=place), f"grant:{place}"
            digest = old_digest(previous, at, subject)
            stored = at if engine.dialect.name != "sqlite" else f"{at:%Y-%m-%d %H:%M:%S.%f}"
            values = {"id": place, "at": stored, "previous": previous, "digest": digest}
            told = "grant:0" if place == forged else subject
            connection.execute(INSERT, {**values, "subject": told})
            previous = digest


def first_and_last(engine: Engine) -> tuple[journal.Verification, str, dict[str, object]]:
    """Return what verification says, the last action, and what it tells of before."""
    with db.session_factory(engine)() as session:
        found = journal.verify(session)
        last = session.get_one(journal.JournalEntry, found.length)
        return found, last.action, json.loads(last.before)


def test_old_entries_are_numbered_and_chained_anew(empty: Engine) -> None:
    """Holes in the numbers are closed, and the old chain is said to have held."""
    db.upgrade(empty, migrations_folder(), BEFORE)
    write_old(empty, (1, 2, 5))

    db.upgrade(empty, migrations_folder(), AFTER)

    found, action, told = first_and_last(empty)
    assert (found.length, found.fault, action) == (4, None, "journal.rechain")
    assert (told["entries"], told["broken_at"]) == (3, None)


def test_an_old_chain_that_was_broken_is_told(empty: Engine) -> None:
    """Chaining anew does not wash a forged entry clean: the journal says where it broke."""
    db.upgrade(empty, migrations_folder(), BEFORE)
    write_old(empty, (1, 2, 3), forged=2)

    db.upgrade(empty, migrations_folder(), AFTER)

    assert first_and_last(empty)[2]["broken_at"] == 2


def test_going_down_gives_the_old_chain_back(empty: Engine) -> None:
    """The code before the migration finds a chain that holds, and appends to it."""
    db.upgrade(empty, migrations_folder(), BEFORE)
    write_old(empty, (1,))
    db.upgrade(empty, migrations_folder(), AFTER)

    db.downgrade(empty, migrations_folder(), BEFORE)

    with empty.begin() as connection:
        at, digest = connection.execute(
            text("SELECT at, digest FROM journal_entries WHERE id = 1")
        ).one()
        seen = at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)
        assert digest == old_digest("", seen.astimezone(UTC), "grant:1")
        connection.execute(text("UPDATE journal_entries SET reason = 'open again'"))


def test_the_journal_of_a_migrated_database_is_append_only(empty: Engine) -> None:
    """The triggers come with the migrations, not only with the models."""
    db.upgrade(empty, migrations_folder())

    with empty.connect() as connection:
        if empty.dialect.name == "sqlite":
            question = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        else:
            question = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        names = set(connection.execute(text(question)).scalars())
    assert len([name for name in names if name.startswith("journal_entries_no_")]) == 2
