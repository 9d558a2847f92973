"""States what the engine allows itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What the engine allows itself, and from where on it calls a thing an issue.

    A subnet is the /24 or /64 of an address: a whole /24 that is dark is still
    asked every minute, with 64 at once and ten seconds each. `flag_plain_http`
    is off by default: nearly every camera speaks plain HTTP on its own network,
    and an issue that all have tells nobody anything.
    """

    in_flight: int = 2000
    in_flight_per_site: int = 8
    in_flight_per_subnet: int = 64
    connect_seconds: float = 3.0
    retry_pause_seconds: float = 0.5
    gateway_seconds: float = 3.0
    clock_skew_seconds: float = 5.0
    slow_seconds: float = 3.0
    flag_plain_http: bool = False
