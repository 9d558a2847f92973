"""The kinds of things that sheets list: how each is found, told, made and changed."""

from registry.fleet.service.kinds.cameras import CameraKind
from registry.fleet.service.kinds.devices import DeviceKind
from registry.fleet.service.kinds.grants import GrantKind
from registry.fleet.service.kinds.kind import Desk, Kind
from registry.fleet.service.kinds.money import LineKind, PaymentKind
from registry.fleet.service.kinds.papers import AuthorisationKind, ContractKind
from registry.fleet.service.kinds.sites import SiteKind

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
