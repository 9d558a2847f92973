"""The papers of grants: what each is, when it came in, and where its content is found."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Id, Word
from registry.funding.rules import PaperKind, PaperStage

KEPT = text("withdrawn_at IS NULL")


class Document(Base):
    """
    One paper of a grant's file; its content lies in the store of registry.documents.

    `sha256` is the digest of the content, and its only address. A paper that was
    filed by mistake is withdrawn, never deleted: the row says when.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("size_bytes > 0", name="size"),
        CheckConstraint("length(sha256) = 64", name="digest"),
        Index(
            "uq_documents_kept",
            "grant_id",
            "kind",
            "sha256",
            unique=True,
            postgresql_where=KEPT,
            sqlite_where=KEPT,
        ),
    )

    id: Mapped[Id]
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(Word(PaperKind))
    stage: Mapped[PaperStage] = mapped_column(Word(PaperStage))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(120))
    withdrawn_at: Mapped[datetime | None]
