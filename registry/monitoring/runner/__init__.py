"""The monitor at work: a loop that probes, a thread that writes, and what both count."""

from registry.monitoring.runner.canary import Canaries, Canary
from registry.monitoring.runner.clerk import Clerk
from registry.monitoring.runner.gauges import Gauges
from registry.monitoring.runner.monitor import Monitor
from registry.monitoring.runner.printer import Printer

__all__ = ["Canaries", "Canary", "Clerk", "Gauges", "Monitor", "Printer"]
