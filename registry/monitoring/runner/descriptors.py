"""Sees to it that the probes in flight find a descriptor each."""

import logging
import resource

_LOG = logging.getLogger(__name__)

# The database, the log, gateways, canaries, inventories, and the loop itself.
SPARE = 256


def afford(wanted: int) -> int:
    """
    Return how many probes may be in flight at once, at most as many as wanted.

    The soft limit of this process is raised as far as its hard one lets it. A probe
    that found no descriptor would be our fault (`unknown`), and better is none.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised, affordable = share(wanted, soft=soft, hard=hard)
    if raised != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    if affordable < wanted:
        _LOG.warning(
            "probes.in_flight is %d, but the limit of open files (ulimit -n) is %d: "
            "at most %d probes will be in flight",
            wanted,
            raised,
            affordable,
        )
    return affordable


def share(wanted: int, *, soft: int, hard: int) -> tuple[int, int]:
    """Return the soft limit to set, and how many probes it lets be in flight."""
    if soft == resource.RLIM_INFINITY:
        return soft, wanted
    needed = wanted + SPARE
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    return soft, max(1, min(wanted, soft - SPARE))
