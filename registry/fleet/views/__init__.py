"""The pages of the fleet: imports, exports, papers of sites, and the search for places."""

from pathlib import Path

from flask import Blueprint

from registry.fleet.rules import Zones
from registry.fleet.views import exports, imports, papers, power, profiles, search


def blueprint(*, key_file: Path, folder: Path, zones: Zones) -> Blueprint:
    """
    Return the pages of the fleet.

    Args:
        key_file: Where the keys that seal credentials are kept.
        folder: Where files wait between a dry run and its confirmation.
        zones: In whose networks a camera's address may lie.
    """
    bp = Blueprint("fleet", __name__)
    imports.add(bp, key_file=key_file, folder=folder, zones=zones)
    exports.add(bp)
    papers.add(bp)
    power.add(bp)
    profiles.add(bp)
    search.add(bp)
    return bp
