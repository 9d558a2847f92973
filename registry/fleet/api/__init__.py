"""The API's fleet: sites, cameras, devices, their accounts, the papers that cover them."""

from functools import cache

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.fleet.api.papers import AUTHORISATIONS, CONTRACTS
from registry.fleet.api.places import SITES
from registry.fleet.api.positions import CAMERAS, CREDENTIALS, DEVICES, REPLACEMENTS
from registry.fleet.api.power import POWER
from registry.fleet.api.speaking import settle
from registry.web.rest import mount

__all__ = ["blueprints", "settle"]


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of the fleet, once the application has settled it."""
    return tuple(
        mount(each)
        for each in (
            SITES, POWER, CAMERAS, DEVICES, REPLACEMENTS, CREDENTIALS, CONTRACTS, AUTHORISATIONS
        )
    )  # fmt: skip
