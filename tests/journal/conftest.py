"""Lets a test do to the journal what the database refuses to everybody."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry import journal
from tests.conftest import NOON

Forge = Callable[..., None]


def fill(session: Session, count: int = 3) -> None:
    """Write a few entries."""
    for number in range(count):
        journal.write(
            session,
            at=NOON,
            actor="user:1",
            action="grant.edit",
            subject=f"grant:{number}",
            before={"paid_cents": 0},
            after={"paid_cents": number + 1},
            reason="balance paid",
        )


def open_up(engine: Engine) -> None:
    """Take away what makes the journal append-only, as somebody with the file could."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER journal_entries_no_update"))
            connection.execute(text("DROP TRIGGER journal_entries_no_delete"))
        else:
            connection.execute(text("ALTER TABLE journal_entries DISABLE TRIGGER USER"))


@pytest.fixture
def forge(engine: Engine) -> Iterator[Forge]:
    """Return what runs a statement against the journal behind its back."""
    opened: list[bool] = []

    def run(statement: str, **values: object) -> None:
        if not opened:
            open_up(engine)
            opened.append(True)
        with engine.begin() as connection:
            assert connection.execute(text(statement), values).rowcount > 0

    yield run
    if opened and engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE journal_entries ENABLE TRIGGER USER"))
