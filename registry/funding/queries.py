"""Answers which campaign a grant falls under, and what is left of its envelope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from registry.errors import NotFound
from registry.funding.models import (
    Beneficiary,
    Campaign,
    Document,
    EnvelopeVote,
    Grant,
    Payment,
    Programme,
)
from registry.funding.rules import (
    OUT_OF_ENVELOPE,
    Limits,
    PaymentFacts,
    Progress,
    Terms,
    agreed_rate,
)
from registry.territory.rules import normalise


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """
    A campaign, its envelope, what grants in force take from it, and how many they are.

    Grants that are not voted yet, or left without money, take nothing.
    """

    campaign: Campaign
    envelope_cents: int
    granted_cents: int
    grants: int

    @property
    def remaining_cents(self) -> int:
        """What is left; negative when more was granted than voted. Never stored."""
        return self.envelope_cents - self.granted_cents


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


def whole_grant(session: Session, file_number: str) -> Grant:
    """
    Return a grant with all that hangs on it: steps, payments, plan and papers.

    Raises:
        NotFound: There is no such grant.
    """
    found = session.scalar(
        select(Grant)
        .options(
            joinedload(Grant.campaign).joinedload(Campaign.programme),
            joinedload(Grant.beneficiary),
            selectinload(Grant.events),
            selectinload(Grant.lines),
            selectinload(Grant.payments),
            selectinload(Grant.documents),
        )
        .where(Grant.file_number == file_number)
    )
    if found is None:
        raise NotFound(f"no grant {file_number}")
    return found


def document(session: Session, document_id: int) -> tuple[Document, str]:
    """
    Return a paper, and the file number of the grant that it belongs to.

    Raises:
        NotFound: There is no such paper.
    """
    row = session.execute(
        select(Document, Grant.file_number)
        .join(Grant, Grant.id == Document.grant_id)
        .where(Document.id == document_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"no paper {document_id}")
    return row[0], row[1]


def campaign_lines(session: Session) -> list[CampaignLine]:
    """Return every campaign with its envelope and what is left of it: three SELECTs."""
    voted = select(EnvelopeVote.campaign_id, func.sum(EnvelopeVote.amount_cents))
    envelopes = {
        campaign_id: int(cents)
        for campaign_id, cents in session.execute(voted.group_by(EnvelopeVote.campaign_id))
    }
    granted = select(Grant.campaign_id, func.sum(Grant.voted_cents), func.count())
    taken = {
        campaign_id: (int(cents), int(count))
        for campaign_id, cents, count in session.execute(
            granted.where(Grant.status.not_in(OUT_OF_ENVELOPE)).group_by(Grant.campaign_id)
        )
    }
    campaigns = session.scalars(
        select(Campaign)
        .join(Campaign.programme)
        .options(contains_eager(Campaign.programme))
        .order_by(Programme.code, Campaign.year.desc())
    )
    return [
        CampaignLine(each, envelopes.get(each.id, 0), *taken.get(each.id, (0, 0)))
        for each in campaigns
    ]


def count_beneficiaries(session: Session, typed: str) -> int:
    """Count those whose name or code holds what was typed."""
    return session.scalar(select(func.count(Beneficiary.id)).where(_named(typed))) or 0


def beneficiary_lines(
    session: Session, typed: str, *, first: int, most: int
) -> list[tuple[Beneficiary, int]]:
    """Return beneficiaries by name, each with the number of its grants, in one SELECT."""
    grants = (
        select(func.count(Grant.id))
        .where(Grant.beneficiary_id == Beneficiary.id)
        .correlate(Beneficiary)
        .scalar_subquery()
    )
    found = session.execute(
        select(Beneficiary, grants)
        .where(_named(typed))
        .order_by(Beneficiary.normalised_name, Beneficiary.id)
        .offset(first)
        .limit(most)
    )
    return [(body, count) for body, count in found]


def _named(typed: str) -> ColumnElement[bool]:
    """Find by a part of the name, whatever its accents, or by a code."""
    words = normalise(typed)
    return or_(
        Beneficiary.normalised_name.contains(words, autoescape=True),
        Beneficiary.insee == typed.upper(),
        Beneficiary.siren == "".join(typed.split()),
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


def rate_of(grant: Grant, terms: Terms | None = None) -> Fraction | None:
    """Return the exact rate that the balance of a grant follows."""
    return agreed_rate(
        grant.rate,
        voted_cents=grant.voted_cents,
        eligible_cents=grant.eligible_cents,
        terms=terms or terms_of(grant),
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


def limits_of(grant: Grant, *, today: date, terms: Terms | None = None) -> Limits:
    """Return what the payments of a grant are held to; `terms` are its rules, where known."""
    rules = terms or terms_of(grant)
    return Limits(
        voted_cents=grant.voted_cents, rate=rate_of(grant, rules), terms=rules, today=today
    )


def progress_of(grant: Grant) -> Progress:
    """Return what is known of a grant when it is asked to take its next step."""
    last, terms = grant.events[-1] if grant.events else None, terms_of(grant)
    return Progress(
        status=grant.status,
        since=last.happened_on if last else None,
        voted_cents=grant.voted_cents,
        rate=rate_of(grant, terms),
        papers=frozenset(each.kind for each in grant.documents if each.withdrawn_at is None),
        payments=tuple(map(payment_facts, grant.payments)),
        terms=terms,
    )
