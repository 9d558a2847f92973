"""Every error has one reason, and ours never look like a camera's."""

import errno
import socket
import ssl

import pytest

from probes.engine.reasons import health_of, reason_of
from probes.guard import BlockedAddress
from probes.verdict import Health, Reason, Unusable


@pytest.mark.parametrize(
    ("error", "stage", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no"), "dns", Reason.DNS),
        (socket.gaierror(socket.EAI_AGAIN, "silent"), "dns", Reason.INTERNAL),
        (socket.gaierror(socket.EAI_SYSTEM, "full"), "dns", Reason.INTERNAL),
        (TimeoutError(), "dns", Reason.INTERNAL),
        (TimeoutError(), "connect", Reason.CONNECT_TIMEOUT),
        (TimeoutError(), "tls", Reason.TLS_HANDSHAKE),
        (TimeoutError(), "first_byte", Reason.TIMEOUT_FIRST_BYTE),
        (TimeoutError(), "body", Reason.TIMEOUT_BODY),
        (TimeoutError(), "a stage to come", Reason.INTERNAL),
        (OSError(errno.ETIMEDOUT, "late"), "connect", Reason.CONNECT_TIMEOUT),
        (ConnectionRefusedError(), "connect", Reason.CONNECT_REFUSED),
        (ConnectionResetError(), "connect", Reason.CONNECT_RESET),
        (BrokenPipeError(), "first_byte", Reason.CONNECT_RESET),
        (ConnectionResetError(), "tls", Reason.TLS_HANDSHAKE),
        (ssl.SSLError("wrong version"), "tls", Reason.TLS_HANDSHAKE),
        (OSError(errno.EHOSTUNREACH, "no"), "connect", Reason.NO_ROUTE),
        (OSError(errno.ENETUNREACH, "no"), "connect", Reason.NO_ROUTE),
        (Unusable(Reason.TOO_LARGE), "body", Reason.TOO_LARGE),
        (Unusable(Reason.CLOSED_EARLY), "tls", Reason.TLS_HANDSHAKE),
        (BlockedAddress("a", "127.0.0.1"), "dns", Reason.BLOCKED_ADDRESS),
        (OSError(errno.EMFILE, "full"), "connect", Reason.INTERNAL),
        (OSError(errno.EADDRNOTAVAIL, "no ports"), "connect", Reason.INTERNAL),
        (AttributeError("ours"), "body", Reason.INTERNAL),
    ],
)
def test_each_error_has_its_reason(error: Exception, stage: str, reason: Reason) -> None:
    """Lack of descriptors or ports, a silent resolver, and bugs, are our own side."""
    assert reason_of(error, stage) is reason


@pytest.mark.parametrize(
    ("reason", "health"),
    [
        (None, Health.UP),
        (Reason.DNS, Health.DOWN),
        (Reason.SOAP_FAULT, Health.DOWN),
        (Reason.GATEWAY_DOWN, Health.UNREACHABLE),
        (Reason.BLOCKED_ADDRESS, Health.UNKNOWN),
        (Reason.INTERNAL, Health.UNKNOWN),
    ],
)
def test_each_reason_has_its_health(reason: Reason | None, health: Health) -> None:
    """What we failed to do is unknown, never down."""
    assert health_of(reason) is health
