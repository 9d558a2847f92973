"""Writes the fleet: things by hand, whole files, credentials, and the workbook to fill in."""

from registry.fleet.service.cameras import create_camera, update_camera
from registry.fleet.service.credentials import set_credential
from registry.fleet.service.devices import (
    correct_device,
    mount_device,
    remove_device,
    replace_device,
)
from registry.fleet.service.exporting import export_text, export_workbook, file_name, kinds
from registry.fleet.service.importing import Options, import_content, import_file
from registry.fleet.service.papers import (
    create_authorisation,
    create_contract,
    update_authorisation,
    update_contract,
)
from registry.fleet.service.pinning import pin_certificate
from registry.fleet.service.power import add_power_hours, correct_power_hours
from registry.fleet.service.profiles import (
    delete_profile,
    file_headers,
    find_profile,
    read_profiles,
    rename_profile,
    save_profile,
    saved_profiles,
)
from registry.fleet.service.report import ImportReport, RowChange
from registry.fleet.service.sites import create_site, set_power_hours, update_site
from registry.fleet.service.template import template

__all__ = [
    "ImportReport",
    "Options",
    "RowChange",
    "add_power_hours",
    "correct_device",
    "correct_power_hours",
    "create_authorisation",
    "create_camera",
    "create_contract",
    "create_site",
    "delete_profile",
    "export_text",
    "export_workbook",
    "file_headers",
    "file_name",
    "find_profile",
    "import_content",
    "import_file",
    "kinds",
    "mount_device",
    "pin_certificate",
    "read_profiles",
    "remove_device",
    "rename_profile",
    "replace_device",
    "save_profile",
    "saved_profiles",
    "set_credential",
    "set_power_hours",
    "template",
    "update_authorisation",
    "update_camera",
    "update_contract",
    "update_site",
]
