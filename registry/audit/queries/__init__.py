"""What the register and the probes say together, for one grant or for all."""

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
    "grant_devices",
    "grant_stages",
    "total_stages",
]
