"""What monitoring keeps: what was seen, what is planned, and who was told."""

from registry.monitoring.models.record import (
    OPEN,
    Interval,
    MaintenanceWindow,
    MonitorLease,
    Outage,
    ProbeRequest,
    SiteCounter,
    SiteState,
    Snapshot,
    Standing,
    Substitution,
)

__all__ = [
    "OPEN",
    "Interval",
    "MaintenanceWindow",
    "MonitorLease",
    "Outage",
    "ProbeRequest",
    "SiteCounter",
    "SiteState",
    "Snapshot",
    "Standing",
    "Substitution",
]
