"""Papers go in by content and come out as attachments."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.funding.models import Document, Grant, PaperKind, PaymentKind
from registry.journal import JournalEntry
from tests.factories import make_grant, make_payment
from tests.web.visitors import SignIn, read, send

PAGE = "/funding/paper/23-1"
PDF = b"%PDF-1.7 pv de reception"


@pytest.fixture
def grant(session: Session) -> Grant:
    """Return a grant without papers."""
    grant = make_grant(session, file_number="23-1")
    session.commit()
    return grant


def file(browser: FlaskClient, content: bytes, name: str, **said: str) -> TestResponse:
    """Send a paper as its form does."""
    fields = {"kind": "acceptance_report", "stage": "", "payment": "0", **said}
    return send(browser, PAGE, page=PAGE, file=(io.BytesIO(content), name), **fields)


@pytest.mark.usefixtures("grant")
def test_a_paper_goes_in_and_comes_out(session: Session, sign_in: SignIn, tmp_path: Path) -> None:
    """Listed on the grant's page; handed out as an attachment that no browser sniffs or runs."""
    browser = sign_in("officer")

    sent = file(browser, PDF, "pv <final>.pdf")

    assert sent.status_code == 302
    document = session.scalars(select(Document)).one()
    assert (document.name, document.kind) == ("pv <final>.pdf", PaperKind.ACCEPTANCE_REPORT)
    assert (tmp_path / "documents" / document.sha256[:2] / document.sha256).read_bytes() == PDF
    assert "PV de réception" in read(browser, "/grants/23-1")
    given = sign_in("technician").get(f"/funding/papers/{document.id}")
    assert given.data == PDF
    assert given.mimetype == "application/pdf"
    assert given.headers["Content-Disposition"] == 'attachment; filename="pv _final_.pdf"'
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert given.headers["Cache-Control"] == "private, no-store"
    reading = session.scalars(select(JournalEntry).where(JournalEntry.action == "document.read"))
    assert document.sha256 in reading.one().after


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><script>alert(1)</script>", "quel que soit son nom"),
        (b"", "Le fichier est vide."),
    ],
    ids=["a page", "nothing"],
)
@pytest.mark.usefixtures("grant")
def test_what_is_no_paper_is_refused_in_words(
    session: Session, sign_in: SignIn, content: bytes, words: str
) -> None:
    """By what it holds, not by what it is called; nothing is filed."""
    response = file(sign_in("officer"), content, "pv.pdf")

    text = response.text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert response.status_code == 422
    assert words in text
    assert session.scalars(select(Document)).all() == []


@pytest.mark.usefixtures("grant")
def test_the_same_paper_again_is_a_conflict(sign_in: SignIn) -> None:
    """Under the same kind; it may belong to a payment."""
    browser = sign_in("officer")
    file(browser, PDF, "pv.pdf")

    assert file(browser, PDF, "pv2.pdf").status_code == 409
    assert file(browser, PDF, "pv2.pdf", kind="other").status_code == 302


def test_a_paper_may_belong_to_a_payment(session: Session, sign_in: SignIn, grant: Grant) -> None:
    """One of the grant's own."""
    payment = make_payment(session, grant, 1, kind=PaymentKind.INTERIM)
    session.commit()

    file(sign_in("officer"), PDF, "facture.pdf", kind="invoice", payment=str(payment.id))

    assert session.scalars(select(Document.payment_id)).all() == [payment.id]


@pytest.mark.usefixtures("grant")
def test_a_withdrawn_paper_is_handed_out_no_more(session: Session, sign_in: SignIn) -> None:
    """Its row stays, with the instant; the page shows it no longer."""
    browser = sign_in("officer")
    file(browser, PDF, "pv.pdf")
    document = session.scalars(select(Document)).one()
    page = f"/funding/papers/{document.id}/withdraw"
    refused = send(browser, page, page=page, reason="")

    response = send(browser, page, page=page, reason="mauvaise version")

    assert (refused.status_code, response.status_code) == (422, 302)
    session.refresh(document)
    assert document.withdrawn_at is not None
    assert browser.get(f"/funding/papers/{document.id}").status_code == 404
    assert "Aucune pièce déposée." in read(browser, "/grants/23-1")


def test_an_unknown_paper_is_not_found(client: FlaskClient, sign_in: SignIn) -> None:
    """And a visitor is asked to sign in first."""
    assert sign_in("officer").get("/funding/papers/4711").status_code == 404
    assert client.get("/funding/papers/4711").status_code == 302
