"""Pages of funding: campaigns with what is left of them, and the forms that change a grant."""

from flask import Blueprint

from registry.documents import Store
from registry.funding.forms.words import funding_word
from registry.funding.views import beneficiaries, campaigns, editing, papers, votes


def blueprint(*, store: Store) -> Blueprint:
    """
    Return the pages of funding.

    Args:
        store: Where the papers of grants are kept.
    """
    bp = Blueprint("funding", __name__)
    bp.add_app_template_filter(funding_word)
    campaigns.add_to(bp)
    beneficiaries.add_to(bp)
    editing.add_to(bp)
    papers.add_to(bp, store)
    votes.add_to(bp)
    return bp
