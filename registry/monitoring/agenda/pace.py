"""How often a device is asked, and where in the interval its turn lies."""

import zlib


def back_off(
    silent_seconds: float, *, interval_seconds: float, longest_seconds: float, jitter: float
) -> float:
    """
    Return how long to wait before a silent device is asked again.

    A tenth of the time that it has been silent: the longer it is dead, the less a
    minute more matters. At an interval of 60 s the delay grows from the tenth minute
    on and reaches 5 min after an hour. `jitter` (0 to 1) takes up to a fifth off it, so
    that a site which died in one second is not asked in one second for ever.
    """
    delay = min(longest_seconds, silent_seconds / 10) * (1 - jitter / 5)
    return max(interval_seconds, delay)


def share(name: bytes) -> float:
    """Give each name its place between 0 and 1, the same after each restart."""
    return zlib.crc32(name) / 2**32
