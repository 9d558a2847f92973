"""Keeps programmes, campaigns, their rules and votes that are entered by hand, with a reason."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self, TypeVar

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
from registry.funding.service.signing import Signature, changed, long_texts, sign

TableT = TypeVar("TableT", bound=BaseModel)
_LONGEST = {"name": 200, "authority": 200, "frame": 200}


class _Values:
    """What may be said of a row, field by field under the names of its columns."""

    @classmethod
    def of(cls, row: object) -> Self:
        """Return what the register says of a row."""
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})  # type: ignore[arg-type]  # every subclass is a dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeValues(_Values):
    """A standing scheme: its code never changes."""

    code: str
    name: str
    authority: str
    frame: str
    since: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignValues(_Values):
    """A year of a programme: the year never changes."""

    year: int
    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleValues(_Values):
    """A rule of a campaign, its value in the register's own spelling: amounts in cents."""

    code: RuleCode
    value: str
    source: str
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteValues(_Values):
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
    said = asdict(values)
    _require(signed, [*_refused(ProgrammeEntry, said), *long_texts(said, _LONGEST)], programme)
    if programme is None:
        if session.scalar(select(Programme.id).where(Programme.code == values.code)):
            raise Conflict(f"programme {values.code} is in the register")
        programme = Programme()
    _save(session, programme, said, "programme", f"programme:{values.code}", signed)
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
    said = asdict(values)
    _require(signed, [*_refused(CampaignHead, said), *long_texts(said, _LONGEST)], campaign)
    if campaign is None:
        if any(each.year == values.year for each in programme.campaigns):
            raise Conflict(f"programme {programme.code} has a campaign of {values.year}")
        campaign = Campaign(programme=programme)
    _save(session, campaign, said, "campaign", subject_of(campaign, values.year), signed)
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

    The campaign's row is locked first: two rules at once cannot both be the only one
    of their kind on a day.

    Raises:
        Invalid: No reason is given, or with what a programme's file would be refused
            for: a value that the rule does not take, two of a kind on one day.
    """
    _lock(session, campaign)
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
    said, subject = {**asdict(values), "value": table.text}, subject_of(campaign)
    if rule is None:
        rule = CampaignRule(campaign=campaign)
    _save(session, rule, said, "campaign_rule", subject, signed)
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
    _lock(session, campaign)
    said = asdict(values)
    euros = {**said, "amount_euros": Decimal(values.amount_cents) / 100}
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
    _save(session, vote, said, "envelope_vote", subject, signed)
    return vote


def subject_of(campaign: Campaign, year: int | None = None) -> str:
    """Return what the journal calls a campaign."""
    return f"campaign:{campaign.programme.code}/{year or campaign.year}"


def _save(  # noqa: PLR0913, PLR0917 - what, where to, and who signs
    session: Session,
    row: Any,  # noqa: ANN401 - one of the four
    said: Mapping[str, Any],
    kind: str,
    subject: str,
    signed: Signature,
) -> None:
    """Set what differs, keep the row out of the files' hands, and journal it."""
    standing = row.id is not None
    before = {name: getattr(row, name) for name in said} if standing else None
    was, after = changed(before, said) if before is not None else (None, dict(said))
    if standing and not after:
        return
    for name, value in after.items():
        setattr(row, name, value)
    row.by_hand = True
    session.add(row)
    session.flush()
    sign(
        session, signed, f"{kind}.{'edit' if standing else 'add'}", subject, before=was, after=after
    )


def _require(signed: Signature, problems: list[Problem], standing: object | None) -> None:
    if standing is not None:
        problems = [*signed.problems(), *problems]
    if problems:
        raise Invalid(problems)


def _lock(session: Session, campaign: Campaign) -> None:
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    session.expire(campaign, ["rules", "votes"])


def _without_code(values: RuleValues) -> dict[str, Any]:
    said = asdict(values)
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
