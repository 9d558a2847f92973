"""Money: who decided it, under which rules, for whom, and what it was to buy."""

from registry.funding.models.beneficiaries import Beneficiary, BeneficiaryKind
from registry.funding.models.grants import Grant, GrantStatus
from registry.funding.models.programmes import Campaign, EnvelopeVote, Programme, ProgrammeFact

__all__ = [
    "Beneficiary",
    "BeneficiaryKind",
    "Campaign",
    "EnvelopeVote",
    "Grant",
    "GrantStatus",
    "Programme",
    "ProgrammeFact",
]
