"""Makes odd replies out of sound ones, knowing where XML and HTTP have their joints."""

import re
from collections.abc import Callable, Sequence
from random import Random

from probes.simulator import Device, Fault
from probes.simulator.answers import fault_answer
from probes.simulator.replies import reply_to
from probes.target import Requests

_TOKENS = re.compile(rb"<[^>]*>|[^<]+")
_LINES = re.compile(rb"[^\n]*\n?")
_LONGEST = 64 * 1024
_CODECS = ("utf-16", "utf-16-le", "utf-16-be", "latin-1", "gbk", "utf-7", "utf-8-sig")
_ODD_TEXTS: Sequence[bytes] = (
    *(b"", b" ", b"\0", b"-1", b"61", b"9" * 20, b"0000000", b"NONE", b"\xff\xfe", b"A" * 5000),
    *("é".encode(), "海康".encode("gbk"), b"&amp;", b"&a;", b"&#0;", b"&#x1F600;", b"]]>"),
    *(b"<!-- -->", b"<![CDATA[1]]>", b"<?x y?>", b"<a>", b"</a>", b"<v:a/>", b"<a b=''/>", b"<"),
    *(b"<!DOCTYPE a>", b"<!ENTITY a 'b'>", b"<Fault>", b"<Value>ter:NotAuthorized</Value>"),
    *(b"<UTCDateTime>", b"Manufacturer", b"GetSystemDateAndTimeResponse", b"\r\n\r\n"),
    *(b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Date: Mon, 32 Foo 99999 25:61:61 GMT\r\n", b"Date: \r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    *(b'WWW-Authenticate: Digest realm="', b"WWW-Authenticate: Basic, Digest nonce=,=\r\n"),
    *(b"ffffffff\r\n", b"0\r\n\r\n", b"5;x=y\r\n", b"HTTP/1.0 200\r\n", b"HTTP/9"),
)


def sound_replies(requests: Requests) -> list[bytes]:
    """Give what simulated cameras answer, with each of their faults, to both questions."""
    head = b"POST /onvif/device_service HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml; action=x"
    replies = []
    for serial in ("SIM-1", "SIM-2", "SIM-3", "SIM-4"):
        for fault in Fault:
            device = Device(serial=serial, username="" if fault is Fault.NONE else "admin")
            for body in (requests.clock, requests.identity, b"".join(requests.signed)):
                reply = reply_to(device, fault, head, body, nonce="n")
                replies.append(reply[: _LONGEST // 2])
    return list(dict.fromkeys(replies))


def sound_bodies(replies: Sequence[bytes]) -> list[bytes]:
    """Give the bodies of replies, and a few faults that no camera of ours sends."""
    odd = [
        fault_answer(Device(), code, ("ter:" + subcode,), text)
        for code, subcode, text in (
            ("Sender", "NotAuthorized", "You still have 3 attempt(s)"),
            ("Receiver", "ActionNotSupported", ""),
            ("VersionMismatch", "", "x"),
        )
    ]
    bodies = [reply.partition(b"\r\n\r\n")[2] for reply in replies]
    return list(dict.fromkeys([body for body in bodies if body] + odd))


class Mutator:
    """Bends a document in one to five places; the same seed bends it in the same way."""

    def __init__(self, random: Random, *, pattern: re.Pattern[bytes]) -> None:
        """Cut documents into pieces by a pattern, so that most bends fall on a joint."""
        self._random = random
        self._pattern = pattern
        self._bends: Sequence[Callable[[list[bytes]], None]] = (
            self._drop,
            self._double,
            self._swap,
            self._replace,
            self._insert,
            self._flip,
            self._cut,
            self._repeat,
        )

    def mutate(self, document: bytes) -> bytes:
        """Give a bent copy, of 64 KB at most."""
        pieces = self._pattern.findall(document) or [document]
        for _ in range(self._random.randint(1, 5)):
            self._random.choice(self._bends)(pieces)
            pieces = pieces or [b""]
        return b"".join(pieces)[:_LONGEST]

    def recode(self, document: bytes) -> bytes:
        """Write a document in another encoding, whatever it says of its own."""
        text = document.decode(errors="replace")
        return text.encode(self._random.choice(_CODECS), errors="replace")[:_LONGEST]

    def _at(self, pieces: list[bytes]) -> int:
        return self._random.randrange(len(pieces))

    def _drop(self, pieces: list[bytes]) -> None:
        del pieces[self._at(pieces)]

    def _double(self, pieces: list[bytes]) -> None:
        at = self._at(pieces)
        pieces.insert(self._at(pieces), pieces[at])

    def _swap(self, pieces: list[bytes]) -> None:
        one, other = self._at(pieces), self._at(pieces)
        pieces[one], pieces[other] = pieces[other], pieces[one]

    def _replace(self, pieces: list[bytes]) -> None:
        pieces[self._at(pieces)] = self._random.choice(_ODD_TEXTS)

    def _insert(self, pieces: list[bytes]) -> None:
        pieces.insert(self._at(pieces), self._random.choice(_ODD_TEXTS))

    def _flip(self, pieces: list[bytes]) -> None:
        at = self._at(pieces)
        piece = bytearray(pieces[at])
        if piece:
            piece[self._random.randrange(len(piece))] = self._random.randrange(256)
        pieces[at] = bytes(piece)

    def _cut(self, pieces: list[bytes]) -> None:
        del pieces[self._at(pieces) :]

    def _repeat(self, pieces: list[bytes]) -> None:
        at = self._at(pieces)
        if self._random.random() < _RARE:
            pieces[at] *= min(2000, _LONGEST // max(1, len(pieces[at])))
        else:
            pieces[at] *= 3


# Large documents are worth a try, and cost as much as a hundred small ones.
_RARE = 0.01


def xml_mutator(random: Random) -> Mutator:
    """Make a mutator that knows tags from texts."""
    return Mutator(random, pattern=_TOKENS)


def http_mutator(random: Random) -> Mutator:
    """Make a mutator that knows lines."""
    return Mutator(random, pattern=_LINES)
