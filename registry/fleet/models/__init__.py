"""What stands in the street: sites, positions, units, and the papers that cover them."""

from registry.fleet.models.papers import (
    Authorisation,
    AuthorisationKind,
    ContractCalendar,
    MaintenanceContract,
    authorisation_sites,
    contract_sites,
)
from registry.fleet.models.places import (
    PowerHours,
    Site,
    SiteKind,
)
from registry.fleet.models.positions import (
    Camera,
    CameraClass,
    CameraType,
    Credential,
    Device,
    Land,
    Mount,
    Replacement,
    Scheme,
)
from registry.fleet.models.profiles import ImportProfile

__all__ = [
    "Authorisation",
    "AuthorisationKind",
    "Camera",
    "CameraClass",
    "CameraType",
    "ContractCalendar",
    "Credential",
    "Device",
    "ImportProfile",
    "Land",
    "MaintenanceContract",
    "Mount",
    "PowerHours",
    "Replacement",
    "Scheme",
    "Site",
    "SiteKind",
    "authorisation_sites",
    "contract_sites",
]
