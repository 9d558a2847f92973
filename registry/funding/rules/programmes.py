"""The shape of a programme file: which keys it has, and what each may hold."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from registry.errors import Problem
from registry.funding.rules.papers import check_papers
from registry.funding.rules.terms import Impossible, Rule, RuleCode, overlapping, write_value

Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Euros = Annotated[Decimal, Field(gt=0, decimal_places=2)]


class Table(BaseModel):
    """A table of the file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FactTable(Table):
    """A published figure: what was counted, as of when (`2023-10`), and who says so."""

    code: Code
    value: Text
    basis: Text
    as_of: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$")]
    source: Text


class VoteTable(Table):
    """A slice of an envelope, in the order of the votes."""

    amount_euros: Euros
    voted_on: date | None = None
    beneficiaries: Annotated[int, Field(ge=1)] | None = None
    source: Text


class RuleTable(Table):
    """
    One rule of a campaign: what it says, from when until when, and where that is written.

    Amounts are euros before tax. `certain` is false where the text was not found;
    `note` then says what is in doubt.
    """

    rule: RuleCode
    value: Any
    valid_from: date | None = None
    valid_until: date | None = None
    source: Text
    note: str = ""
    certain: bool = True

    @model_validator(mode="after")
    def _possible(self) -> Self:
        text = write_value(self.rule, self.value)
        if self.rule is RuleCode.PAPERS:
            _check_papers(text)
        first, last = self.valid_from, self.valid_until
        if first and last and last < first:
            message = f"valid_until {last} comes before valid_from {first}"
            said = {"first": str(first)}
            raise Impossible(message, Problem("rule.order", "valid_until", str(last), said))
        if not self.certain and not self.note:
            message = "what is not certain needs a note that says why"
            raise Impossible(message, Problem("rule.note", "note"))
        return self

    @property
    def text(self) -> str:
        """The value as the register keeps it."""
        return write_value(self.rule, self.value)

    def as_rule(self) -> Rule:
        """Return the rule as the plain value that rules work on."""
        return Rule(
            code=self.rule,
            value=self.text,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            source=self.source,
        )


class CampaignHead(Table):
    """A year of a programme, without what it rules."""

    year: Year
    name: Text
    source: Text


class CampaignTable(CampaignHead):
    """A year and its rules; a rule left out is one that this campaign does not have."""

    rules: tuple[RuleTable, ...] = ()
    votes: tuple[VoteTable, ...] = ()

    @model_validator(mode="after")
    def _rules_agree(self) -> Self:
        check_agreement(rule.as_rule() for rule in self.rules)
        return self


class ProgrammeHead(Table):
    """A standing scheme, without its campaigns."""

    code: Code
    name: Text
    since: Year
    source: Text


class ProgrammeTable(ProgrammeHead):
    """A standing scheme, its published figures and its campaigns."""

    facts: tuple[FactTable, ...] = ()
    campaigns: tuple[CampaignTable, ...] = ()

    @model_validator(mode="after")
    def _one_campaign_a_year(self) -> Self:
        years = [campaign.year for campaign in self.campaigns]
        if len(years) != len(set(years)):
            message = "two campaigns of the same year"
            raise ValueError(message)
        return self


class Authority(Table):
    """Who decides on a programme, and within which frame."""

    authority: Text
    frame: Text


class ProgrammeEntry(Authority, ProgrammeHead):
    """A programme as the register keeps it, without its campaigns."""


class ProgrammeFile(Authority):
    """One authority's file: who decides, within which frame, and its programmes."""

    programmes: Annotated[tuple[ProgrammeTable, ...], Field(min_length=1)]


def check_agreement(rules: Iterable[Rule]) -> None:
    """
    Check that the rules of one campaign can hold together.

    Raises:
        Impossible: Two of a kind are in force on one day, or the window for
            applications closes before it opens.
    """
    known = list(rules)
    if found := overlapping(known):
        first, second = (f"{each.valid_from or ''}..{each.valid_until or ''}" for each in found)
        message = f"two rules {found[0].code!s} hold at once: {first} and {second}"
        said = {"first": first, "second": second}
        raise Impossible(message, Problem("rule.overlap", "valid_from", second, said))
    days = {rule.code: rule.value for rule in known}
    opens, closes = days.get(RuleCode.OPENS_ON), days.get(RuleCode.CLOSES_ON)
    if opens and closes and closes < opens:
        message = f"closes_on {closes} comes before opens_on {opens}"
        said = {"opens": opens, "closes": closes}
        raise Impossible(message, Problem("rule.window", "value", closes, said))


def _check_papers(text: str) -> None:
    try:
        check_papers(text.splitlines())
    except ValueError as error:
        raise Impossible(str(error), Problem("rule.papers", "value", text)) from error
