"""Papers in a grant's file: kept once, by content, and withdrawn rather than deleted."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.documents import Store
from registry.errors import Conflict, Invalid, NotFound
from registry.funding.models import GrantStatus, PaperKind, PaperStage
from registry.funding.service import Paper, file_paper, withdraw_paper
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.factories import make_grant

QUOTE = Paper(content=b"%PDF-1.7 devis", name="devis <b>.pdf", kind=PaperKind.QUOTE)


@pytest.fixture
def signed(now: datetime) -> Signature:
    """Return an officer's signature."""
    return Signature(actor="user:2", at=now, reason="Reçu par courriel")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return an empty store for papers of at most a kilobyte."""
    return Store(tmp_path / "papers", most_bytes=1_024)


def test_a_paper_is_filed_where_the_grant_stands(
    session: Session, store: Store, signed: Signature
) -> None:
    """With its digest, its size and its type as found; the journal names the digest."""
    grant = make_grant(session, status=GrantStatus.STARTED)

    document = file_paper(session, store, grant, QUOTE, signed=signed)

    assert document.stage is PaperStage.WORKS
    assert (document.name, document.size_bytes) == ("devis <b>.pdf", 14)
    assert document.media_type == "application/pdf"
    assert store.read(document.sha256) == QUOTE.content
    entry = session.scalars(select(JournalEntry)).one()
    assert document.sha256 in entry.after


def test_the_same_paper_twice_is_a_conflict(
    session: Session, store: Store, signed: Signature
) -> None:
    """Under another kind, or under another grant, it is another paper of one content."""
    grant = make_grant(session)
    first = file_paper(session, store, grant, QUOTE, signed=signed)

    with pytest.raises(Conflict, match="this paper is there already"):
        file_paper(session, store, grant, replace(QUOTE, name="encore.pdf"), signed=signed)
    file_paper(session, store, grant, replace(QUOTE, kind=PaperKind.OTHER), signed=signed)
    other = file_paper(session, store, make_grant(session), QUOTE, signed=signed)
    assert other.sha256 == first.sha256


def test_what_is_no_paper_is_refused(session: Session, store: Store, signed: Signature) -> None:
    """A page named .pdf is still a page; nothing reaches the register."""
    grant = make_grant(session)

    for content in (b"<html><script>alert(1)</script>", b"", b"%PDF-" + bytes(1_100)):
        with pytest.raises(Invalid):
            file_paper(session, store, grant, replace(QUOTE, content=content), signed=signed)
    with pytest.raises(Invalid):
        file_paper(session, store, grant, replace(QUOTE, name="x" * 201), signed=signed)

    assert grant.documents == []


def test_a_withdrawn_paper_leaves_its_trace(
    session: Session, store: Store, signed: Signature, now: datetime
) -> None:
    """The row and the content stay; it may be filed again, and withdrawn once."""
    grant = make_grant(session)
    document = file_paper(session, store, grant, QUOTE, signed=signed)
    with pytest.raises(Invalid):
        withdraw_paper(session, grant, document, signed=replace(signed, reason=""))

    withdraw_paper(session, grant, document, signed=signed)

    assert document.withdrawn_at == now
    assert store.read(document.sha256) == QUOTE.content
    with pytest.raises(NotFound):
        withdraw_paper(session, grant, document, signed=signed)
    file_paper(session, store, grant, QUOTE, signed=signed)
