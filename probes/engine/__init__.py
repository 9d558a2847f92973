"""
Runs probes on one asyncio loop: feed it targets, drain its verdicts.

The engine keeps what no single check can: deadlines, the one retry, how many
run at once, and the one table from an exception to a reason.
"""

from probes.engine.limits import Limits
from probes.engine.pool import Engine
from probes.engine.prober import probe_once, run_probe

__all__ = ["Engine", "Limits", "probe_once", "run_probe"]
