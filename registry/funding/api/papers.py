"""The API's papers of grants: what is known of them, and their bytes in and out."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from sqlalchemy.orm import Session

from registry.documents import TYPES, Store, file_name, recognise
from registry.errors import Invalid, Problem
from registry.funding import queries
from registry.funding.api.grants import HERE, of_grant
from registry.funding.api.shapes import WHY, DocumentShown
from registry.funding.api.speaking import found, spoken
from registry.funding.models import Document, Grant, PaperKind, PaperStage
from registry.funding.service import Paper, file_paper, read_paper, withdraw_paper
from registry.signature import Signature
from registry.web.access import current_actor, current_session
from registry.web.rest import (
    ANYTHING,
    Fields,
    Flag,
    Id,
    Resource,
    Text,
    WordOf,
    Writer,
    columns_of,
    give_content,
    mount,
    take_content,
)
from registry.web.security import attachment


class DocumentAsked(Fields):
    """What is said of a paper in the address, beside its bytes."""

    grant_id = Id(required=True, strict=False)
    kind = WordOf(PaperKind, required=True)
    name = Text(200, least=1, required=True, metadata={"description": "Its file name"})
    stage = WordOf(PaperStage, metadata={"description": "That of the grant without one"})
    payment_id = Id(
        strict=False, metadata={"description": "A payment of the grant that it belongs to"}
    )
    why = Text(400, metadata={"description": "Why, for the journal"})


class DocumentChanged(Fields):
    """A paper that was filed by mistake is withdrawn, never deleted; nothing else changes."""

    withdrawn = Flag(required=True, metadata={"description": "Only true, once"})
    why = Text(400, metadata=WHY)


def settle(app: Flask, *, store: Store) -> None:
    """Tell the application where papers are kept."""
    app.extensions["vigiparc.papers"] = store


def blueprint() -> Blueprint:
    """Return what the API serves of papers."""
    papers = mount(DOCUMENTS)
    take_content(papers, DOCUMENTS, DocumentAsked, types=TYPES)
    give_content(papers, DOCUMENTS, _give, types=TYPES)
    return papers


def _store() -> Store:
    store: Store = current_app.extensions["vigiparc.papers"]
    return store


def _file(session: Session, values: Mapping[str, Any], signed: Signature, /) -> Document:
    said = dict(values)
    grant = found(session, Grant, "grant_id", said)
    payment = None
    if number := said.pop("payment_id", None):
        payment = next((each for each in grant.payments if each.id == number), None)
        if payment is None:
            raise Invalid([Problem("missing", "payment_id", str(number))])
    with spoken():
        _refuse_other_type(said["content"], said.pop("media_type"))
        return file_paper(
            session,
            _store(),
            grant,
            Paper(**said),
            signed=signed,
            payment=payment,
        )


def _refuse_other_type(content: bytes, declared: str) -> None:
    kind = recognise(content)
    if kind and declared not in {ANYTHING, kind}:
        said = {"found": kind, "in": "header"}
        raise Invalid([Problem("paper.declared", "Content-Type", declared, said)])


def _withdraw(
    session: Session,
    row: Any,  # noqa: ANN401 - the kit's own type
    values: Mapping[str, Any],
    signed: Signature,
    /,
) -> None:
    with spoken():
        if not values["withdrawn"]:
            raise Invalid([Problem("value.unfit", "withdrawn", "false")])
        grant = session.get_one(Grant, row.grant_id)
        withdraw_paper(session, grant, row, signed=signed)


def _give(row: Mapping[str, object]) -> Response:
    session = current_session()
    document, file_number = queries.document(session, int(str(row["id"])))
    signed = Signature(actor=current_actor().id, at=g.now)
    content = read_paper(session, _store(), document, file_number, signed=signed)
    session.commit()
    name = file_name(document.name, document.media_type)
    return attachment(content, media_type=document.media_type, name=name)


DOCUMENTS = Resource(
    name="documents",
    title="Papers of grants",
    model=Document,
    shown=DocumentShown,
    columns=columns_of(DocumentShown, Document),
    source=of_grant(Document),
    reads="grants.read",
    writes="grants.edit",
    changed=DocumentChanged,
    writer=Writer(_file, _withdraw),
    place=HERE,
)
