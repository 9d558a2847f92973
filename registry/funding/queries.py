"""Answers which campaign a grant falls under, and what is left of its envelope."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry.funding.models import Campaign, EnvelopeVote, Grant, GrantStatus, Programme
from registry.funding.rules import remaining_cents


def programmes(session: Session) -> Sequence[Programme]:
    """Return every programme with its campaigns and facts, in the order of their codes."""
    return session.scalars(
        select(Programme)
        .options(selectinload(Programme.campaigns), selectinload(Programme.facts))
        .order_by(Programme.code)
    ).all()


def campaign(session: Session, programme_code: str, year: int) -> Campaign | None:
    """Return a programme's campaign of a year."""
    return session.scalar(
        select(Campaign)
        .join(Campaign.programme)
        .where(Programme.code == programme_code, Campaign.year == year)
    )


def envelope_cents(session: Session, campaign_id: int) -> int:
    """Return the sum of the votes of a campaign."""
    voted = select(func.coalesce(func.sum(EnvelopeVote.amount_cents), 0)).where(
        EnvelopeVote.campaign_id == campaign_id
    )
    return int(session.scalar(voted) or 0)


def remaining_envelope_cents(session: Session, campaign_id: int) -> int:
    """
    Return what is left of a campaign's envelope; negative when it is overspent.

    Grants that were cancelled or not voted yet take nothing from it.
    """
    granted = select(func.coalesce(func.sum(Grant.voted_cents), 0)).where(
        Grant.campaign_id == campaign_id,
        Grant.status.not_in((GrantStatus.APPLIED, GrantStatus.CANCELLED)),
    )
    return remaining_cents(
        [envelope_cents(session, campaign_id)], [int(session.scalar(granted) or 0)]
    )


def grant(session: Session, file_number: str) -> Grant | None:
    """Return a grant by its file number, with its campaign, programme and beneficiary."""
    return session.scalar(
        select(Grant)
        .options(
            joinedload(Grant.campaign).joinedload(Campaign.programme),
            joinedload(Grant.beneficiary),
        )
        .where(Grant.file_number == file_number)
    )


def all_grants(session: Session) -> Sequence[Grant]:
    """Return every grant with its campaign, programme and beneficiary, by file number."""
    return session.scalars(
        select(Grant)
        .options(
            joinedload(Grant.campaign).joinedload(Campaign.programme),
            joinedload(Grant.beneficiary),
        )
        .order_by(Grant.file_number)
    ).all()
