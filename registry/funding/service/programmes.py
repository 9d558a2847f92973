"""Loads programme files into the register: programmes, campaigns, votes and facts."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from registry.errors import Misconfigured
from registry.funding.models import (
    Campaign,
    CampaignRule,
    EnvelopeVote,
    Programme,
    ProgrammeFact,
)
from registry.funding.rules import ProgrammeFile
from registry.funding.rules.programmes import CampaignTable, ProgrammeTable


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many programmes and campaigns the files hold."""

    programmes: int
    campaigns: int


def load_programmes(session: Session, folder: Path) -> Loaded:
    """
    Bring the register's programmes to what the TOML files of a folder say.

    A second load changes nothing. Programmes and campaigns that no file names any
    more stay, because grants may stand under them; votes and facts follow the file.
    What was entered by hand stays as it was entered: a programme, a campaign, all
    rules of its kind in a campaign, all votes of a campaign.

    Raises:
        Misconfigured: A file is wrong; the message names file, key and value.
    """
    campaigns = 0
    tables: dict[str, tuple[ProgrammeFile, ProgrammeTable]] = {}
    for path in sorted(folder.glob("*.toml")):
        file = read_programme_file(path)
        for table in file.programmes:
            if table.code in tables:
                raise Misconfigured(f"{path.name}: programmes: {table.code!r} is there twice")
            tables[table.code] = (file, table)
            campaigns += len(table.campaigns)
    known = _standing(session)
    for code, (file, table) in tables.items():
        _save_programme(session, known.get(code), file, table)
    session.flush()
    return Loaded(len(tables), campaigns)


def read_programme_file(path: Path) -> ProgrammeFile:
    """
    Read and check one file.

    Raises:
        Misconfigured: It is no TOML, or a key is unknown, missing or impossible.
    """
    try:
        # Decimals as they are written: 0.1 has no exact float.
        values = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return ProgrammeFile.model_validate(values)
    except ValidationError as error:
        raise Misconfigured(f"{path.name}: {_in_words(error)}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path.name}: {error}") from None


def _in_words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']} "
        f"({problem['input']!r:.80})"
        for problem in error.errors(include_url=False)
    )


def _standing(session: Session) -> dict[str, Programme]:
    query = select(Programme).options(
        selectinload(Programme.facts),
        selectinload(Programme.campaigns).selectinload(Campaign.votes),
    )
    return {programme.code: programme for programme in session.scalars(query)}


def _save_programme(
    session: Session, programme: Programme | None, file: ProgrammeFile, table: ProgrammeTable
) -> None:
    if programme is None:
        programme = Programme(code=table.code)
        session.add(programme)
    if not programme.by_hand:
        values = {"name": table.name, "since": table.since, "source": table.source}
        _assign(programme, {**values, "authority": file.authority, "frame": file.frame})
    _save_facts(session, programme, table)
    campaigns = {campaign.year: campaign for campaign in programme.campaigns}
    for each in table.campaigns:
        campaign = campaigns.get(each.year)
        if campaign is None:
            campaign = Campaign(year=each.year)
            programme.campaigns.append(campaign)
        _save_campaign(session, campaign, each)


def _save_facts(session: Session, programme: Programme, table: ProgrammeTable) -> None:
    standing = {(fact.code, fact.as_of): fact for fact in programme.facts}
    for each in table.facts:
        fact = standing.pop((each.code, each.as_of), None)
        if fact is None:
            fact = ProgrammeFact(code=each.code, as_of=each.as_of)
            programme.facts.append(fact)
        _assign(fact, {"value": each.value, "basis": each.basis, "source": each.source})
    for fact in standing.values():
        session.delete(fact)


def _save_campaign(session: Session, campaign: Campaign, table: CampaignTable) -> None:
    if not campaign.by_hand:
        _assign(campaign, {"name": table.name, "source": table.source})
    _save_rules(session, campaign, table)
    if not any(vote.by_hand for vote in campaign.votes):
        _save_votes(session, campaign, table)


def _save_votes(session: Session, campaign: Campaign, table: CampaignTable) -> None:
    standing = {vote.rank: vote for vote in campaign.votes}
    for rank, each in enumerate(table.votes, start=1):
        vote = standing.pop(rank, None)
        if vote is None:
            vote = EnvelopeVote(rank=rank)
            campaign.votes.append(vote)
        values = each.model_dump(exclude={"amount_euros"})
        _assign(vote, {**values, "amount_cents": int(each.amount_euros * 100)})
    for vote in standing.values():
        session.delete(vote)


def _save_rules(session: Session, campaign: Campaign, table: CampaignTable) -> None:
    kept = {rule.code for rule in campaign.rules if rule.by_hand}
    wanted = {(each.rule, each.valid_from): each for each in table.rules if each.rule not in kept}
    standing = {(r.code, r.valid_from): r for r in campaign.rules if r.code not in kept}
    gone = [each for key, each in standing.items() if key not in wanted]
    for left in gone:
        campaign.rules.remove(left)
        session.delete(left)
    if gone:
        # They leave first: the database holds a campaign to one lasting rule of a kind.
        session.flush()
    for key, each in wanted.items():
        rule = standing.get(key)
        if rule is None:
            rule = CampaignRule(code=each.rule, valid_from=each.valid_from)
            campaign.rules.append(rule)
        values = {"value": each.text, "valid_until": each.valid_until, "source": each.source}
        _assign(rule, {**values, "note": each.note, "certain": each.certain})


def _assign(row: object, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
