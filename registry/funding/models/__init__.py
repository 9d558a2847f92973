"""Money: who decided it, under which rules, for whom, and what it was to buy."""

from registry.funding.models.beneficiaries import Beneficiary, BeneficiaryKind
from registry.funding.models.documents import Document
from registry.funding.models.grants import FundingLine, Grant, GrantEvent
from registry.funding.models.payments import Payment
from registry.funding.models.programmes import (
    Campaign,
    CampaignRule,
    EnvelopeVote,
    Programme,
    ProgrammeFact,
)
from registry.funding.rules import (
    Funder,
    GrantStatus,
    LineState,
    PaperKind,
    PaperStage,
    PaymentKind,
    RuleCode,
)

__all__ = [
    "Beneficiary",
    "BeneficiaryKind",
    "Campaign",
    "CampaignRule",
    "Document",
    "EnvelopeVote",
    "Funder",
    "FundingLine",
    "Grant",
    "GrantEvent",
    "GrantStatus",
    "LineState",
    "PaperKind",
    "PaperStage",
    "Payment",
    "PaymentKind",
    "Programme",
    "ProgrammeFact",
    "RuleCode",
]
