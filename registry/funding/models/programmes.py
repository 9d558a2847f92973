"""Under which rules money is given: programmes, their campaigns, the envelopes voted."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Cents, Id


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
