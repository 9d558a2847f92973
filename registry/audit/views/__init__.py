"""Pages of the audit: grants, and the journal."""

from flask import Blueprint

from registry.audit.rules import Thresholds
from registry.audit.views import journal
from registry.audit.views.grants import add_grant_page, list_grants

__all__ = ["blueprint", "journal"]


def blueprint(*, thresholds: Thresholds) -> Blueprint:
    """
    Return the pages of the audit.

    Args:
        thresholds: How long the audit waits before it finds fault.
    """
    bp = Blueprint("audit", __name__)
    bp.add_url_rule("/grants", view_func=list_grants)
    add_grant_page(bp, thresholds)
    return bp
