"""Each fault answers in its own way."""

import pytest

from probes.simulator import Device, Fault
from probes.simulator.replies import reply_to
from probes.target import Requests

HEAD = b"POST /onvif/device_service HTTP/1.1\r\nHost: x"


def answered(fault: Fault, body: bytes) -> bytes:
    """Ask a camera with a fault."""
    return reply_to(Device(password="word"), fault, HEAD, body, nonce="n")


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        (Fault.NONE, b"HTTP/1.1 200 "),
        (Fault.AUTH_EVERYTHING, b"HTTP/1.0 401 "),
        (Fault.HTTP_DIGEST, b"HTTP/1.1 401 "),
        (Fault.REDIRECT, b"HTTP/1.1 301 "),
        (Fault.SOAP_FAULT, b"HTTP/1.1 500 "),
        (Fault.GARBAGE, b"SSH-"),
    ],
)
def test_the_clock_call_is_answered_as_the_fault_has_it(
    requests: Requests, fault: Fault, start: bytes
) -> None:
    """The first bytes of each."""
    assert answered(fault, requests.clock).startswith(start)


def test_identity_without_a_login_is_refused(requests: Requests) -> None:
    """With the status and the subcode that the standard wants."""
    reply = answered(Fault.NONE, requests.identity)

    assert reply.startswith(b"HTTP/1.1 400 ")
    assert b"ter:NotAuthorized" in reply


def test_an_operation_that_it_does_not_know_is_not_supported() -> None:
    """Whatever else is asked, it has no media."""
    reply = answered(Fault.NONE, b"<s:Body><tds:SystemReboot/></s:Body>")

    assert b"ter:ActionNotSupported" in reply
