"""A request names its device as the standard wants it."""

import pytest

from probes.target import Target
from probes.transport.request import Form, write_request


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (Target(1, "10.0.0.1"), b"10.0.0.1"),
        (Target(1, "10.0.0.1", 8000), b"10.0.0.1:8000"),
        (Target(1, "2001:db8::1", 8000), b"[2001:db8::1]:8000"),
        (Target(1, "fe80::1%eth0"), b"[fe80::1]"),
        (Target(1, "camera.example", 443, scheme="https"), b"camera.example"),
        (Target(1, "camera.example", 80, scheme="https"), b"camera.example:80"),
    ],
)
def test_the_host_is_written_without_its_usual_port_or_zone(target: Target, host: bytes) -> None:
    """Sources: RFC 9110 section 7.2, RFC 6874."""
    assert b"\r\nHost: %b\r\n" % host in write_request(target, b"<x/>", "urn:a")


def test_an_authorization_is_sent_only_where_there_is_one() -> None:
    """An empty header would be a malformed one."""
    target = Target(1, "10.0.0.1")

    assert b"Authorization" not in write_request(target, b"", "a")
    assert b"\r\nAuthorization: Digest x\r\n" in write_request(
        target, b"", "a", authorization="Digest x"
    )


def test_a_device_of_older_make_is_asked_in_its_own_form() -> None:
    """SOAP 1.1 has its own namespace, content type and action header."""
    target = Target(1, "10.0.0.1", path="/x")
    body = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'

    written = write_request(target, body, "urn:a", form=Form("/y", soap11=True))

    head, _, envelope = written.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /y HTTP/1.1\r\n")
    assert b'Content-Type: text/xml; charset=utf-8\r\nSOAPAction: "urn:a"' in head
    assert envelope == b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>'
    assert b"Content-Length: %d" % len(envelope) in head
