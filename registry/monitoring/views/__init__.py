"""The pages of monitoring; importing this package hangs all of them on their blueprint."""

from registry.monitoring.views import cameras, maintenance, outages, sites
from registry.monitoring.views.blueprint import bp

__all__ = ["bp", "cameras", "maintenance", "outages", "sites"]
