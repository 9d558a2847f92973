"""Papers of grants by the API: their bytes go in, and come out as they were."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.funding.models import Grant, PaymentKind
from registry.journal import JournalEntry
from registry.settings import Settings
from tests.factories import make_commune, make_grant, make_payment
from tests.web.programs import MakeProgram, Program, errors, items

PDF = b"%PDF-1.7 pv de reception"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings under which a paper has a megabyte at most."""
    storage = settings.storage.model_copy(update={"document_megabytes": 1})
    return settings.model_copy(update={"storage": storage})


@pytest.fixture
def grant(session: Session) -> Grant:
    """Write a grant without papers."""
    grant = make_grant(session, file_number="23-1")
    session.commit()
    return grant


def send(
    program: Program, grant: Grant, content: bytes = PDF, kind: str = "application/pdf",
    *, key: str = "", **said: object,
) -> TestResponse:  # fmt: skip
    """Send a paper as its bytes, told of in the address."""
    query = {"grant_id": grant.id, "kind": "acceptance_report", "name": "pv.pdf", **said}
    headers = {"Authorization": f"Bearer {program.token}", "Accept-Language": "en"}
    headers |= {"Idempotency-Key": key} if key else {}
    return program.client.post(
        "/api/v1/documents", data=content, content_type=kind, query_string=query, headers=headers
    )


def test_a_paper_goes_in_and_comes_out(
    api: Program, session: Session, grant: Grant, tmp_path: Path
) -> None:
    """Kept where the pages keep theirs, handed out as an attachment; both are journaled."""
    added = send(api, grant)

    told = added.get_json()
    digest = hashlib.sha256(PDF).hexdigest()
    assert added.status_code == 201, added.text
    assert (told["sha256"], told["size_bytes"], told["media_type"]) == (
        digest,
        len(PDF),
        "application/pdf",
    )
    assert (tmp_path / "documents" / digest[:2] / digest).read_bytes() == PDF
    given = api("GET", f"documents/{told['id']}/content")
    assert (given.data, given.mimetype) == (PDF, "application/pdf")
    assert given.headers["Content-Disposition"] == "attachment; filename=pv.pdf"
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()[-2:]
    assert [(each.action, each.subject) for each in entries] == [
        ("document.add", "grant:23-1"),
        ("document.read", "grant:23-1"),
    ]


def test_the_same_request_again_files_one_paper(api: Program, grant: Grant) -> None:
    """Under one key; what the address says belongs to the request."""
    first, again = (send(api, grant, key="pv-2026-11-23") for _ in range(2))
    other = send(api, grant, key="pv-2026-11-23", name="autre.pdf")
    twin = send(api, grant)

    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert errors(other)[0]["code"] == "key_reused"
    assert twin.status_code == 409
    assert len(items(api("GET", "documents"))) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"<html>", "text/html", 415, ""),
        (b"{}", "application/json", 415, ""),
        (b"<html>", "application/pdf", 422, "paper.type"),
        (b"", "application/pdf", 422, "paper.empty"),
        (b"%PDF-" + bytes(1 << 20), "application/pdf", 422, "paper.large"),
        (PDF, "image/png", 422, "paper.declared"),
    ],
    ids=["a page", "JSON", "no PDF", "nothing", "too large", "another type"],
)
def test_what_is_no_paper_is_refused(  # noqa: PLR0913, PLR0917 - a case has four sides
    api: Program, grant: Grant, content: bytes, kind: str, status: int, code: str
) -> None:
    """By its declared type before it is read, then by its size and what it holds."""
    refused = send(api, grant, content, kind)

    assert refused.status_code == status
    if code:
        (said,) = errors(refused)
        assert said["code"] == code
        assert said["message"] != code
    assert items(api("GET", "documents")) == []


def test_a_paper_names_what_is_there(api: Program, session: Session, grant: Grant) -> None:
    """A grant of the register, a payment of that grant, a kind of paper."""
    other = make_payment(session, make_grant(session), 1, kind=PaymentKind.INTERIM)
    session.commit()

    assert errors(send(api, grant, grant_id=404))[0]["field"] == "grant_id"
    assert errors(send(api, grant, payment_id=other.id))[0]["field"] == "payment_id"
    assert errors(send(api, grant, stage="poem"))[0]["field"] == "stage"
    assert errors(send(api, grant, colour="red"))[0]["field"] == "colour"


def test_a_paper_filed_by_mistake_is_withdrawn_with_a_reason(api: Program, grant: Grant) -> None:
    """Its row stays and says when; its bytes are handed out no more."""
    added = send(api, grant)
    path, etag = f"documents/{added.get_json()['id']}", added.headers["ETag"]

    silent = api("PATCH", path, {"withdrawn": True}, If_Match=etag)
    kept = api("PATCH", path, {"withdrawn": False, "why": "x"}, If_Match=etag)
    gone = api("PATCH", path, {"withdrawn": True, "why": "mauvaise version"}, If_Match=etag)

    assert [errors(each)[0]["field"] for each in (silent, kept)] == ["why", "withdrawn"]
    assert gone.get_json()["withdrawn_at"] == "2026-11-23T12:00:00Z"
    assert api("GET", f"{path}/content").status_code == 404


def test_papers_keep_to_rights_and_territory(
    api: Program, program: MakeProgram, session: Session, grant: Grant
) -> None:
    """Who may not see a grant gets none of its papers, and files none there."""
    make_commune(session)
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    session.commit()
    path = f"documents/{send(api, grant).get_json()['id']}/content"
    aisne = program(territory=("department:02",))
    reader = program(("grants.read",), read_only=True)

    assert (aisne("GET", path).status_code, reader("GET", path).status_code) == (404, 200)
    assert (send(aisne, grant).status_code, send(reader, grant).status_code) == (403, 403)
