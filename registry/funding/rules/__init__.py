"""What money allows: amounts as they are typed, grants, envelopes, programme files."""

from registry.funding.rules.money import (
    eligible_base,
    format_cents,
    grant_ceiling,
    parse_cents,
    remaining_cents,
    settlement_cents,
)
from registry.funding.rules.programmes import ProgrammeFile

__all__ = [
    "ProgrammeFile",
    "eligible_base",
    "format_cents",
    "grant_ceiling",
    "parse_cents",
    "remaining_cents",
    "settlement_cents",
]
