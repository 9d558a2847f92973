"""Sees to it that the probes in flight find a descriptor each."""

import logging
import resource

_LOG = logging.getLogger(__name__)

# The database, the log, gateways, canaries, inventories, and the loop itself.
SPARE = 256


def afford(wanted: int) -> int:
    """
    Give how many probes may be in flight at once, at most as many as wanted.

    The soft limit of this process is often 1,024 where the hard one is far higher: it
    is raised as far as need be. A probe that found no descriptor would be our own
    failure: better to wait for a place.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised, affordable = share(wanted, soft=soft, hard=hard)
    if raised != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    if affordable < wanted:
        _LOG.warning(
            "%d probes at once (probes.in_flight) need %d open files, and this process may "
            "have %d: at most %d run at once; raise the limit (LimitNOFILE= in systemd, ulimit -n)",
            wanted,
            wanted + SPARE,
            raised,
            affordable,
        )
    return affordable


def share(wanted: int, *, soft: int, hard: int) -> tuple[int, int]:
    """Give the soft limit to set, and how many probes it lets be in flight."""
    if soft == resource.RLIM_INFINITY:
        return soft, wanted
    needed = wanted + SPARE
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    return soft, max(1, min(wanted, soft - SPARE))
