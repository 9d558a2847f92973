"""Who was given how much, by which decision, for how many cameras."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Cents, Id, Word
from registry.funding.models.beneficiaries import Beneficiary
from registry.funding.models.programmes import Campaign


class GrantStatus(StrEnum):
    """How far a grant has come, in the order in which it happens."""

    APPLIED = "applied"
    VOTED = "voted"
    NOTIFIED = "notified"
    STARTED = "started"
    COMMISSIONED = "commissioned"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Grant(Base):
    """
    A grant (subvention): the decision to fund some cameras of one beneficiary.

    Amounts are integer cents, before tax for the eligible base. `cameras_funded`
    is the voted number of positions, whatever was installed since.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("voted_cents >= 0", name="voted"),
        CheckConstraint("eligible_cents IS NULL OR eligible_cents >= 0", name="eligible"),
        CheckConstraint("paid_cents >= 0", name="paid"),
        CheckConstraint("cameras_funded >= 0", name="cameras"),
    )

    id: Mapped[Id]
    file_number: Mapped[str] = mapped_column(String(60), unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("beneficiaries.id"), index=True)
    decision_number: Mapped[str] = mapped_column(String(60), default="")
    decided_on: Mapped[date | None]
    purpose: Mapped[str] = mapped_column(String(256), default="")
    eligible_cents: Mapped[Cents | None]
    voted_cents: Mapped[Cents]
    paid_cents: Mapped[Cents] = mapped_column(default=0)
    cameras_funded: Mapped[int]
    status: Mapped[GrantStatus] = mapped_column(Word(GrantStatus), default=GrantStatus.VOTED)
    population: Mapped[int | None]
    population_year: Mapped[int | None]

    campaign: Mapped[Campaign] = relationship()
    beneficiary: Mapped[Beneficiary] = relationship()
