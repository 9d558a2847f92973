"""Writes one SOAP question as an HTTP/1.1 request."""

from probes.target import Target

_DEFAULT_PORTS = {"http": 80, "https": 443}
# The action stands in the content type too: some devices answer nothing without it.
_REQUEST = (
    b"POST %b HTTP/1.1\r\n"
    b"Host: %b\r\n"
    b"User-Agent: VigiParc\r\n"
    b"Accept-Encoding: identity\r\n"
    b'Content-Type: application/soap+xml; charset=utf-8; action="%b"\r\n'
    b"Content-Length: %d\r\n"
    b"%b\r\n"
    b"%b"
)


def write_request(target: Target, body: bytes, action: str, *, authorization: str = "") -> bytes:
    """
    Write a request to a device.

    Args:
        target: Whose path and host the request names.
        body: The envelope.
        action: The SOAP action.
        authorization: The value of that header, if there is to be one.
    """
    host = target.host
    if ":" in host:
        # A zone says by which of our interfaces, which is none of the device's business.
        host = f"[{host.partition('%')[0]}]"
    if target.port != _DEFAULT_PORTS[target.scheme]:
        host = f"{host}:{target.port}"
    login = b"Authorization: %b\r\n" % authorization.encode() if authorization else b""
    return _REQUEST % (
        target.path.encode(),
        host.encode(),
        action.encode(),
        len(body),
        login,
        body,
    )
