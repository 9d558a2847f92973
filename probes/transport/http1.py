"""
Reads one HTTP/1.x reply from bytes as they come, within bounds.

It knows no socket, so that every way to cut a reply into packets can be tried
on it. Source: RFC 9112.
"""

import re
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from probes.verdict import Reason, Unusable, sanitise

MAX_HEADER_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024

_BLANK = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?:[ \r\n]|\Z)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[^\n]{0,200}?\r?\n")
# The headers that say where a reply ends, in a head in lower case.
_FRAMING = re.compile(rb"\n(content-length|connection|transfer-encoding):[ \t]*([^\r\n]*)")
_FINE = b"HTTP/1.1 200"
_LONGEST_PLAIN = 1024
_MOST_DIGITS = 5
_LONGEST_CHUNK_LINE = 256
_INFORMATIONAL = 200
_BODILESS = frozenset({204, 304})


# A tuple, like the other values of the hot path: a frozen dataclass takes four
# times as long to make.
class Reply(NamedTuple):
    """A whole reply; `persistent` says whether its connection may be used again."""

    status: int
    head: bytes
    body: bytes
    persistent: bool

    def header(self, name: str) -> list[str]:
        """List the values of a header, one for each line that carries it."""
        line = re.compile(rb"(?im)^" + re.escape(name.encode()) + rb":[ \t]*([^\r\n]*)")
        return [value.decode("latin-1").strip() for value in line.findall(self.head)]

    @property
    def date(self) -> float | None:
        """The instant the device states in its Date header, if a sound one."""
        for value in self.header("Date"):
            try:
                return parsedate_to_datetime(value).timestamp()
            except (ValueError, TypeError, OverflowError):
                continue
        return None


def plain_body(data: bytes) -> bytes | None:
    """
    Give the body of a reply that is plain, whole and in one piece; none for any other.

    That is 200, HTTP/1.1, of a stated length, with nothing after it and the
    connection kept: what `Reading` finds too, for a fifth of its time.
    """
    end = data.find(b"\r\n\r\n") + 2
    if end < len(_FINE) or not data.startswith(_FINE):
        return None
    body = data[end + 2 :]
    return body if len(body) == _plain_length(data[:end]) else None


# The devices of a make write the same head, all day or all second long.
@lru_cache(maxsize=1024)
def _plain_length(head: bytes) -> int | None:
    """Give the length that a plain head states; none for any other head."""
    found = dict(_FRAMING.findall(head.lower()))
    length = found.pop(b"content-length", b"")
    if len(head) > _LONGEST_PLAIN or head[len(_FINE) :][:1] not in {b" ", b"\r"}:
        return None
    plain = found.keys() <= {b"connection"} and b"close" not in found.get(b"connection", b"")
    if not plain or head.lower().count(b"content-length") != 1 or not length.isdigit():
        return None
    return int(length) if len(length) <= _MOST_DIGITS and int(length) <= MAX_BODY_BYTES else None


