"""Says what a simulated camera is, and in which ways it can fail."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

_PORTS = 1 << 16


class Fault(StrEnum):
    """What is wrong with a simulated camera; each stands for one seen on a real one."""

    NONE = ""
    # Nothing gets through.
    REFUSE = "refuse"
    DARK = "dark"
    STALL = "stall"
    RESET = "reset"
    SLOW_DRIP = "slow_drip"
    CLOSES_EARLY = "closes_early"
    # Something else answers than ONVIF.
    GARBAGE = "garbage"
    HTML_LOGIN = "html_login"
    EMPTY_BODY = "empty_body"
    EMPTY_ENVELOPE = "empty_envelope"
    NOT_XML = "not_xml"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    SOAP_FAULT = "soap_fault"
    NO_ONVIF = "no_onvif"
    # It answers, with an issue.
    SLOW = "slow"
    SLOW_CLOCK = "slow_clock"
    UNSET_CLOCK = "unset_clock"
    OTHER_SERIAL = "other_serial"
    OTHER_FIRMWARE = "other_firmware"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a name of a fault
    LOCKED = "locked"
    BROKEN_XML = "broken_xml"
    ANONYMOUS = "anonymous"
    BASIC_ONLY = "basic_only"
    LOCAL_TIME_ONLY = "local_time_only"
    MINUTE_61 = "minute_61"
    MONTH_13 = "month_13"
    GBK = "gbk"
    MULTIPART = "multipart"
    BARE_REFUSAL = "bare_refusal"
    FAULT_AS_ROOT = "fault_as_root"
    ATTEMPTS_LEFT = "attempts_left"
    NO_SECURITY = "no_security"
    PASSWORD_TEXT = "password_text"  # noqa: S105 - a name of a fault
    LOW_PRIVILEGE = "low_privilege"
    NO_IDENTITY = "no_identity"
    EMPTY_ANSWER = "empty_answer"
    NO_SERVICES = "no_services"
    ECHO = "echo"
    # It is well, in its own way.
    HTTP_DIGEST = "http_digest"
    AUTH_EVERYTHING = "auth_everything"
    SHA256_ONLY = "sha256_only"
    BARE_PRE_AUTH = "bare_pre_auth"
    FRESH_NONCE = "fresh_nonce"
    ODD_ZONE = "odd_zone"
    UTF16 = "utf16"
    BYTE_ORDER_MARK = "byte_order_mark"
    CHUNKED = "chunked"
    INTERIM = "interim"
    CLOSE_DELIMITED = "close_delimited"
    TWO_ANSWERS = "two_answers"
    BYTEWISE = "bytewise"
    NEEDS_ACTION = "needs_action"
    SOAP11_ONLY = "soap11_only"
    VERSION_MISMATCH = "version_mismatch"
    DROPS_REUSED = "drops_reused"
    ONE_CLIENT = "one_client"


@dataclass(frozen=True, slots=True)
class Device:
    """
    One simulated camera.

    Args:
        port: 0 takes any free one.
        fault: What is wrong with it from the start.
        clock_offset_seconds: By how much its clock is off while it is well.
        max_skew_seconds: It refuses tokens further off its clock; none, never.
        location: Where a redirect points; empty, to https at the same address.
        path: The only path of its ONVIF service; empty answers on any.
        certificate: A PEM file with key and certificate makes it speak https.
    """

    host: str = "127.0.0.1"
    port: int = 0
    serial: str = "SIM-000001"
    manufacturer: str = "Simulated"
    model: str = "SIM-2000"
    firmware: str = "1.0.0"
    mac: str = "02:00:00:00:00:01"
    username: str = "admin"
    password: str = field(default="", repr=False)
    fault: Fault = Fault.NONE
    clock_offset_seconds: float = 0.0
    max_skew_seconds: float | None = None
    path: str = ""
    location: str = ""
    certificate: Path | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read a device from plain values.

        Raises:
            ValueError: A key or a fault is not known; the message names it.
        """
        known = {each.name for each in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise ValueError(f"a simulated device has no {', '.join(unknown)}")
        values = dict(data)
        if "fault" in values:
            values["fault"] = Fault(values["fault"])
        if values.get("certificate"):
            values["certificate"] = Path(values["certificate"])
        return cls(**values)


def numbered_devices(
    count: int,
    base_port: int,
    username: str = "admin",
    password: str = "",
    *,
    host: str = "127.0.0.1",
) -> list[Device]:
    """
    Make cameras on consecutive ports, alike but for serial and MAC.

    Raises:
        ValueError: There are not that many ports above the first.
    """
    if base_port + count > _PORTS:
        raise ValueError(f"{count} cameras from port {base_port} on need ports beyond {_PORTS - 1}")
    return list(_numbered(count, base_port, username, password, host=host))


def addressed_devices(
    count: int,
    port: int,
    username: str = "admin",
    password: str = "",
    *,
    first: str = "127.1.0.1",
) -> list[Device]:
    """
    Make cameras on one port, each at an address of its own, as in a real network.

    The whole of 127.0.0.0/8 is this machine's, so nothing needs to be set up.

    Raises:
        ValueError: There are not that many addresses of this machine above the first.
    """
    start = ip_address(first)
    if not (start.is_loopback and (start + (count - 1)).is_loopback):
        raise ValueError(f"{count} addresses from {first} on are not all of this machine")
    return [
        replace(each, host=str(start + number), port=port)
        for number, each in enumerate(_numbered(count, 0, username, password, host=first))
    ]


def _numbered(
    count: int, base_port: int, username: str, password: str, *, host: str
) -> Iterator[Device]:
    """Make each camera from its number."""
    for number in range(count):
        octets = (0x02, 0x56, 0x50, number >> 16 & 255, number >> 8 & 255, number & 255)
        yield Device(
            host=host,
            port=base_port + number,
            serial=f"SIM-{number + 1:06d}",
            mac=":".join(f"{octet:02x}" for octet in octets),
            username=username,
            password=password,
        )
