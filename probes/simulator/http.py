"""Writes HTTP replies around what simulated cameras say."""

from email.utils import formatdate

SOAP = "application/soap+xml; charset=utf-8"
# The statuses from here on are errors (RFC 9110, section 15).
ERROR = 400


def written(  # noqa: PLR0913 - a reply has this many sides
    status: int,
    body: bytes,
    *,
    kind: str = SOAP,
    extra: str = "",
    version: str = "1.1",
    at: float | None = None,
) -> bytes:
    """
    Write an HTTP reply; version 1.0 closes the connection after it.

    Args:
        status: Of the status line.
        body: Sent whole, with its length.
        kind: The Content-Type.
        extra: More header lines, each with its CRLF.
        version: Of HTTP, `1.0` or `1.1`.
        at: For the Date header, in seconds since the epoch; the machine's own time
            unless given.
    """
    closing = "Connection: close\r\n" if version == "1.0" else ""
    return (
        f"HTTP/{version} {status} Simulated\r\nContent-Type: {kind}\r\n"
        f"Date: {formatdate(at, usegmt=True)}\r\n{closing}{extra}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def chunked(head: str, *chunks: bytes) -> bytes:
    """Write a reply in chunks; `head` is its status line and headers, with their ends."""
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + pieces + b"0\r\n\r\n"


def status_of(reply: bytes) -> int:
    """Give the status of a reply that `written` made."""
    return int(reply.split(b" ", 2)[1])


def body_of(message: bytes) -> bytes:
    """Give what follows the headers of a request or of a reply."""
    return message.partition(b"\r\n\r\n")[2]
