"""What the database refuses of programmes, campaigns and votes."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.funding.models import Campaign, EnvelopeVote
from tests.factories import make_campaign


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
