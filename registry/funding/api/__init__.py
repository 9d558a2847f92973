"""The API's money: programmes, who receives, grants, co-funders, payments, papers."""

from functools import cache

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.funding.api.beneficiaries import BENEFICIARIES
from registry.funding.api.grants import DOCUMENTS, EVENTS, GRANTS, LINES, PAYMENTS
from registry.funding.api.programmes import CAMPAIGNS, PROGRAMMES, RULES, VOTES
from registry.web.rest import mount


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of the money."""
    above = (PROGRAMMES, CAMPAIGNS, RULES, VOTES, BENEFICIARIES)
    return tuple(mount(each) for each in (*above, GRANTS, EVENTS, LINES, PAYMENTS, DOCUMENTS))
