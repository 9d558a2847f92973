"""What was asked, certified and paid of a grant, payment by payment."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Cents, Id, Word
from registry.funding.rules import PaymentKind

ONCE = text("kind IN ('advance', 'balance', 'declared')")


class Payment(Base):
    """
    One payment of a grant, from the request to the order that paid it.

    `expense_cents` is the eligible expense before tax that the beneficiary has really
    borne, in all, when it asked. A DECLARED payment has no dates: it is what an import
    knows of the total beyond the payments entered one by one. A REPAYMENT flows back
    and counts against the others. There is one advance, one balance and one declared
    payment at most, and any number of the rest, by `rank`.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("grant_id", "kind", "rank"),
        CheckConstraint(
            "(asked_cents IS NULL OR asked_cents >= 0)"
            " AND (expense_cents IS NULL OR expense_cents >= 0)"
            " AND (paid_cents IS NULL OR paid_cents >= 0)",
            name="amounts",
        ),
        CheckConstraint(
            "kind = 'declared' OR (paid_on IS NULL) = (paid_cents IS NULL)", name="dated"
        ),
        CheckConstraint(
            "(asked_on IS NULL OR certified_on IS NULL OR certified_on >= asked_on)"
            " AND (asked_on IS NULL OR paid_on IS NULL OR paid_on >= asked_on)"
            " AND (certified_on IS NULL OR paid_on IS NULL OR paid_on >= certified_on)",
            name="ordered",
        ),
        Index(
            "uq_payments_once",
            "grant_id",
            "kind",
            unique=True,
            postgresql_where=ONCE,
            sqlite_where=ONCE,
        ),
    )

    id: Mapped[Id]
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    kind: Mapped[PaymentKind] = mapped_column(Word(PaymentKind))
    rank: Mapped[int] = mapped_column(default=1)
    asked_on: Mapped[date | None]
    asked_cents: Mapped[Cents | None]
    expense_cents: Mapped[Cents | None]
    certified_on: Mapped[date | None]
    paid_on: Mapped[date | None]
    paid_cents: Mapped[Cents | None]
    reference: Mapped[str] = mapped_column(String(60), default="")
