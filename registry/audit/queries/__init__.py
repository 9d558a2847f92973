"""What the register and the probes say together, for one grant or for all."""

from registry.audit.queries.facts import read_facts
from registry.audit.queries.findings import counted, findings
from registry.audit.queries.stages import (
    GrantDevice,
    Stages,
    all_grant_stages,
    grant_devices,
    grant_stages,
    total_stages,
)

__all__ = [
    "GrantDevice",
    "Stages",
    "all_grant_stages",
    "counted",
    "findings",
    "grant_devices",
    "grant_stages",
    "read_facts",
    "total_stages",
]
