"""What the database refuses of programmes, campaigns and votes."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import Campaign, CampaignRule, EnvelopeVote, RuleCode
from tests.factories import add_rule, make_campaign


def test_a_programme_has_one_campaign_a_year(session: Session) -> None:
    """Two sets of rules for one year would let each grant choose its own."""
    campaign = make_campaign(session, 2023)
    session.add(Campaign(programme=campaign.programme, year=2023, name="encore", source="test"))

    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(("rank", "amount_cents"), [(1, 500), (2, 0), (2, -5)])
def test_a_vote_has_its_own_rank_and_an_amount(
    session: Session, rank: int, amount_cents: int
) -> None:
    """A slice counted twice, or of nothing, would spoil the envelope."""
    campaign = make_campaign(session)
    session.add(EnvelopeVote(campaign=campaign, rank=1, amount_cents=100, source="test"))
    session.flush()
    session.add(
        EnvelopeVote(campaign=campaign, rank=rank, amount_cents=amount_cents, source="test")
    )

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_rule_lasts_once(session: Session) -> None:
    """Two caps without an end would both be in force."""
    campaign = make_campaign(session)
    add_rule(session, campaign, RuleCode.CAP, 30_000)

    with pytest.raises(IntegrityError):
        add_rule(session, campaign, RuleCode.CAP, 50_000)


def test_a_rule_ends_after_it_begins(session: Session) -> None:
    """A period the wrong way round would never hold."""
    rule = CampaignRule(
        campaign=make_campaign(session),
        code=RuleCode.CAP,
        value="1",
        valid_from=date(2023, 6, 1),
        valid_until=date(2023, 5, 31),
        source="test",
    )
    session.add(rule)

    with pytest.raises(IntegrityError):
        session.flush()


def test_the_terms_of_a_campaign_are_those_of_its_last_day(session: Session) -> None:
    """Unless another day is asked for."""
    campaign = make_campaign(session, 2023)
    rule = add_rule(session, campaign, RuleCode.RATE, Decimal("0.3"))
    rule.valid_from = date(2023, 7, 1)

    assert campaign.terms().rate == Decimal("0.3")
    assert campaign.terms(date(2023, 6, 30)).rate is None
