"""What an audit finds: one fault, the law it stands on, and what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class RuleId(StrEnum):
    """The rules of the audit, by the codes that officers quote."""

    A01 = "A01"
    A03 = "A03"
    A04 = "A04"
    A05 = "A05"
    A09 = "A09"
    A11 = "A11"
    A12 = "A12"


class Severity(StrEnum):
    """How much a finding weighs: the law is broken, money is at stake, or look into it."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that proves a finding: what it is, its identifier, and an instant or a day."""

    kind: str
    name: str
    at: datetime | date | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Return the evidence as plain values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "at": self.at.isoformat() if self.at else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One fault of one grant.

    `detail` tells the faults of one rule apart, `source` is the law or the text that
    it stands on, `parameters` fill the sentence (amounts in cents, days in ISO form).
    """

    rule: RuleId
    severity: Severity
    grant: str
    detail: str
    source: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
