"""Money: who decided it, under which rules, for whom, and what it was to buy."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Cents, Id, Word


class BeneficiaryKind(StrEnum):
    """Who may receive a grant."""

    COMMUNE = "commune"
    EPCI = "epci"
    SYNDICATE = "syndicate"
    SNCF = "sncf"
    REGION = "region"


class GrantStatus(StrEnum):
    """How far a grant has come, in the order in which it happens."""

    APPLIED = "applied"
    VOTED = "voted"
    NOTIFIED = "notified"
    STARTED = "started"
    COMMISSIONED = "commissioned"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Programme(Base):
    """A standing scheme (dispositif) under which campaigns are run."""

    __tablename__ = "programmes"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    authority: Mapped[str] = mapped_column(String(200))
    frame: Mapped[str] = mapped_column(String(200))
    since: Mapped[int]
    source: Mapped[str] = mapped_column(Text)

    facts: Mapped[list["ProgrammeFact"]] = relationship(back_populates="programme")
    campaigns: Mapped[list["Campaign"]] = relationship(
        back_populates="programme", order_by="Campaign.year"
    )


class ProgrammeFact(Base):
    """
    A published figure about a programme, with what was counted and by whom.

    Two sources may give two figures for one thing: `basis` says what each counts.
    """

    __tablename__ = "programme_facts"
    __table_args__ = (UniqueConstraint("programme_id", "code", "as_of"),)

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    code: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(200))
    basis: Mapped[str] = mapped_column(String(200))
    as_of: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)

    programme: Mapped[Programme] = relationship(back_populates="facts")


class Campaign(Base):
    """
    A year of a programme (millésime) with the rules in force that year.

    A null rule is one that this campaign does not have, or whose text was not found.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("programme_id", "year"),
        CheckConstraint("rate IS NULL OR (rate > 0 AND rate <= 10000)", name="rate"),
        CheckConstraint("cap_cents IS NULL OR cap_cents > 0", name="cap"),
    )

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    year: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    rate: Mapped[Decimal | None]
    cap_cents: Mapped[Cents | None]
    population_below: Mapped[int | None]
    first_equipment_only: Mapped[bool] = mapped_column(default=False)
    excludes_aided_year_before: Mapped[bool] = mapped_column(default=False)
    groupings_eligible: Mapped[bool] = mapped_column(default=True)
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    programme: Mapped[Programme] = relationship(back_populates="campaigns")
    votes: Mapped[list["EnvelopeVote"]] = relationship(
        back_populates="campaign", order_by="EnvelopeVote.rank"
    )


class EnvelopeVote(Base):
    """A slice of money voted for a campaign; the envelope is their sum."""

    __tablename__ = "envelope_votes"
    __table_args__ = (
        UniqueConstraint("campaign_id", "rank"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    rank: Mapped[int]
    voted_on: Mapped[date | None]
    amount_cents: Mapped[Cents]
    beneficiaries: Mapped[int | None]
    source: Mapped[str] = mapped_column(Text)

    campaign: Mapped[Campaign] = relationship(back_populates="votes")


class Beneficiary(Base):
    """A body that receives grants: a commune, a grouping, SNCF, the region itself."""

    __tablename__ = "beneficiaries"
    __table_args__ = (UniqueConstraint("kind", "normalised_name", "insee"),)

    id: Mapped[Id]
    kind: Mapped[BeneficiaryKind] = mapped_column(Word(BeneficiaryKind))
    name: Mapped[str] = mapped_column(String(200))
    normalised_name: Mapped[str] = mapped_column(String(200))
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    insee: Mapped[str] = mapped_column(String(5), default="")


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
