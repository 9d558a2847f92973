"""The kinds of things that sheets list: how each is found, told, made and changed."""

from registry.fleet.service.kinds.kind import Desk, Kind
from registry.fleet.service.kinds.money import GrantKind, LineKind, PaymentKind
from registry.fleet.service.kinds.papers import AuthorisationKind, ContractKind
from registry.fleet.service.kinds.street import CameraKind, DeviceKind, SiteKind

# In the order in which one needs the other.
KINDS: tuple[type[Kind], ...] = (
    GrantKind,
    LineKind,
    PaymentKind,
    SiteKind,
    CameraKind,
    DeviceKind,
    ContractKind,
    AuthorisationKind,
)

__all__ = ["KINDS", "Desk", "Kind"]
