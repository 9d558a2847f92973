"""
Says what one probe found, in the words that the register keeps.

The lists of codes are closed: metrics, pages and hints use these and no other.
"""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self


class Health(StrEnum):
    """The availability axis."""

    UP = "up"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a camera is not up: causes of down and unreachable, then of unknown."""

    DNS = "dns"
    NO_ROUTE = "no_route"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_RESET = "connect_reset"
    TLS_HANDSHAKE = "tls_handshake"
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    TIMEOUT_BODY = "timeout_body"
    CLOSED_EARLY = "closed_early"
    TOO_LARGE = "too_large"
    NOT_HTTP = "not_http"
    HTTP_STATUS = "http_status"
    REDIRECT = "redirect"
    NOT_ONVIF = "not_onvif"
    MALFORMED_XML = "malformed_xml"
    SOAP_FAULT = "soap_fault"
    GATEWAY_DOWN = "gateway_down"

    NOT_CONFIGURED = "not_configured"
    BLOCKED_ADDRESS = "blocked_address"
    NOT_PROBED = "not_probed"
    ZONE_SILENT = "zone_silent"
    INCONCLUSIVE = "inconclusive"
    CLOCK_STEP = "clock_step"
    INTERNAL = "internal"


class Issue(StrEnum):
    """The attention axis: what is wrong with a camera that is up."""

    AUTH_FAILED = "auth_failed"
    AUTH_LOCKED = "auth_locked"
    AUTH_UNVERIFIED = "auth_unverified"
    AUTH_SCHEME_UNSUPPORTED = "auth_scheme_unsupported"
    CLOCK_SKEW = "clock_skew"
    CLOCK_INVALID = "clock_invalid"
    IDENTITY_MISMATCH = "identity_mismatch"
    FIRMWARE_CHANGED = "firmware_changed"
    SLOW = "slow"
    XML_BROKEN = "xml_broken"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_CERT_CHANGED = "tls_cert_changed"
    TLS_CERT_EXPIRED = "tls_cert_expired"
    ANONYMOUS_ACCESS = "anonymous_access"
    PLAIN_HTTP = "plain_http"
    ACTION_NOT_SUPPORTED = "action_not_supported"


# What a device says instead of letting us in.
REFUSALS = frozenset({Issue.AUTH_FAILED, Issue.AUTH_LOCKED, Issue.AUTH_SCHEME_UNSUPPORTED})


class Authentication(StrEnum):
    """What is known of the credentials after a probe."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    NONE = "none"


class Unusable(Exception):
    """What came back is no ONVIF answer; `reason` says in which way."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Keep the reason, and a few words on what was seen."""
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What a device says it is, or what the register says it should be.

    A probe does not learn the MAC: it comes from the register, or from an inventory.
    """

    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    hardware_id: str = ""
    mac: str = ""

    def to_dict(self) -> dict[str, str]:
        """Give the identity as plain values."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> Self:
        """Read back what `to_dict` wrote."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What one probe found out about one camera.

    `at` is the start of the first attempt in whole seconds UTC: with `key` it
    identifies the verdict. `phases` are seconds (dns, connect, tls, clock,
    identity, total). `certificate` is the SHA-256 of one that is still to be pinned,
    `certificate_until` the end of validity of the one that https showed.
    `detail` is bounded and free of control characters.
    """

    key: int
    at: datetime
    health: Health
    reason: Reason | None = None
    reachable: bool = False
    issues: frozenset[Issue] = frozenset()
    authentication: Authentication = Authentication.NONE
    clock_offset_seconds: float | None = None
    identity: Identity | None = None
    phases: Mapping[str, float] = field(default_factory=dict)
    certificate: str = ""
    certificate_until: datetime | None = None
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give the verdict as plain values, fit for JSON and a queue."""
        return {
            "key": self.key,
            "at": _plain(self.at),
            "health": self.health.value,
            "reason": self.reason.value if self.reason else None,
            "reachable": self.reachable,
            "issues": sorted(issue.value for issue in self.issues),
            "authentication": self.authentication.value,
            "clock_offset_seconds": self.clock_offset_seconds,
            "identity": self.identity.to_dict() if self.identity else None,
            "phases": {name: round(spent, 6) for name, spent in self.phases.items()},
            "certificate": self.certificate,
            "certificate_until": _plain(self.certificate_until),
            "detail": self.detail,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` wrote."""
        # Verdicts kept by an earlier version have no certificate.
        until = data.get("certificate_until")
        return cls(
            key=data["key"],
            at=datetime.fromisoformat(data["at"]).astimezone(UTC),
            health=Health(data["health"]),
            reason=Reason(data["reason"]) if data["reason"] else None,
            reachable=data["reachable"],
            issues=frozenset(Issue(code) for code in data["issues"]),
            authentication=Authentication(data["authentication"]),
            clock_offset_seconds=data["clock_offset_seconds"],
            identity=Identity.from_dict(data["identity"]) if data["identity"] else None,
            phases=dict(data["phases"]),
            certificate=data.get("certificate", ""),
            certificate_until=datetime.fromisoformat(until).astimezone(UTC) if until else None,
            detail=data["detail"],
        )


