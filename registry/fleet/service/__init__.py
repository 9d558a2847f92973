"""Writes the fleet: imports, credentials, and the workbook to fill in."""

from registry.fleet.service.credentials import set_credential
from registry.fleet.service.importing import ImportReport, import_content, import_file
from registry.fleet.service.pinning import pin_certificate
from registry.fleet.service.template import template

__all__ = [
    "ImportReport",
    "import_content",
    "import_file",
    "pin_certificate",
    "set_credential",
    "template",
]
