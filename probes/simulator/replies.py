"""Writes the HTTP replies of simulated cameras, well or with a fault."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from probes.simulator import answers, http, quirks
from probes.simulator.device import Device, Fault
from probes.simulator.survey import survey_answer

# An account of old firmware accepts tokens of this age: seen on a real server.
_STRICT_SKEW_SECONDS = 300.0
_PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head><body>Sign in</body></html>"
_BASIC = 'WWW-Authenticate: Basic realm="ONVIF"\r\n'
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
    if device.path and head.split(b" ", 2)[1].decode("latin-1") != device.path:
        fault = Fault.NO_ONVIF
    if fault in _ODD:
        return _ODD[fault](device)
    if fault in _DIGEST and not answers.digest_passes(head, nonce, device, fault):
        challenges = _challenges(nonce, _DIGEST[fault])
        return http.written(401, b"<html>401</html>", kind="text/html", extra=challenges)
    if fault is Fault.AUTH_EVERYTHING:
        return _strict(device, body)
    return quirks.bend(
        fault, quirks.Asked(device, head, body, partial(_onvif, device, fault, body))
    )


def _onvif(device: Device, fault: Fault, body: bytes) -> bytes:
    """Answer as an ONVIF device does."""
    asked = answers.operation(body)
    if asked == "GetSystemDateAndTime":
        return http.written(200, answers.clock_answer(device, fault))
    survey = survey_answer(device, asked)
    if survey is None and asked not in {"GetDeviceInformation", "GetNetworkInterfaces"}:
        words = "Optional Action Not Implemented"
        said = answers.fault_answer(device, "Receiver", ("ter:ActionNotSupported",), words)
        return http.written(500, said)
    open_to_all = fault is Fault.ANONYMOUS or fault in _DIGEST or not device.username
    if fault is Fault.LOCKED or not (open_to_all or answers.token_passes(body, device, fault)):
        words = "The account is locked" if fault is Fault.LOCKED else "Sender not authorized"
        said = answers.fault_answer(device, "Sender", ("ter:NotAuthorized",), words)
        return http.written(400, said)
    if survey is not None:
        return http.written(200, survey)
    if asked == "GetNetworkInterfaces":
        return http.written(200, answers.interfaces_answer(device))
    return http.written(200, answers.identity_answer(device, fault))


def _strict(device: Device, body: bytes) -> bytes:
    """Answer as a device that wants a login, and a fresh token, for everything."""
    strict = replace(device, max_skew_seconds=device.max_skew_seconds or _STRICT_SKEW_SECONDS)
    status = 200
    if not answers.token_passes(body, strict, Fault.NONE):
        status, said = 401, answers.fault_answer(device, "Receiver", (), "Sender not authorized")
    elif answers.operation(body) == "GetSystemDateAndTime":
        said = answers.clock_answer(device, Fault.NONE)
    else:
        said = answers.identity_answer(device, Fault.NONE)
    return http.written(status, said, version="1.0", at=answers.now(device, Fault.NONE))


def _challenges(nonce: str, algorithms: tuple[str, ...]) -> str:
    """Write the challenges of a Digest device, in its order of preference."""
    return "".join(
        f'WWW-Authenticate: Digest realm="{answers.REALM}", qop="auth", '
        f'nonce="{nonce}", algorithm={algorithm}\r\n'
        for algorithm in algorithms
    )


def _stack_trace(_device: Device) -> bytes:
    """Show a crash as SOAP, in chunks: a device's own software does it so."""
    return http.chunked(f"HTTP/1.1 500 Simulated\r\nContent-Type: {http.SOAP}\r\n", _STACK)


def _redirect(device: Device) -> bytes:
    """Send everybody elsewhere."""
    location = device.location or f"https://{device.host}/"
    return http.written(301, b"", extra=f"Location: {location}\r\n")


def _action_failed(device: Device) -> bytes:
    """Fail at everything."""
    said = answers.fault_answer(device, "Receiver", ("ter:Action",), "Action Failed")
    return http.written(500, said)


_DIGEST: Mapping[Fault, tuple[str, ...]] = {
    Fault.HTTP_DIGEST: ("SHA-256", "MD5"),
    Fault.SHA256_ONLY: ("SHA-512-256", "SHA-256"),
}
_ODD: Mapping[Fault, Callable[[Device], bytes]] = {
    Fault.GARBAGE: lambda _: b"SSH-2.0-dropbear_2019.78\r\n\x00\x01\x02\xff",
    Fault.HTML_LOGIN: lambda _: http.written(200, _PAGE, kind="text/html"),
    Fault.EMPTY_BODY: lambda _: http.written(200, b""),
    Fault.EMPTY_ENVELOPE: lambda device: http.written(200, answers.empty_envelope(device)),
    Fault.NOT_XML: _stack_trace,
    Fault.REDIRECT: _redirect,
    Fault.TOO_LARGE: lambda _: http.written(200, b" " * (1 << 20)),
    Fault.SOAP_FAULT: _action_failed,
    Fault.BASIC_ONLY: lambda _: http.written(401, b"", extra=_BASIC),
}