def _plain(instant: datetime | None) -> str | None:
    """Write an instant as JSON carries it."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None


DETAIL_LENGTH = 200


def sanitise(text: str) -> str:
    """Cut what a device said to one short printable line."""
    head = text[: 4 * DETAIL_LENGTH]
    if not head.isprintable():
        head = "".join(each if each.isprintable() else " " for each in head)
    return " ".join(head.split())[:DETAIL_LENGTH]


# Serials that real cameras answer when nobody has given them one.
_PLACEHOLDERS = frozenset(
    {"", "NONE", "NULL", "NA", "NIL", "UNKNOWN", "DEFAULT", "TEST", "SN", "SERIAL"}
    | {"SERIALNUMBER", "NOTAVAILABLE", "ONVIF", "H264", "DEADBEEF"}
    | {"123456789ABCDEF"[:length] for length in range(4, 16)}
    | {"1234567890"}
)
_SEPARATORS = re.compile(r"[\W_]+")
_MAC = re.compile(r"[0-9A-F]{12}\Z")


def normalise_serial(text: str) -> str:
    """
    Bring a serial to the one form in which serials are compared.

    A label, a purchase order and the device itself write the same serial with
    other case, spaces, separators or leading zeros.
    """
    return _normalise(text).lstrip("0")


def normalise_mac(text: str) -> str:
    """Bring a MAC address to twelve digits; empty where it is none, or a placeholder of one."""
    bare = _SEPARATORS.sub("", text).upper()
    return bare if _MAC.match(bare) and len(set(bare)) > 1 else ""


def is_placeholder(serial: str, hardware_id: str = "", *, common: Container[str] = ()) -> bool:
    """
    Tell whether a serial says nothing about which unit answers.

    Args:
        serial: As a device says it, or as the register holds it.
        hardware_id: Of the same device: some makes give the model's number for both.
        common: Serials, normalised, that are seen on many devices.
    """
    bare = normalise_serial(serial)
    if bare in _PLACEHOLDERS or len(set(bare)) == 1 or bare in common:
        return True
    return bool(hardware_id) and bare == normalise_serial(hardware_id)


def mismatch(expected: Identity, seen: Identity, *, common: Container[str] = ()) -> bool:
    """
    Tell whether another device answers than the registered one.

    A meaningful serial decides alone: a swap for the same model must be seen.
    Where it says nothing, the MAC does, which the last inventory read; then
    manufacturer and model; one may hold the other, because a register says
    "Axis P3245" where the device says "AXIS P3245-LV".

    Args:
        expected: The registered device.
        seen: What answers, with the MAC that the last inventory read there.
        common: Serials, normalised, that are seen on many devices.
    """
    meaningful = not is_placeholder(expected.serial, expected.hardware_id, common=common)
    if meaningful and not is_placeholder(seen.serial, seen.hardware_id, common=common):
        return normalise_serial(expected.serial) != normalise_serial(seen.serial)
    one, other = normalise_mac(expected.mac), normalise_mac(seen.mac)
    if one and other and one != other:
        return True
    return _differ(expected.manufacturer, seen.manufacturer) or _differ(expected.model, seen.model)


def firmware_changed(expected: Identity, seen: Identity) -> bool:
    """Tell whether both firmware versions are known and not the same."""
    before, after = expected.firmware.strip(), seen.firmware.strip()
    return bool(before and after) and before.casefold() != after.casefold()


def _differ(expected: str, seen: str) -> bool:
    """Tell whether two names are both meaningful and neither holds the other."""
    one, other = _normalise(expected), _normalise(seen)
    if one in _PLACEHOLDERS or other in _PLACEHOLDERS:
        return False
    return one not in other and other not in one


def _normalise(text: str) -> str:
    """Fold width and case, and drop everything but letters and digits."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
