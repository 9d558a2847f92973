"""Under which rules money is given: programmes, their campaigns, the envelopes voted."""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Base, Cents, Id, Word
from registry.funding.rules import Rule, RuleCode, Terms, terms_on

LASTING = text("valid_until IS NULL")


class ByHand:
    """A row that a file gave, until somebody enters it: then files change it no more."""

    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())


class Programme(ByHand, Base):
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


class Campaign(ByHand, Base):
    """A year of a programme (millésime); what it rules stands in its `rules`."""

    __tablename__ = "campaigns"
    __table_args__ = (UniqueConstraint("programme_id", "year"),)

    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    year: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Text)

    programme: Mapped[Programme] = relationship(back_populates="campaigns")
    # A few dozen rows in all, and every reader of a campaign asks for its terms.
    rules: Mapped[list["CampaignRule"]] = relationship(
        back_populates="campaign",
        lazy="selectin",
        order_by="CampaignRule.code, CampaignRule.valid_from",
    )
    votes: Mapped[list["EnvelopeVote"]] = relationship(
        back_populates="campaign", order_by="EnvelopeVote.rank"
    )

    def terms(self, day: date | None = None) -> Terms:
        """
        Return the rules in force on a day, by default on the last of the campaign's year.

        A rule that ended before is not among them: ask for a day within it.
        """
        rules = (each.as_rule() for each in self.rules)
        return terms_on(rules, day or date(self.year, 12, 31))


class CampaignRule(ByHand, Base):
    """
    One rule of a campaign: its value, from when until when it holds, and who says so.

    `note` says what the figure counts or what is in doubt about it; `certain` is
    false where the text itself was not found.
    """

    __tablename__ = "campaign_rules"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code", "valid_from"),
        CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
            name="ordered",
        ),
        Index(
            "uq_campaign_rules_lasting",
            "campaign_id",
            "code",
            unique=True,
            postgresql_where=LASTING,
            sqlite_where=LASTING,
        ),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    code: Mapped[RuleCode] = mapped_column(Word(RuleCode))
    value: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    certain: Mapped[bool] = mapped_column(default=True)

    campaign: Mapped[Campaign] = relationship(back_populates="rules")

    def as_rule(self) -> Rule:
        """Return the rule as the plain value that rules work on."""
        return Rule(
            code=self.code,
            value=self.value,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            source=self.source,
        )


class EnvelopeVote(ByHand, Base):
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
