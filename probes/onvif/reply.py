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
from typing import NamedTuple

from lxml import etree

from probes.verdict import Identity, Reason, Unusable, sanitise

# A clock before the first ONVIF standard (2008) was never set.
_OLDEST_YEAR = 2008
_LONGEST_IDENTITY = 800
# Bounds what the judged openings take: 256 of them are 1 MB.
_LONGEST_OPENING = 4096
_MONTHS = range(1, 13)
_DIGITS = re.compile(r"[0-9]{1,4}\Z")


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


class Fault(NamedTuple):
    """A SOAP fault: its codes by local name, outermost first, and its text."""

    codes: tuple[str, ...]
    text: str = ""

    @property
    def denies(self) -> bool:
        """Whether it refuses the sender, whatever the HTTP status says."""
        return any(code in _DENIALS for code in self.codes) or bool(_DENIED.search(self.text))

    @property
    def locks(self) -> bool:
        """Whether the device has locked the account."""
        return bool(_LOCKED.search(self.text))

    @property
    def unsupported(self) -> bool:
        """Whether the device does not know the operation."""
        return "ActionNotSupported" in self.codes or bool(_UNKNOWN.search(self.text))


_DENIALS = frozenset({"NotAuthorized", "FailedAuthentication", "InvalidSecurity", "NotPermitted"})
# Words of devices that refuse a login without the subcode that the standard wants.
_DENIED = re.compile(r"(?i)not auth|unauthori[sz]ed|authenti\w+ fail|login fail|\d+ attempt")
_LOCKED = re.compile(r"(?i)\block(?:ed|out)\b|illegal login")
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
_HTML = re.compile(rb"(?i)<(?:!doctype\s+html|html)\b")
_DTD = re.compile(rb"(?i)<!(?:doctype|entity)")
_DECLARED = re.compile(rb"""(?i)\A\s*<\?xml[^>]*encoding=["'](?!utf-?8["'])""")


def read_clock(body: bytes) -> Clock | Fault:
    """
    Read the answer to GetSystemDateAndTime.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    return fast_clock(body) or slow_clock(body)


def read_identity(body: bytes) -> Named | Fault:
    """
    Read the answer to GetDeviceInformation.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    return fast_identity(body) or slow_identity(body)


def fast_clock(body: bytes) -> Clock | None:
    """Read a plain clock answer; none where it is anything but plain."""
    start = body.find(b"UTCDateTime")
    plain = start > 0 and _is_plain(body, start, b"GetSystemDateAndTimeResponse")
    found = _CLOCK.match(body, start) if plain else None
    if found is None:
        return None
    hour, minute, second, year, month, day = map(int, found.groups())
    return _clock((year, month, day, hour, minute, second), broken=False)


def fast_identity(body: bytes) -> Named | None:
    """Read a plain identity answer; none where it is anything but plain."""
    start = body.find(b"Manufacturer")
    plain = start > 0 and _is_plain(body, start, b"GetDeviceInformationResponse")
    found = _IDENTITY.match(body, start) if plain else None
    if found is None:
        return None
    values = [value.rstrip().decode() for value in found.groups()]
    if "  " in " ".join(values) or len(found[0]) > _LONGEST_IDENTITY:
        return None
    return Named(Identity(*values))


def _is_plain(body: bytes, start: int, answer: bytes) -> bool:
    """
    Tell whether a reply may be read without a parser.

    It is a whole envelope, holds the answer before the element at `start`, has
    nothing in it that could fake text, and declares the prefixes it uses.
    """
    # Looking for one byte is ten times as fast as for two.
    if body.find(b"!", start) >= 0 or body.find(b"?", start) >= 0:
        return False
    if not body.endswith(b"Envelope>") and not body.rstrip().endswith(b"Envelope>"):
        return False
    judge = _opens_plainly if start <= _LONGEST_OPENING else _opens_plainly.__wrapped__
    return judge(body[:start], answer)


