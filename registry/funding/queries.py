"""Answers which campaign a grant falls under, and what is left of its envelope."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from registry.funding.models import Campaign, EnvelopeVote, Grant, Payment, Programme
from registry.funding.rules import (
    OUT_OF_ENVELOPE,
    Limits,
    PaymentFacts,
    Progress,
    Terms,
    agreed_rate,
    remaining_cents,
)


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

    Grants that are not voted yet, or left without money, take nothing from it.
    """
    granted = select(func.coalesce(func.sum(Grant.voted_cents), 0)).where(
        Grant.campaign_id == campaign_id,
        Grant.status.not_in(OUT_OF_ENVELOPE),
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


def terms_of(grant: Grant) -> Terms:
    """Return the rules that a grant falls under: those in force on the day of its vote."""
    return grant.campaign.terms(grant.decided_on)


def rate_of(grant: Grant) -> Fraction | None:
    """Return the exact rate that the balance of a grant follows."""
    return agreed_rate(
        grant.rate,
        voted_cents=grant.voted_cents,
        eligible_cents=grant.eligible_cents,
        terms=terms_of(grant),
    )


def payment_facts(payment: Payment) -> PaymentFacts:
    """Return a payment as the plain value that rules judge."""
    return PaymentFacts(
        kind=payment.kind,
        asked_on=payment.asked_on,
        asked_cents=payment.asked_cents,
        expense_cents=payment.expense_cents,
        certified_on=payment.certified_on,
        paid_on=payment.paid_on,
        paid_cents=payment.paid_cents,
    )


def limits_of(grant: Grant, *, today: date) -> Limits:
    """Return what the payments of a grant are held to."""
    return Limits(
        voted_cents=grant.voted_cents, rate=rate_of(grant), terms=terms_of(grant), today=today
    )


def progress_of(grant: Grant) -> Progress:
    """Return what is known of a grant when it is asked to take its next step."""
    last = grant.events[-1] if grant.events else None
    return Progress(
        status=grant.status,
        since=last.happened_on if last else None,
        voted_cents=grant.voted_cents,
        eligible_cents=grant.eligible_cents,
        rate=rate_of(grant),
        papers=frozenset(each.kind for each in grant.documents if each.withdrawn_at is None),
        payments=tuple(map(payment_facts, grant.payments)),
        terms=terms_of(grant),
    )
