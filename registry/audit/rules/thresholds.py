"""How long the audit waits before it finds fault."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    What an authority may set for itself.

    `silent_days` is how many days after its commissioning a camera that has never
    answered is a finding.
    """

    silent_days: int = 30
