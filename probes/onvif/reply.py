"""
Reads what a device answers, however it was written.

Two tiers with one result. The fast one takes plain, complete replies with a
few compiled patterns; all that is odd goes to a hardened, recovering parser.
Both read by local name: prefixes and namespaces differ from make to make.
"""

import re
from calendar import timegm
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import NamedTuple

from probes.onvif.document import (
    Document,
    Element,
    first_of,
    firsts,
    local_name,
    open_document,
    text_of,
)
from probes.verdict import Identity, Reason, Unusable, sanitise

# A clock before the first ONVIF standard (2008) was never set.
_OLDEST_YEAR = 2008
_LONGEST_IDENTITY = 800
# Bound what the judged openings take: 1 MB.
_LONGEST_OPENING = 4096
_MOST_OPENINGS = 256
_MONTHS = range(1, 13)
_DIGITS = re.compile(r"[0-9]{1,4}\Z")
_PARTS = ("Year", "Month", "Day", "Hour", "Minute", "Second")
# An answer of any ONVIF service, or one whose prefix was never declared.
_ANSWER = re.compile(r"(?:\{http://www\.onvif\.org/[^}]*\}|(?!\{))[^{}]*Response")
# A code and its nested subcodes take ten; the rest is detail.
_MOST_FAULT_ELEMENTS = 100


class Clock(NamedTuple):
    """
    The time a device believes it is, in seconds since the epoch.

    `at` is none where it cannot be known; `valid` is false where it was never
    set or is an impossible date. `broken` says that the XML needed repair.
    """

    at: float | None
    valid: bool = True
    broken: bool = False


class Named(NamedTuple):
    """The identity a device gave; `broken` says that the XML needed repair."""

    identity: Identity
    broken: bool = False


class Other(NamedTuple):
    """An ONVIF answer to another question than the one that was asked."""

    answer: str


class Fault(NamedTuple):
    """A SOAP fault: its codes by local name, outermost first, and its text."""

    codes: tuple[str, ...]
    text: str = ""

    @property
    def denies(self) -> bool:
        """Whether it refuses the sender, whatever the HTTP status says."""
        said = any(code in _DENIALS for code in self.codes)
        return said or self.locks or bool(_DENIED.search(self.text))

    @property
    def locks(self) -> bool:
        """Whether the device has locked the account."""
        return bool(_LOCKED.search(self.text))

    @property
    def unsupported(self) -> bool:
        """Whether the device does not know the operation."""
        return "ActionNotSupported" in self.codes or bool(_UNKNOWN.search(self.text))

    @property
    def prohibits(self) -> bool:
        """Whether it knows the account, and does not let it ask this."""
        return "OperationProhibited" in self.codes or bool(_PROHIBITED.search(self.text))

    @property
    def rejects_security(self) -> bool:
        """Whether it does not understand the header that carries the login (SOAP 1.2, 5.4.8)."""
        return "MustUnderstand" in self.codes


_DENIALS = frozenset({"NotAuthorized", "FailedAuthentication", "InvalidSecurity", "NotPermitted"})
# Words of devices that refuse a login without the subcode that the standard wants.
_DENIED = re.compile(
    r"(?i)not auth|unauthori[sz]ed|(?:authenti\w+|login) (?:fail|error|required)|\d+ attempt"
    r"|access denied|(?:invalid|wrong|bad|incorrect) (?:user|password|credential|login)"
)
_LOCKED = re.compile(r"(?i)\block(?:ed|out)\b|illegal login|too many (?:failed|login|attempt)")
_PROHIBITED = re.compile(
    r"(?i)(?:insufficient|no|lack of) (?:privilege|permission|right)"
    r"|not permitted|permission denied"
)
_UNKNOWN = re.compile(r"(?i)not (?:implemented|supported)")


def _element(name: str, inside: str) -> str:
    """Write the pattern of one element by local name."""
    return r"<(?:[\w.-]++:)?" + _rest(name, inside)


