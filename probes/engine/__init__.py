"""
Runs probes on one asyncio loop: feed it targets, drain its verdicts.

The engine keeps what no single check can: deadlines, the one retry, how many
run at once, and the one table from an exception to a reason.
"""

from probes.engine.limits import Limits
from probes.engine.once import probe_once, run_probe
from probes.engine.pool import Engine

__all__ = ["Engine", "Limits", "probe_once", "run_probe"]
