"""Who was given how much, by which decision, for how many cameras, and how it went."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    case,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from registry.db import Base, Cents, Id, Word
from registry.funding.models.beneficiaries import Beneficiary
from registry.funding.models.documents import Document
from registry.funding.models.payments import Payment
from registry.funding.models.programmes import Campaign
from registry.funding.rules import Funder, GrantStatus, LineState, PaymentKind

OPEN = text("ended_on IS NULL")


class Grant(Base):
    """
    A grant (subvention): the decision to fund some cameras of one beneficiary.

    Amounts are integer cents before tax: `eligible_cents` is the base that the rate
    applies to, `project_cents` what the whole project costs; no more is voted than
    the one, or else the other. `rate` is the decision's
    own. `cameras_funded` is the voted number of positions, whatever was installed
    since. `population` is what was counted for the vote, with its year and source.
    `paid_cents` is summed from the payments, what flowed back taken off, and never
    stored. `status` is that of the open step in `events`.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("voted_cents >= 0", name="voted"),
        CheckConstraint(
            "voted_cents <= COALESCE(eligible_cents, project_cents, voted_cents)", name="base"
        ),
        CheckConstraint("eligible_cents IS NULL OR eligible_cents >= 0", name="eligible"),
        CheckConstraint("project_cents IS NULL OR project_cents >= 0", name="project"),
        CheckConstraint("rate IS NULL OR (rate > 0 AND rate <= 10000)", name="rate"),
        CheckConstraint("cameras_funded >= 0", name="cameras"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_number: Mapped[str] = mapped_column(String(60), unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("beneficiaries.id"), index=True)
    decision_number: Mapped[str] = mapped_column(String(60), default="")
    decided_on: Mapped[date | None]
    purpose: Mapped[str] = mapped_column(String(256), default="")
    project_cents: Mapped[Cents | None]
    eligible_cents: Mapped[Cents | None]
    rate: Mapped[Decimal | None]
    voted_cents: Mapped[Cents]
    cameras_funded: Mapped[int]
    status: Mapped[GrantStatus] = mapped_column(Word(GrantStatus), default=GrantStatus.VOTED)
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    population_source: Mapped[str] = mapped_column(String(200), default="", server_default="")

    campaign: Mapped[Campaign] = relationship()
    beneficiary: Mapped[Beneficiary] = relationship()
    events: Mapped[list["GrantEvent"]] = relationship(order_by="GrantEvent.rank")
    lines: Mapped[list["FundingLine"]] = relationship(
        order_by="FundingLine.funder, FundingLine.name"
    )
    payments: Mapped[list[Payment]] = relationship(order_by="Payment.kind, Payment.rank")
    documents: Mapped[list[Document]] = relationship(order_by="Document.id")

    paid_cents: Mapped[int] = column_property(
        # PostgreSQL sums whole numbers into exact decimals: amounts are integers here.
        select(
            cast(
                func.coalesce(
                    func.sum(
                        case(
                            (Payment.kind == PaymentKind.REPAYMENT, -Payment.paid_cents),
                            else_=Payment.paid_cents,
                        )
                    ),
                    0,
                ),
                BigInteger,
            )
        )
        .where(Payment.grant_id == id)  # noqa: A003 - the column above, not the builtin
        .correlate_except(Payment)
        .scalar_subquery()
    )


class GrantEvent(Base):
    """
    One step of a grant's life, from the day it happened until that of the next one.

    The open one (`ended_on` null) is where the grant stands; a partial unique index
    holds a grant to one. Only a first step may be without a day: it was carried over
    from a register that kept none.
    """

    __tablename__ = "grant_events"
    __table_args__ = (
        UniqueConstraint("grant_id", "rank"),
        CheckConstraint("rank >= 1", name="rank"),
        CheckConstraint("happened_on IS NOT NULL OR rank = 1", name="dated"),
        CheckConstraint("ended_on IS NULL OR ended_on >= happened_on", name="ordered"),
        Index(
            "uq_grant_events_open",
            "grant_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
    )

    id: Mapped[Id]
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    rank: Mapped[int]
    status: Mapped[GrantStatus] = mapped_column(Word(GrantStatus))
    happened_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    decision_number: Mapped[str] = mapped_column(String(60), default="")
    author: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]


class FundingLine(Base):
    """What one co-funder was asked for and gave, or what the beneficiary pays itself."""

    __tablename__ = "funding_lines"
    __table_args__ = (
        UniqueConstraint("grant_id", "funder", "name"),
        CheckConstraint("asked_cents >= 0 AND granted_cents >= 0", name="amounts"),
        CheckConstraint("granted_cents = 0 OR state = 'granted'", name="granted"),
        CheckConstraint(
            "asked_on IS NULL OR decided_on IS NULL OR decided_on >= asked_on", name="ordered"
        ),
    )

    id: Mapped[Id]
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"))
    funder: Mapped[Funder] = mapped_column(Word(Funder))
    name: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[LineState] = mapped_column(Word(LineState), default=LineState.ASKED)
    asked_cents: Mapped[Cents] = mapped_column(default=0)
    granted_cents: Mapped[Cents] = mapped_column(default=0)
    asked_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    reference: Mapped[str] = mapped_column(String(60), default="")
