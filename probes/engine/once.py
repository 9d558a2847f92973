"""Probes one target, now: for a terminal, a page, a test."""

import uvloop

from probes.engine.limits import Limits
from probes.engine.prober import Prober, WallClock, utc_now
from probes.explain import Trace
from probes.target import Requests, Target
from probes.verdict import Verdict


async def probe_once(
    requests: Requests,
    target: Target,
    *,
    limits: Limits | None = None,
    clock: WallClock = utc_now,
    trace: Trace | None = None,
) -> Verdict:
    """
    Probe one target in the thorough way, whose every step can be told.

    Args:
        requests: What to ask.
        target: Whom.
        limits: As for the engine.
        clock: The wall clock, in aware UTC.
        trace: Give one with `keep` to read the steps afterwards.
    """
    prober = Prober(requests, limits or Limits(), clock)
    try:
        return await prober.probe(target, trace or Trace())
    finally:
        await prober.close()


def run_probe(
    requests: Requests,
    target: Target,
    *,
    limits: Limits | None = None,
    trace: Trace | None = None,
) -> Verdict:
    """Probe one target from code that has no loop; as `probe_once`."""
    return uvloop.run(probe_once(requests, target, limits=limits, trace=trace))
