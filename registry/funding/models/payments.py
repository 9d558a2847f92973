"""What was asked, certified and paid of a grant, payment by payment."""

from datetime import date

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Cents, Id, Word
from registry.funding.rules import PaymentKind

ONCE = text("kind IN ('advance', 'balance', 'declared')")
# No more is paid than was voted, whoever writes: neither by a payment too many nor by a
# repayment taken out, nor by a vote that shrinks. A sum over rows is no CHECK.
_PAID = (
    "(SELECT COALESCE(SUM(CASE kind WHEN 'repayment' THEN -paid_cents ELSE paid_cents END), 0)"
    " FROM payments WHERE grant_id = {of})"
)
_VOTED = "(SELECT voted_cents FROM grants WHERE id = {of})"
_REFUSAL = "payments exceed the vote of their grant"
_TRIGGER = (
    "CREATE TRIGGER {name} AFTER {when} WHEN {paid} > {voted}"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
)


def _trigger(name: str, when: str, of: str, voted: str = _VOTED) -> str:
    paid, most = _PAID.format(of=of), voted.format(of=of)
    return _TRIGGER.format(name=name, when=when, paid=paid, voted=most)


# The grant's row is locked before the sum: two payments at once would not see each other.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_payments_beyond_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_grant integer; voted bigint;
BEGIN
    IF TG_TABLE_NAME = 'grants' THEN of_grant := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN of_grant := OLD.grant_id;
    ELSE of_grant := NEW.grant_id;
    END IF;
    SELECT voted_cents INTO voted FROM grants WHERE id = of_grant FOR NO KEY UPDATE;
    IF {_PAID.format(of="of_grant")} > voted THEN
        RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - our own words
_RUN = "FOR EACH ROW EXECUTE FUNCTION refuse_payments_beyond_vote()"
WITHIN_VOTE = {
    "sqlite": (
        _trigger("payments_vote_insert", "INSERT ON payments", "NEW.grant_id"),
        _trigger("payments_vote_update", "UPDATE ON payments", "NEW.grant_id"),
        _trigger("payments_vote_delete", "DELETE ON payments", "OLD.grant_id"),
        _trigger("grants_vote_update", "UPDATE OF voted_cents ON grants", "NEW.id",
            "NEW.voted_cents"),
    ),
    "postgresql": (
        _FUNCTION,
        f"CREATE TRIGGER payments_vote AFTER INSERT OR UPDATE OR DELETE ON payments {_RUN}",
        f"CREATE TRIGGER grants_vote AFTER UPDATE OF voted_cents ON grants {_RUN}",
    ),
}  # fmt: skip


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


for _dialect, _statements in WITHIN_VOTE.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy 2.1
        event.listen(Payment.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