def _rest(name: str, inside: str) -> str:
    """Write the pattern of one element from its local name on."""
    return rf"{name}(?:\s[^<>]*+)?>\s*+{inside}\s*+</(?:[\w.-]++:)?{name}\s*+>\s*+"


_NUMBER = r"(\d{1,4})"
# Printable ASCII without markup: all else is left to the parser.
_TEXT = r"([ !-%'-;=?-~]*+)"
# Both patterns begin at a name that is found first: a search for them would stop
# at each of the fifty namespaces that some makes declare.
_CLOCK = re.compile(
    _rest(
        "UTCDateTime",
        _element("Time", "".join(_element(part, _NUMBER) for part in ("Hour", "Minute", "Second")))
        + _element("Date", "".join(_element(part, _NUMBER) for part in ("Year", "Month", "Day"))),
    ).encode()
)
_FIELDS = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
_IDENTITY = re.compile(
    (_rest(_FIELDS[0], _TEXT) + "".join(_element(name, _TEXT) for name in _FIELDS[1:])).encode()
)


def read_clock(body: bytes) -> Clock | Fault | Other:
    """
    Read the answer to GetSystemDateAndTime.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    return fast_clock(body) or slow_clock(body)


def read_identity(body: bytes) -> Named | Fault | Other:
    """
    Read the answer to GetDeviceInformation.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    return fast_identity(body) or slow_identity(body)


def fast_clock(body: bytes) -> Clock | None:
    """Read a plain clock answer; none where it is anything but plain."""
    start = body.find(b"UTCDateTime")
    if start <= 0 or not _opens_as_before(body, start, b"GetSystemDateAndTimeResponse"):
        return None
    return _plain_clock(body[start:])


# The devices of a make say the same instant in the same bytes, and a fleet is asked
# more than a thousand times a second.
@lru_cache(maxsize=1024)
def _plain_clock(rest: bytes) -> Clock | None:
    """Read a clock answer from its instant on; none where it is anything but plain."""
    found = _CLOCK.match(rest) if _ends_plainly(rest, 0) else None
    if found is None or len(rest) > _LONGEST_OPENING:
        return None
    hour, minute, second, year, month, day = map(int, found.groups())
    return _clock((year, month, day, hour, minute, second), broken=False)


def fast_identity(body: bytes) -> Named | None:
    """Read a plain identity answer; none where it is anything but plain."""
    start = body.find(b"Manufacturer")
    plain = (
        start > 0
        and _ends_plainly(body, start)
        and _opens_as_before(body, start, b"GetDeviceInformationResponse")
    )
    found = _IDENTITY.match(body, start) if plain else None
    if found is None:
        return None
    values = [value.rstrip().decode() for value in found.groups()]
    if "  " in " ".join(values) or len(found[0]) > _LONGEST_IDENTITY:
        return None
    # Makes, models and versions are few: a fleet keeps each once.
    return Named(Identity(*map(intern, values)))


# A reply may be read without a parser if it is a whole envelope, holds the answer
# before the element at `start`, has nothing in it that could fake text, and declares
# the prefixes it uses.


def _ends_plainly(body: bytes, start: int) -> bool:
    """Tell whether a reply is plain from the element on where its values begin."""
    # Looking for one byte is ten times as fast as for two.
    if body.find(b"!", start) >= 0 or body.find(b"?", start) >= 0:
        return False
    return body.endswith(b"Envelope>") or body.rstrip().endswith(b"Envelope>")


def _opens_as_before(body: bytes, start: int, answer: bytes) -> bool:
    """Tell whether a reply is plain up to the element where its values begin."""
    # What stands before the first value is the same from all devices of a make, at
    # all times, and is most of the reply: it is judged once. To compare it with the
    # last of its length takes a fiftieth of what a hash of it would.
    before = _openings.get((start, answer))
    if before is not None and body.startswith(before):
        return True
    plain = _opens_plainly(body[:start], answer)
    if plain and start <= _LONGEST_OPENING:
        if len(_openings) >= _MOST_OPENINGS:
            _openings.clear()
        _openings[start, answer] = body[:start]
    return plain


