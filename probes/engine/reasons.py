"""Turns what a check let rise into a reason, in the one table of its kind."""

import socket
import ssl

from probes.guard import NO_ROUTE, BlockedAddress
from probes.verdict import Health, Reason, Unusable

# Our own failure is never a camera's: it gives unknown, and no second try.
OURS = frozenset({Reason.BLOCKED_ADDRESS, Reason.INTERNAL})
# Nothing came back at all: it may be the link that is dead, not the camera.
SILENCES = frozenset({Reason.CONNECT_TIMEOUT, Reason.NO_ROUTE})

# The resolver answered: there is no such name, or it leads nowhere. Anything else (it
# is silent, or broken) is our own side, and says nothing of the camera.
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_TIMEOUTS = {
    "dns": Reason.INTERNAL,
    "connect": Reason.CONNECT_TIMEOUT,
    "tls": Reason.TLS_HANDSHAKE,
    "first_byte": Reason.TIMEOUT_FIRST_BYTE,
    "body": Reason.TIMEOUT_BODY,
}


def reason_of(error: BaseException, stage: str) -> Reason:  # noqa: PLR0911 - a table
    """
    Turn what a check let rise into a reason: the one table of its kind.

    Args:
        error: What rose.
        stage: Where the probe was (dns, connect, tls, first_byte, body).
    """
    match error:
        case Unusable():
            # A peer that hangs up on a handshake never got as far as HTTP.
            return Reason.TLS_HANDSHAKE if stage == "tls" else error.reason
        case BlockedAddress():
            return Reason.BLOCKED_ADDRESS
        case socket.gaierror():
            return Reason.DNS if error.errno in _NO_SUCH_NAME else Reason.INTERNAL
        case TimeoutError():
            return _TIMEOUTS.get(stage, Reason.INTERNAL)
        case ssl.SSLError():
            return Reason.TLS_HANDSHAKE
        case ConnectionRefusedError():
            return Reason.CONNECT_REFUSED
        case ConnectionError():
            return Reason.TLS_HANDSHAKE if stage == "tls" else Reason.CONNECT_RESET
        case OSError(errno=number) if number in NO_ROUTE:
            return Reason.NO_ROUTE
        case _:
            return Reason.INTERNAL


def health_of(reason: Reason | None) -> Health:
    """Give the health that goes with a reason of a probe."""
    if reason is None:
        return Health.UP
    if reason is Reason.GATEWAY_DOWN:
        return Health.UNREACHABLE
    return Health.UNKNOWN if reason in OURS else Health.DOWN
