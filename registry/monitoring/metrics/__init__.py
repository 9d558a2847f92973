"""What machines ask of the service over HTTP: its metrics, where to find them, its health."""

from flask import Blueprint

from registry.clock import Clock
from registry.monitoring.metrics import discovery, health, pages
from registry.monitoring.metrics.gate import Gate
from registry.settings import Metrics


def blueprint(settings: Metrics, *, clock: Clock) -> Blueprint:
    """Return the blueprint of /metrics, /sd, /healthz and /readyz: nobody signs in to these."""
    blueprint = Blueprint("metrics", __name__)
    gate = Gate(settings.networks, settings.token.get_secret_value())
    pages.install(
        blueprint,
        gate,
        stale_seconds=settings.stale_seconds,
        ahead_seconds=settings.silent_seconds,
        clock=clock,
    )
    discovery.install(blueprint, gate, address=settings.address)
    health.install(blueprint, silent_seconds=settings.silent_seconds, clock=clock)
    return blueprint