_openings: dict[tuple[int, bytes], bytes] = {}


def _opens_plainly(opening: bytes, answer: bytes) -> bool:
    """Tell whether a reply is plain up to the name of the element where its values begin."""
    return (
        opening.startswith(b"<")
        and b"!" not in opening
        and opening.count(b"?") == (2 if opening.startswith(b"<?xml") else 0)
        and (b"encoding" not in opening[:80] or b"utf-8" in opening[:80].lower())
        and _is_declared(opening, opening.rfind(answer))
        and _is_declared(opening, len(opening))
    )


def _is_declared(body: bytes, start: int) -> bool:
    """Tell whether the name at `start` is an element's, without prefix or with a declared one."""
    opening = body.rfind(b"<", 0, start) if start > 0 else -1
    prefix = body[opening + 1 : start]
    if opening < 0 or not prefix:
        return opening >= 0
    return prefix.endswith(b":") and b"xmlns:" + prefix[:-1] + b"=" in body


def slow_clock(body: bytes) -> Clock | Fault | Other:
    """
    Read any clock answer that can be read.

    Only UTCDateTime counts: time zones are written in too many wrong ways.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    document = open_document(body)
    answer = _answer(document, "GetSystemDateAndTimeResponse")
    if isinstance(answer, (Fault, Other)):
        return answer
    instant = first_of(answer, {"UTCDateTime"})
    parts = firsts(instant, _PARTS) if instant is not None else {}
    texts = [text_of(parts.get(name)) for name in _PARTS]
    if not all(map(_DIGITS.match, texts)):
        return Clock(None, valid=False, broken=document.broken)
    return _clock(tuple(map(int, texts)), broken=document.broken)


def slow_identity(body: bytes) -> Named | Fault | Other:
    """
    Read any identity answer that can be read.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    document = open_document(body)
    answer = _answer(document, "GetDeviceInformationResponse")
    if isinstance(answer, (Fault, Other)):
        return answer
    found = firsts(answer, _FIELDS)
    return Named(Identity(*(text_of(found.get(name)) for name in _FIELDS)), document.broken)


def _answer(document: Document, name: str) -> Element | Fault | Other:
    """
    Find the answer that was asked for, or what came instead.

    Raises:
        Unusable: There is nothing of ONVIF in it.
    """
    found = firsts(document.root, {name, "Fault", "Body"})
    if name in found:
        return found[name]
    if "Fault" in found:
        return _fault(found["Fault"])
    inside = next(iter(found["Body"]), None) if "Body" in found else None
    if inside is not None and _ANSWER.fullmatch(str(inside.tag)):
        return Other(local_name(inside))
    reason = Reason.MALFORMED_XML if document.broken else Reason.NOT_ONVIF
    raise Unusable(reason, f"an XML document <{local_name(document.root)}> without an answer")


def _fault(fault: Element) -> Fault:
    """Read a fault of SOAP 1.2 or 1.1, wherever in the document it stands."""
    codes = tuple(
        text_of(each).rpartition(":")[2]
        for each in islice(fault.iter("*"), _MOST_FAULT_ELEMENTS)
        if local_name(each) in {"Value", "faultcode"}
    )
    parts = firsts(fault, {"Text", "faultstring", "Detail", "detail"})
    words = text_of(parts.get("Text", parts.get("faultstring")))
    detail = text_of(parts.get("Detail", parts.get("detail")))
    return Fault(codes, sanitise(f"{words} {detail}"))


def _clock(parts: tuple[int, ...], *, broken: bool) -> Clock:
    """
    Turn what a device wrote as its date, year first, into an instant.

    A minute 61 is carried over, for the token must follow the device's own
    idea of time; a thirteenth month is not to be understood.
    """
    year, month, day, hour, minute, second = parts
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        pass
    else:
        return Clock(at.timestamp(), valid=year >= _OLDEST_YEAR, broken=broken)
    if month not in _MONTHS or not year:
        return Clock(None, valid=False, broken=broken)
    return Clock(float(timegm(parts)), valid=False, broken=broken)
