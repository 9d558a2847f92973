"""The API's programmes: campaigns, their rules, the envelopes voted, who receives."""

from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    Campaign,
    CampaignRule,
    EnvelopeVote,
    Programme,
    RuleCode,
)
from registry.territory.queries import communes_within
from registry.web.rest import (
    Cents,
    Code,
    Count,
    Day,
    Fields,
    Flag,
    Id,
    Number,
    Place,
    Resource,
    Text,
    WordOf,
    columns_of,
    rows_of,
)

YEARS = (1900, 2200)
LONG = 10_000


class ProgrammeShown(Fields):
    """A programme, as the files of config/programmes describe it."""

    id = Id(dump_only=True)
    code = Text(60)
    name = Text(200)
    authority = Text(200)
    frame = Text(200)
    since = Number(*YEARS)
    source = Text(LONG)


class CampaignShown(Fields):
    """A year of a programme; its rules stand apart, each with its dates and its source."""

    id = Id(dump_only=True)
    programme_id = Id()
    year = Number(*YEARS)
    name = Text(200)
    source = Text(LONG)


class RuleShown(Fields):
    """One rule of a campaign, from a day to another, and where it is written."""

    id = Id(dump_only=True)
    campaign_id = Id()
    code = WordOf(RuleCode)
    value = Text(LONG)
    valid_from = Day(allow_none=True)
    valid_until = Day(allow_none=True)
    source = Text(LONG)
    note = Text(LONG)
    certain = Flag()


class VoteShown(Fields):
    """A slice of money voted for a campaign."""

    id = Id(dump_only=True)
    campaign_id = Id()
    rank = Count()
    voted_on = Day(allow_none=True)
    amount_cents = Cents()
    beneficiaries = Count(allow_none=True)
    source = Text(LONG)


class BeneficiaryShown(Fields):
    """A body that receives grants."""

    id = Id(dump_only=True)
    kind = WordOf(BeneficiaryKind)
    name = Text(200)
    siren = Code(9, allow_none=True)
    insee = Code(5)


PROGRAMMES = Resource(
    name="programmes",
    title="Programmes",
    model=Programme,
    shown=ProgrammeShown,
    columns=columns_of(ProgrammeShown, Programme),
    source=rows_of(Programme),
    reads="grants.read",
)
CAMPAIGNS = Resource(
    name="campaigns",
    title="Campaigns",
    model=Campaign,
    shown=CampaignShown,
    columns=columns_of(CampaignShown, Campaign),
    source=rows_of(Campaign),
    reads="grants.read",
)
RULES = Resource(
    name="campaign-rules",
    title="Rules of campaigns",
    model=CampaignRule,
    shown=RuleShown,
    columns=columns_of(RuleShown, CampaignRule),
    source=rows_of(CampaignRule),
    reads="grants.read",
)
VOTES = Resource(
    name="envelope-votes",
    title="Envelopes voted",
    model=EnvelopeVote,
    shown=VoteShown,
    columns=columns_of(VoteShown, EnvelopeVote),
    source=rows_of(EnvelopeVote),
    reads="grants.read",
)
BENEFICIARIES = Resource(
    name="beneficiaries",
    title="Beneficiaries",
    model=Beneficiary,
    shown=BeneficiaryShown,
    columns=columns_of(BeneficiaryShown, Beneficiary),
    source=rows_of(Beneficiary),
    reads="grants.read",
    place=Place(Beneficiary.insee.in_, communes_within),
)
