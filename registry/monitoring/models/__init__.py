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
    MaintenanceVersion,
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
    Removal,
    RollupBasis,
    RollupPower,
    RollupSpan,
    SiteDay,
    SiteHour,
    StaleDay,
    Sums,
)
from registry.monitoring.models.surveys import (
    DeviceInventory,
    InventoryChange,
    RtspStanding,
)

__all__ = [
    "OPEN",
    "CameraDay",
    "DeviceInventory",
    "Dialect",
    "Heartbeat",
    "Interval",
    "InventoryChange",
    "MaintenanceVersion",
    "MaintenanceWindow",
    "Message",
    "MonitorLease",
    "Notice",
    "Outage",
    "OutageComment",
    "ProbeRequest",
    "Removal",
    "RollupBasis",
    "RollupPower",
    "RollupSpan",
    "RtspStanding",
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
