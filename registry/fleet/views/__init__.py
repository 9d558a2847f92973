"""The pages of the fleet: imports, and the search for places."""

from pathlib import Path

from flask import Blueprint

from registry.fleet.rules import Zones
from registry.fleet.views import imports, search


def blueprint(*, key_file: Path, zones: Zones) -> Blueprint:
    """
    Return the pages of the fleet.

    Args:
        key_file: Where the keys that seal credentials are kept.
        zones: In whose networks a camera's address may lie.
    """
    bp = Blueprint("fleet", __name__)
    imports.add(bp, key_file=key_file, zones=zones)
    search.add(bp)
    return bp
