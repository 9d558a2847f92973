"""The API's programmes: campaigns, their rules, the envelopes voted."""

from registry.funding.api.shapes import WHY
from registry.funding.api.speaking import adding, changing
from registry.funding.models import (
    Campaign,
    CampaignRule,
    EnvelopeVote,
    Programme,
    RuleCode,
)
from registry.funding.service import (
    CampaignValues,
    ProgrammeValues,
    RuleValues,
    VoteValues,
    save_campaign,
    save_programme,
    save_rule,
    save_vote,
)
from registry.web.rest import (
    LINES,
    Cents,
    Count,
    Day,
    Fields,
    Flag,
    Id,
    Number,
    Resource,
    Text,
    WordOf,
    Writer,
    columns_of,
    rows_of,
)

YEARS = (1990, 2100)
LONG = 10_000
CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
BY_HAND = {"description": "Entered by hand: the files of config/programmes change it no more"}
VALUE = {
    "description": "In the register's spelling: 0.3, cents, a number, yes or no, a day, or lines"
}


class ProgrammeChanged(Fields):
    """What may change of a programme; files change it no more afterwards."""

    name = Text(200, least=1)
    authority = Text(200, least=1)
    frame = Text(200, least=1)
    since = Number(*YEARS)
    source = Text(LONG, least=1)
    why = Text(400, metadata=WHY)


class ProgrammeGiven(ProgrammeChanged):
    """A programme to add; its code is given once."""

    code = Text(60, least=1, pattern=CODE, required=True)
    name = Text(200, least=1, required=True)
    authority = Text(200, least=1, required=True)
    frame = Text(200, least=1, required=True)
    since = Number(*YEARS, required=True)
    source = Text(LONG, least=1, required=True)


class ProgrammeShown(Fields):
    """A programme, as a file of config/programmes or somebody by hand describes it."""

    id = Id(dump_only=True)
    code = Text(60)
    name = Text(200)
    authority = Text(200)
    frame = Text(200)
    since = Number(1900, 2200)
    source = Text(LONG)
    by_hand = Flag(metadata=BY_HAND)


class CampaignChanged(Fields):
    """What may change of a campaign; files change it no more afterwards."""

    name = Text(200, least=1)
    source = Text(LONG, least=1)
    why = Text(400, metadata=WHY)


class CampaignGiven(CampaignChanged):
    """A campaign to add; its year is given once."""

    programme_id = Id(required=True)
    year = Number(*YEARS, required=True)
    name = Text(200, least=1, required=True)
    source = Text(LONG, least=1, required=True)


class CampaignShown(Fields):
    """A year of a programme; its rules stand apart, each with its dates and its source."""

    id = Id(dump_only=True)
    programme_id = Id()
    year = Number(1900, 2200)
    name = Text(200)
    source = Text(LONG)
    by_hand = Flag(metadata=BY_HAND)


class RuleChanged(Fields):
    """What may change of a rule; the rules of its kind are no file's afterwards."""

    value = Text(LONG, least=1, pattern=LINES, metadata=VALUE)
    valid_from = Day(allow_none=True)
    valid_until = Day(allow_none=True)
    source = Text(LONG, least=1)
    note = Text(LONG)
    certain = Flag(metadata={"description": "False asks for a note that says what is in doubt"})
    why = Text(400, metadata=WHY)


class RuleGiven(RuleChanged):
    """A rule to add to a campaign."""

    campaign_id = Id(required=True)
    code = WordOf(RuleCode, required=True)
    value = Text(LONG, least=1, pattern=LINES, required=True, metadata=VALUE)
    source = Text(LONG, least=1, required=True)


class RuleShown(Fields):
    """One rule of a campaign, from a day to another, and where it is written."""

    id = Id(dump_only=True)
    campaign_id = Id()
    code = WordOf(RuleCode)
    value = Text(LONG, pattern=LINES, metadata=VALUE)
    valid_from = Day(allow_none=True)
    valid_until = Day(allow_none=True)
    source = Text(LONG)
    note = Text(LONG)
    certain = Flag()
    by_hand = Flag(metadata=BY_HAND)


class VoteChanged(Fields):
    """What may change of a vote; the votes of its campaign are no file's afterwards."""

    voted_on = Day(allow_none=True)
    amount_cents = Cents(1)
    beneficiaries = Number(1, 1_000_000, allow_none=True)
    source = Text(LONG, least=1)
    why = Text(400, metadata=WHY)


class VoteGiven(VoteChanged):
    """A slice to add to a campaign's envelope."""

    campaign_id = Id(required=True)
    amount_cents = Cents(1, required=True)
    source = Text(LONG, least=1, required=True)


class VoteShown(Fields):
    """A slice of money voted for a campaign."""

    id = Id(dump_only=True)
    campaign_id = Id()
    rank = Count()
    voted_on = Day(allow_none=True)
    amount_cents = Cents()
    beneficiaries = Number(0, 1_000_000, allow_none=True)
    source = Text(LONG)
    by_hand = Flag(metadata=BY_HAND)


PROGRAMMES = Resource(
    name="programmes",
    title="Programmes",
    model=Programme,
    shown=ProgrammeShown,
    columns=columns_of(ProgrammeShown, Programme),
    source=rows_of(Programme),
    reads="grants.read",
    writes="grants.edit",
    given=ProgrammeGiven,
    changed=ProgrammeChanged,
    writer=Writer(
        adding(save_programme, ProgrammeValues),
        changing(save_programme, ProgrammeValues, "programme"),
    ),
)
CAMPAIGNS = Resource(
    name="campaigns",
    title="Campaigns",
    model=Campaign,
    shown=CampaignShown,
    columns=columns_of(CampaignShown, Campaign),
    source=rows_of(Campaign),
    reads="grants.read",
    writes="grants.edit",
    given=CampaignGiven,
    changed=CampaignChanged,
    writer=Writer(
        adding(save_campaign, CampaignValues, parent=Programme, named="programme_id"),
        changing(save_campaign, CampaignValues, "campaign", parent=Programme, named="programme_id"),
    ),
)
RULES = Resource(
    name="campaign-rules",
    title="Rules of campaigns",
    model=CampaignRule,
    shown=RuleShown,
    columns=columns_of(RuleShown, CampaignRule),
    source=rows_of(CampaignRule),
    reads="grants.read",
    writes="grants.edit",
    given=RuleGiven,
    changed=RuleChanged,
    writer=Writer(
        adding(save_rule, RuleValues, parent=Campaign, named="campaign_id"),
        changing(save_rule, RuleValues, "rule", parent=Campaign, named="campaign_id"),
    ),
)
VOTES = Resource(
    name="envelope-votes",
    title="Envelopes voted",
    model=EnvelopeVote,
    shown=VoteShown,
    columns=columns_of(VoteShown, EnvelopeVote),
    source=rows_of(EnvelopeVote),
    reads="grants.read",
    writes="grants.edit",
    given=VoteGiven,
    changed=VoteChanged,
    writer=Writer(
        adding(save_vote, VoteValues, parent=Campaign, named="campaign_id"),
        changing(save_vote, VoteValues, "vote", parent=Campaign, named="campaign_id"),
    ),
)
