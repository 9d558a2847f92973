"""The API's money: programmes, who receives, grants, co-funders, payments, papers."""

from functools import cache

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.funding.api.beneficiaries import BENEFICIARIES
from registry.funding.api.grants import EVENTS, GRANTS, LINES, PAYMENTS
from registry.funding.api.papers import blueprint as papers
from registry.funding.api.papers import settle
from registry.funding.api.programmes import CAMPAIGNS, PROGRAMMES, RULES, VOTES
from registry.web.rest import mount

__all__ = ["blueprints", "settle"]


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of the money."""
    above = (PROGRAMMES, CAMPAIGNS, RULES, VOTES, BENEFICIARIES)
    parts = (GRANTS, EVENTS, LINES, PAYMENTS)
    return (*(mount(each) for each in (*above, *parts)), papers())
