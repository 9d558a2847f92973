"""Writes one SOAP question as an HTTP/1.1 request."""

from typing import NamedTuple

from probes.target import Target

USUAL_PATH = "/onvif/device_service"
_SOAP12 = b"http://www.w3.org/2003/05/soap-envelope"
_SOAP11 = b"http://schemas.xmlsoap.org/soap/envelope/"
_DEFAULT_PORTS = {"http": 80, "https": 443}
# The action stands in the content type too: some devices answer nothing without it.
_REQUEST = (
    b"POST %b HTTP/1.1\r\n"
    b"Host: %b\r\n"
    b"User-Agent: VigiParc\r\n"
    b"Accept-Encoding: identity\r\n"
    b"%b"
    b"Content-Length: %d\r\n"
    b"%b\r\n"
    b"%b"
)
_KIND12 = b'Content-Type: application/soap+xml; charset=utf-8; action="%b"\r\n'
_KIND11 = b'Content-Type: text/xml; charset=utf-8\r\nSOAPAction: "%b"\r\n'


class Form(NamedTuple):
    """How a device wants to be asked: the path, if not the registered one, and SOAP's version."""

    path: str = ""
    soap11: bool = False


PLAIN = Form()


def write_request(
    target: Target, body: bytes, action: str, *, authorization: str = "", form: Form = PLAIN
) -> bytes:
    """
    Write a request to a device.

    Args:
        target: Whose path and host the request names.
        body: The envelope.
        action: The SOAP action.
        authorization: The value of that header, if there is to be one: a character
            for each byte.
        form: Another than the usual way to ask.
    """
    host = target.host
    if ":" in host:
        # A zone says by which of our interfaces, which is none of the device's business.
        host = f"[{host.partition('%')[0]}]"
    if target.port != _DEFAULT_PORTS[target.scheme]:
        host = f"{host}:{target.port}"
    login = b"Authorization: %b\r\n" % authorization.encode("latin-1") if authorization else b""
    kind = _KIND11 if form.soap11 else _KIND12
    if form.soap11:
        body = body.replace(_SOAP12, _SOAP11)
    return _REQUEST % (
        (form.path or target.path).encode(),
        host.encode(),
        kind % action.encode(),
        len(body),
        login,
        body,
    )
