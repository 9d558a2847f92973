"""Puts papers into a grant's file, and takes out those that were filed by mistake."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.documents import Store
from registry.errors import Conflict, Invalid, NotFound
from registry.funding.models import Document, Grant, PaperKind, PaperStage, Payment
from registry.funding.rules import STAGE_OF
from registry.funding.service.holding import flushed
from registry.funding.service.signing import long_texts
from registry.journal import sign
from registry.signature import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper as it comes in: its content, its name, and what it is."""

    content: bytes
    name: str
    kind: PaperKind
    stage: PaperStage | None = None


def file_paper(  # noqa: PLR0913 - where it goes, what it is, and who signs
    session: Session,
    store: Store,
    grant: Grant,
    paper: Paper,
    *,
    signed: Signature,
    payment: Payment | None = None,
) -> Document:
    """
    Keep a paper in a grant's file, at the stage where the grant stands unless it says.

    Raises:
        Invalid: The content is empty, too large, of no known type, or has macros.
        Conflict: The same content is there already as a paper of this kind.
    """
    if problems := long_texts({"name": paper.name}, {"name": 200}):
        raise Invalid(problems)
    stored = store.keep(paper.content, name=paper.name)
    conflict = f"grant {grant.file_number}: this paper is there already"
    for each in grant.documents:
        same = (each.kind, each.sha256) == (paper.kind, stored.sha256)
        if same and each.withdrawn_at is None:
            raise Conflict(f"{conflict}, {each.name}")
    document = Document(
        grant_id=grant.id,
        payment_id=payment.id if payment else None,
        kind=paper.kind,
        stage=paper.stage or STAGE_OF[grant.status],
        name=paper.name.strip() or stored.sha256[:12],
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        media_type=stored.media_type,
        added_at=signed.at,
        added_by=signed.actor,
    )
    with flushed(session, conflict=conflict):
        grant.documents.append(document)
    sign(session, signed, "document.add", f"grant:{grant.file_number}", after=_told(document))
    return document


def withdraw_paper(
    session: Session, grant: Grant, document: Document, *, signed: Signature
) -> None:
    """
    Take a paper out of a grant's file; its row and its content stay.

    Raises:
        Invalid: No reason is given.
        NotFound: The paper is not in this grant's file.
    """
    if signed.problems():
        raise Invalid(signed.problems())
    if document not in grant.documents or document.withdrawn_at is not None:
        raise NotFound(f"grant {grant.file_number} holds no such paper")
    document.withdrawn_at = signed.at
    session.flush()
    sign(session, signed, "document.withdraw", f"grant:{grant.file_number}", before=_told(document))


def read_paper(
    session: Session, store: Store, document: Document, file_number: str, *, signed: Signature
) -> bytes:
    """
    Return a paper's content, held against its digest, and journal who reads it.

    Raises:
        NotFound: It was withdrawn, or its content is not what it was.
    """
    if document.withdrawn_at is not None:
        raise NotFound(f"paper {document.id} was withdrawn")
    content = store.read(document.sha256)
    # What leaves the register is journaled as what changes in it is.
    told = {"name": document.name, "sha256": document.sha256}
    sign(session, signed, "document.read", f"grant:{file_number}", after=told)
    return content


def _told(document: Document) -> dict[str, object]:
    names = ("name", "kind", "stage", "sha256", "size_bytes", "media_type")
    return {name: getattr(document, name) for name in names}