class Reading:
    """
    One reply on its way in.

    `feed` gives the reply once it is whole; `finish` is for the end of the
    connection. Both raise Unusable for what is no HTTP, or too much of it.
    """

    __slots__ = (
        "_at",
        "_body",
        "_buffer",
        "_chunked",
        "_head",
        "_length",
        "_most",
        "_persistent",
        "_status",
    )

    def __init__(self, most: int = MAX_BODY_BYTES) -> None:
        """Wait for a status line; a body of more than `most` bytes is refused."""
        self._most = most
        self._buffer = b""
        self._head = b""
        self._status = 0
        self._length: int | None = None
        self._chunked = False
        self._persistent = False
        self._body = bytearray()
        self._at = 0

    @property
    def begun(self) -> bool:
        """Whether any byte has come."""
        return bool(self._buffer or self._head)

    def feed(self, data: bytes) -> Reply | None:
        """Take what came, and give the reply if that completes it."""
        if self._status:
            rest = data
        else:
            self._buffer += data
            while not self._status:
                if not self._take_head():
                    return None
            rest, self._buffer = self._buffer, b""
        if self._chunked:
            self._buffer += rest
            return self._reply(self._body) if self._take_chunks() else None
        if self._length == len(rest) and not self._body:
            return Reply(self._status, self._head, rest, self._persistent)
        self._body += rest
        if self._length is None:
            self._bound(len(self._body))
        elif len(self._body) >= self._length:
            return self._reply(self._body[: self._length])
        return None

    def finish(self) -> Reply:
        """Give the reply that ends with its connection."""
        if not self._status or self._chunked or self._length is not None:
            raise Unusable(Reason.CLOSED_EARLY)
        return self._reply(self._body, closed=True)

    def _take_head(self) -> bool:
        """Read one header block; an interim reply (1xx) is skipped."""
        buffer = self._buffer
        if not buffer.startswith(b"HTTP/") and not b"HTTP/".startswith(buffer):
            raise Unusable(Reason.NOT_HTTP, _shown(buffer))
        # What was searched is not searched again: 16 KB that came byte by byte took 2 s.
        start = buffer.find(b"\r\n\r\n", self._at)
        end = start + 4
        if start < 0:
            blank = _BLANK.search(buffer, self._at)
            start, end = blank.span() if blank else (len(buffer), 0)
        if start > MAX_HEADER_BYTES:
            raise Unusable(Reason.TOO_LARGE, f"a header over {MAX_HEADER_BYTES} bytes")
        if not end:
            self._at = max(len(buffer) - 3, 0)
            return False
        head, self._buffer, self._at = buffer[:start], buffer[end:], 0
        found = _STATUS.match(head)
        if found is None:
            raise Unusable(Reason.NOT_HTTP, _shown(head))
        status = int(found[1])
        if status < _INFORMATIONAL:
            return bool(self._buffer)
        self._status, self._head = status, head
        # Where a header stands twice, the first counts.
        fields = dict(_FRAMING.findall(head.lower())[::-1])
        self._chunked = b"chunked" in fields.get(b"transfer-encoding", b"")
        connection = fields.get(b"connection", b"")
        old = head.startswith(b"HTTP/1.0")
        self._persistent = b"keep-alive" in connection if old else b"close" not in connection
        length = fields.get(b"content-length", b"").rstrip()
        if status in _BODILESS:
            self._length = 0
        elif length.isdigit() and not self._chunked:
            # Python refuses to read thousands of digits; the first ten are too many already.
            self._length = int(length.lstrip(b"0")[:10] or b"0")
            self._bound(self._length)
        return True

    def _take_chunks(self) -> bool:
        """Decode the chunks that are whole; true once the last has come."""
        while True:
            line = _CHUNK.match(self._buffer, self._at)
            if line is None:
                if len(self._buffer) - self._at > _LONGEST_CHUNK_LINE:
                    raise Unusable(Reason.NOT_HTTP, "a chunk without its size")
                break
            size = int(line[1], 16)
            self._bound(len(self._body) + size)
            if not size:
                # Whatever else comes would be taken for the next reply.
                rest = self._buffer[line.end() :]
                self._persistent = self._persistent and rest == b"\r\n"
                return True
            end = line.end() + size
            if len(self._buffer) < end + 2:
                break
            self._body += self._buffer[line.end() : end]
            self._at = end + (2 if self._buffer[end : end + 2] == b"\r\n" else 1)
        if self._at:
            self._buffer, self._at = self._buffer[self._at :], 0
        return False

    def _bound(self, size: int) -> None:
        """Refuse a body over the cap, as soon as it is known to be one."""
        if size > self._most:
            raise Unusable(Reason.TOO_LARGE, f"a body over {self._most} bytes")

    def _reply(self, body: bytes | bytearray, *, closed: bool = False) -> Reply:
        """Give the reply, whose body is now whole."""
        persistent = self._persistent and not closed
        return Reply(self._status, self._head, bytes(body), persistent)


def _shown(data: bytes) -> str:
    """Show the first bytes of something odd."""
    return sanitise(data[:80].decode("latin-1"))
