"""What monitoring keeps: what was seen, what is planned, and who was told."""

from registry.monitoring.models.notices import (
    Message,
    Notice,
    Subscription,
    Transition,
)
from registry.monitoring.models.pages import Dialect, Heartbeat, Snapshot
from registry.monitoring.models.record import (
    OPEN,
    Interval,
    MaintenanceWindow,
    MonitorLease,
    Outage,
    OutageComment,
    ProbeRequest,
    SiteCounter,
    SiteState,
    Standing,
    Substitution,
)
from registry.monitoring.models.rollups import (
    CameraDay,
    RollupBasis,
    RollupPower,
    RollupSpan,
    SiteDay,
    SiteHour,
    StaleDay,
    Sums,
)

__all__ = [
    "OPEN",
    "CameraDay",
    "Dialect",
    "Heartbeat",
    "Interval",
    "MaintenanceWindow",
    "Message",
    "MonitorLease",
    "Notice",
    "Outage",
    "OutageComment",
    "ProbeRequest",
    "RollupBasis",
    "RollupPower",
    "RollupSpan",
    "SiteCounter",
    "SiteDay",
    "SiteHour",
    "SiteState",
    "Snapshot",
    "StaleDay",
    "Standing",
    "Subscription",
    "Substitution",
    "Sums",
    "Transition",
]
