"""Writes the HTTP replies of simulated cameras, well or with a fault."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate

from probes.simulator import answers
from probes.simulator.device import Device, Fault

# An account of old firmware accepts tokens of this age: seen on a real server.
_STRICT_SKEW_SECONDS = 300.0
_SOAP = "application/soap+xml; charset=utf-8"
_PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head><body>Sign in</body></html>"
_STACK = b"TypeError: Cannot read properties of undefined\n    at onRequest (server.js:35:37)\n"


def reply_to(device: Device, fault: Fault, head: bytes, body: bytes, *, nonce: str) -> bytes:
    """
    Write the whole HTTP reply to one request.

    Args:
        device: Who is asked.
        fault: What is wrong with it.
        head: The request's line and headers.
        body: The request's envelope.
        nonce: Of the device's own Digest challenge.
    """
    if fault in _ODD:
        return _ODD[fault](device)
    if fault is Fault.HTTP_DIGEST and not answers.digest_passes(head, nonce, device, fault):
        return _http(401, b"<html>401</html>", kind="text/html", extra=_challenges(nonce))
    if fault is Fault.AUTH_EVERYTHING:
        return _strict(device, body)
    return _onvif(device, fault, body)


def _onvif(device: Device, fault: Fault, body: bytes) -> bytes:
    """Answer as an ONVIF device does."""
    asked = answers.operation(body)
    if asked == "GetSystemDateAndTime":
        return _http(200, answers.clock_answer(device, fault))
    if asked not in {"GetDeviceInformation", "GetNetworkInterfaces"}:
        words = "Optional Action Not Implemented"
        said = answers.fault_answer(device, "Receiver", ("ter:ActionNotSupported",), words)
        return _http(500, said)
    open_to_all = fault in {Fault.ANONYMOUS, Fault.HTTP_DIGEST} or not device.username
    if fault is Fault.LOCKED or not (open_to_all or answers.token_passes(body, device, fault)):
        words = "The account is locked" if fault is Fault.LOCKED else "Sender not authorized"
        return _http(400, answers.fault_answer(device, "Sender", ("ter:NotAuthorized",), words))
    if asked == "GetNetworkInterfaces":
        return _http(200, answers.interfaces_answer(device))
    return _http(200, answers.identity_answer(device, fault))


def _strict(device: Device, body: bytes) -> bytes:
    """Answer as a device that wants a login, and a fresh token, for everything."""
    strict = replace(device, max_skew_seconds=device.max_skew_seconds or _STRICT_SKEW_SECONDS)
    if not answers.token_passes(body, strict, Fault.NONE):
        said = answers.fault_answer(device, "Receiver", (), "Sender not authorized")
        return _http(401, said, version="1.0")
    if answers.operation(body) == "GetSystemDateAndTime":
        return _http(200, answers.clock_answer(device, Fault.NONE), version="1.0")
    return _http(200, answers.identity_answer(device, Fault.NONE), version="1.0")


def _challenges(nonce: str) -> str:
    """Write the challenges of a Digest device, the better one first."""
    return "".join(
        f'WWW-Authenticate: Digest realm="{answers.REALM}", qop="auth", '
        f'nonce="{nonce}", algorithm={algorithm}\r\n'
        for algorithm in ("SHA-256", "MD5")
    )


def _http(
    status: int, body: bytes, *, kind: str = _SOAP, extra: str = "", version: str = "1.1"
) -> bytes:
    """Write an HTTP reply; version 1.0 closes the connection after it."""
    closing = "Connection: close\r\n" if version == "1.0" else ""
    return (
        f"HTTP/{version} {status} Simulated\r\nContent-Type: {kind}\r\n"
        f"Date: {formatdate(usegmt=True)}\r\n{closing}{extra}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _stack_trace(_device: Device) -> bytes:
    """Show a crash as SOAP, in chunks: a device's own software does it so."""
    head = f"HTTP/1.1 500 Simulated\r\nContent-Type: {_SOAP}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(_STACK), _STACK)


def _action_failed(device: Device) -> bytes:
    """Fail at everything."""
    said = answers.fault_answer(device, "Receiver", ("ter:Action",), "Action Failed")
    return _http(500, said)


_ODD: Mapping[Fault, Callable[[Device], bytes]] = {
    Fault.GARBAGE: lambda _: b"SSH-2.0-dropbear_2019.78\r\n\x00\x01\x02\xff",
    Fault.HTML_LOGIN: lambda _: _http(200, _PAGE, kind="text/html"),
    Fault.EMPTY_BODY: lambda _: _http(200, b""),
    Fault.EMPTY_ENVELOPE: lambda device: _http(200, answers.empty_envelope(device)),
    Fault.NOT_XML: _stack_trace,
    Fault.REDIRECT: lambda device: _http(301, b"", extra=f"Location: https://{device.host}/\r\n"),
    Fault.TOO_LARGE: lambda _: _http(200, b" " * (1 << 20)),
    Fault.SOAP_FAULT: _action_failed,
    Fault.BASIC_ONLY: lambda _: _http(401, b"", extra='WWW-Authenticate: Basic realm="ONVIF"\r\n'),
}
