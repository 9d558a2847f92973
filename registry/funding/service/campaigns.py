"""Keeps programmes, campaigns, their rules and votes that are entered by hand, with a reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict, Invalid, Problem
from registry.funding.models import (
    Campaign,
    CampaignRule,
    EnvelopeVote,
    Programme,
    RuleCode,
)
from registry.funding.rules import (
    CampaignHead,
    Impossible,
    ProgrammeEntry,
    RuleTable,
    VoteTable,
    check_agreement,
    spelled_value,
)
from registry.funding.service.holding import flushed, hold
from registry.funding.service.signing import Values, amend, as_said, long_texts
from registry.journal import sign
from registry.signature import Signature

TableT = TypeVar("TableT", bound=BaseModel)
_Row = Programme | Campaign | CampaignRule | EnvelopeVote
# What the journal calls each of them.
_KINDS: Mapping[type[_Row], str] = {
    Programme: "programme",
    Campaign: "campaign",
    CampaignRule: "campaign_rule",
    EnvelopeVote: "envelope_vote",
}
_LONGEST = {"name": 200, "authority": 200, "frame": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeValues(Values):
    """A standing scheme: its code never changes."""

    code: str
    name: str
    authority: str
    frame: str
    since: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignValues(Values):
    """A year of a programme: the year never changes."""

    year: int
    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleValues(Values):
    """A rule of a campaign, its value in the register's own spelling: amounts in cents."""

    code: RuleCode
    value: str
    source: str
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteValues(Values):
    """A slice of money voted for a campaign."""

    amount_cents: int
    source: str
    voted_on: date | None = None
    beneficiaries: int | None = None


def save_programme(
    session: Session,
    values: ProgrammeValues,
    *,
    signed: Signature,
    programme: Programme | None = None,
) -> Programme:
    """
    Add a programme, or change one; files change it no more.

    Raises:
        Invalid: With what a programme's file would be refused for, or for want of a
            reason to change it.
        Conflict: Another programme has its code.
    """
    said = as_said(values)
    _require(signed, [*_refused(ProgrammeEntry, said), *long_texts(said, _LONGEST)], programme)
    if programme is None:
        if session.scalar(select(Programme.id).where(Programme.code == values.code)):
            raise Conflict(f"programme {values.code} is in the register")
        programme = Programme()
    _save(session, programme, values, f"programme:{values.code}", signed)
    return programme


def save_campaign(
    session: Session,
    programme: Programme,
    values: CampaignValues,
    *,
    signed: Signature,
    campaign: Campaign | None = None,
) -> Campaign:
    """
    Add a campaign to a programme, or change one; files change it no more.

    Raises:
        Invalid: With what a programme's file would be refused for, or for want of a
            reason to change it.
        Conflict: The programme has a campaign of that year.
    """
    said = as_said(values)
    _require(signed, [*_refused(CampaignHead, said), *long_texts(said, _LONGEST)], campaign)
    if campaign is None:
        if any(each.year == values.year for each in programme.campaigns):
            raise Conflict(f"programme {programme.code} has a campaign of {values.year}")
        campaign = Campaign(programme=programme)
    _save(session, campaign, values, subject_of(campaign, values.year), signed)
    return campaign


def save_rule(
    session: Session,
    campaign: Campaign,
    values: RuleValues,
    *,
    signed: Signature,
    rule: CampaignRule | None = None,
) -> CampaignRule:
    """
    Add a rule to a campaign, or change one; files change the rules of its kind no more.

    Raises:
        Invalid: No reason is given, or with what a programme's file would be refused
            for: a value that the rule does not take, two of a kind on one day.
    """
    hold(session, campaign, "rules")
    problems = list(signed.problems())
    try:
        spelled = spelled_value(values.code, values.value)
        table = _checked(RuleTable, {**_without_code(values), "value": spelled})
        others = [each.as_rule() for each in campaign.rules if each is not rule]
        check_agreement([*others, table.as_rule()])
    except Impossible as error:
        problems.append(error.problem)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems)
    subject = subject_of(campaign)
    if rule is None:
        rule = CampaignRule(campaign=campaign)
    _save(session, rule, replace(values, value=table.text), subject, signed)
    return rule


def save_vote(
    session: Session,
    campaign: Campaign,
    values: VoteValues,
    *,
    signed: Signature,
    vote: EnvelopeVote | None = None,
) -> EnvelopeVote:
    """
    Add a slice to a campaign's envelope, or change one; files change its votes no more.

    Less may be voted than was granted: that is a finding of the audit, not a refusal.

    Raises:
        Invalid: No reason is given, or with what a programme's file would be refused for.
    """
    hold(session, campaign, "votes")
    euros = {**as_said(values), "amount_euros": Decimal(values.amount_cents) / 100}
    del euros["amount_cents"]
    found = (
        replace(each, where=each.where.replace("amount_euros", "amount_cents"))
        for each in _refused(VoteTable, euros)
    )
    if problems := [*signed.problems(), *found]:
        raise Invalid(problems)
    subject = subject_of(campaign)
    if vote is None:
        rank = max((each.rank for each in campaign.votes), default=0) + 1
        vote = EnvelopeVote(campaign=campaign, rank=rank)
    _save(session, vote, values, subject, signed)
    return vote


def subject_of(campaign: Campaign, year: int | None = None) -> str:
    """Return what the journal calls a campaign."""
    return f"campaign:{campaign.programme.code}/{year or campaign.year}"


def _save(session: Session, row: _Row, values: Values, subject: str, signed: Signature) -> None:
    """Set what differs, keep the row out of the files' hands, and journal it."""
    kind = _KINDS[type(row)]
    with flushed(session, conflict=f"{subject} was changed meanwhile; read it again"):
        if row.id is not None:
            action = f"{kind}.edit"
            if amend(session, row, values, signed=signed, action=action, subject=subject):
                row.by_hand = True
            return
        for name, value in as_said(values).items():
            setattr(row, name, value)
        row.by_hand = True
        session.add(row)
    sign(session, signed, f"{kind}.add", subject, after=as_said(values))


def _require(signed: Signature, problems: list[Problem], standing: object | None) -> None:
    if standing is not None:
        problems = [*signed.problems(), *problems]
    if problems:
        raise Invalid(problems)


def _without_code(values: RuleValues) -> dict[str, Any]:
    said = as_said(values)
    return {"rule": said.pop("code"), **said}


def _refused(table: type[BaseModel], values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what a programme's file would be refused for, under the register's names."""
    try:
        table.model_validate(values)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            cause = each.get("ctx", {}).get("error")
            field = str(each["loc"][0]) if each["loc"] else ""
            yield (
                cause.problem
                if isinstance(cause, Impossible)
                else Problem("value.unfit", field, str(each["input"])[:80])
            )


def _checked(table: type[TableT], values: Mapping[str, Any]) -> TableT:
    if problems := tuple(_refused(table, values)):
        raise Invalid(problems)
    return table.model_validate(values)