# What stands before the first value is the same from all devices of a make, at
# all times, and is most of the reply: it is judged once.
@lru_cache(maxsize=256)
def _opens_plainly(opening: bytes, answer: bytes) -> bool:
    """Tell whether a reply is plain up to the name of the element where its values begin."""
    return (
        b"!" not in opening
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


def slow_clock(body: bytes) -> Clock | Fault:
    """
    Read any clock answer that can be read.

    Only UTCDateTime counts: time zones are written in too many wrong ways.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    root, broken = _parse(body)
    answer = _find(root, "GetSystemDateAndTimeResponse")
    if answer is None:
        return _fault(root, broken=broken)
    instant = _find(answer, "UTCDateTime")
    parts = ("Year", "Month", "Day", "Hour", "Minute", "Second")
    texts = [_text(instant, part) for part in parts] if instant is not None else [""]
    if not all(map(_DIGITS.match, texts)):
        return Clock(None, valid=False, broken=broken)
    return _clock(tuple(map(int, texts)), broken=broken)


def slow_identity(body: bytes) -> Named | Fault:
    """
    Read any identity answer that can be read.

    Raises:
        Unusable: It is no ONVIF answer.
    """
    root, broken = _parse(body)
    answer = _find(root, "GetDeviceInformationResponse")
    if answer is None:
        return _fault(root, broken=broken)
    return Named(Identity(*(_text(answer, name) for name in _FIELDS)), broken=broken)


def _parse(body: bytes) -> tuple[etree._Element, bool]:
    """
    Parse a hostile document, and say whether it needed repair.

    A document type is refused before parsing: the parser's own switches stop
    entities and the network, but still accept the declaration.

    Raises:
        Unusable: There is no XML to be had.
    """
    text, recoded = _recode(body)
    if text[:1] not in {b"<", b"\xff", b"\xfe"} or _HTML.search(text):
        raise Unusable(Reason.NOT_ONVIF, sanitise(body[:400].decode(errors="replace")))
    if _DTD.search(text):
        raise Unusable(Reason.MALFORMED_XML, "a document type, which SOAP forbids")
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.LxmlError, LookupError, ValueError) as error:
        raise Unusable(Reason.MALFORMED_XML, sanitise(str(error))) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise Unusable(Reason.MALFORMED_XML, sanitise(body[:400].decode(errors="replace")))
    return root, recoded or len(parser.error_log) > 0


def _recode(body: bytes) -> tuple[bytes, bool]:
    """Replace what is not UTF-8 in a document that says it is (some send GBK)."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip(b"\0 \t\r\n")
    if _DECLARED.match(body) or body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body, False
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode(errors="replace").encode(), True
    return body, False


def _fault(root: etree._Element, *, broken: bool) -> Fault:
    """
    Read a fault, wherever in the document it stands, of SOAP 1.2 or 1.1.

    Raises:
        Unusable: There is none.
    """
    fault = _find(root, "Fault")
    if fault is None:
        reason = Reason.MALFORMED_XML if broken else Reason.NOT_ONVIF
        raise Unusable(reason, f"an XML document <{_local(root)}> without an answer")
    codes = tuple(
        (each.text or "").strip().rpartition(":")[2]
        for each in fault.iter("*")
        if _local(each) in {"Value", "faultcode"}
    )
    return Fault(codes, _text(fault, "Text") or _text(fault, "faultstring"))


def _find(root: etree._Element, name: str) -> etree._Element | None:
    """Give the first element of a local name, in document order."""
    return next((each for each in root.iter("*") if _local(each) == name), None)


def _text(root: etree._Element, name: str) -> str:
    """Give the text of the first element of a local name, on one line."""
    found = _find(root, name)
    return sanitise("".join(map(str, found.itertext()))) if found is not None else ""


def _local(element: etree._Element) -> str:
    """Give the name of an element without namespace, nor prefix if undeclared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


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
