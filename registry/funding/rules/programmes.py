"""The shape of a programme file: which keys it has, and what each may hold."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Euros = Annotated[Decimal, Field(gt=0, decimal_places=2)]
Proportion = Annotated[Decimal, Field(gt=0, le=1, decimal_places=4)]


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


class CampaignTable(Table):
    """A year's rules; a rule left out is one that this campaign does not have."""

    year: Year
    name: Text
    rate: Proportion | None = None
    cap_euros: Euros | None = None
    population_below: Annotated[int, Field(ge=1)] | None = None
    first_equipment_only: bool = False
    excludes_aided_year_before: bool = False
    groupings_eligible: bool = True
    opens_on: date | None = None
    closes_on: date | None = None
    source: Text
    votes: tuple[VoteTable, ...] = ()

    @model_validator(mode="after")
    def _window_in_order(self) -> Self:
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            message = "closes_on comes before opens_on"
            raise ValueError(message)
        return self


class ProgrammeTable(Table):
    """A standing scheme, its published figures and its campaigns."""

    code: Code
    name: Text
    since: Year
    source: Text
    facts: tuple[FactTable, ...] = ()
    campaigns: tuple[CampaignTable, ...] = ()

    @model_validator(mode="after")
    def _one_campaign_a_year(self) -> Self:
        years = [campaign.year for campaign in self.campaigns]
        if len(years) != len(set(years)):
            message = "two campaigns of the same year"
            raise ValueError(message)
        return self


class ProgrammeFile(Table):
    """One authority's file: who decides, within which frame, and its programmes."""

    authority: Text
    frame: Text
    programmes: Annotated[tuple[ProgrammeTable, ...], Field(min_length=1)]
