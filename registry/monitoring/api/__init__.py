"""The API of monitoring: what is watched, and how long it was up."""

from functools import cache

from flask import Flask
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types

from registry.monitoring.api.availability import availabilities
from registry.monitoring.api.watch import OUTAGES, STANDINGS, WINDOWS, repairs
from registry.web.rest import mount


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Return what the API serves of monitoring."""
    return (mount(STANDINGS), mount(OUTAGES), repairs(), mount(WINDOWS), availabilities())


def settle(app: Flask, *, floor_points: int) -> None:
    """Tell the application the coverage, in basis points, under which no contract is judged."""
    app.extensions["vigiparc.coverage_floor"] = floor_points
