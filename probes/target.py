"""Says which device to ask, how, and what the register expects there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from probes.verdict import Identity

Network = IPv4Network | IPv6Network
# The registered device, the MAC of the last inventory, serials seen on many devices.
Basis = tuple["Identity | None", str, frozenset[str]]

_NAME = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+\Z")
_PATH = re.compile(r"/[!-~]{0,511}\Z")
_PIN = re.compile(r"pin:[0-9a-f]{64}\Z")
_LONGEST_TIMEOUT_SECONDS = 120


class InvalidTarget(ValueError):
    """A target cannot be probed as it stands; `field` names what is wrong."""

    def __init__(self, name: str, expected: str) -> None:
        """Name the field and what was expected there."""
        super().__init__(f"{name}: {expected}")
        self.field = name
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Requests:
    """
    The bytes of the two questions, cut from the standard's own files.

    `signed` is the second question with WS-UsernameToken, in the five pieces
    around user name, digest, nonce and instant of creation.
    """

    clock: bytes
    clock_action: str
    identity: bytes
    identity_action: str
    signed: tuple[bytes, bytes, bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """
    One device to probe.

    Args:
        tls_verify: `ca`, `off`, `pin:` and the certificate's SHA-256, or `pin` where
            the first certificate seen is to become the pin.
        password_text: Whether the password may travel in the clear, which is allowed
            only inside TLS that was verified.
        networks: Where the address may lie; empty allows any ordinary one.
        site: Cameras with the same site share its uplink, hence a cap; empty
            means no site.
        expected: The registered device; none when nothing is registered.
        inventory_mac: The MAC that the last inventory read there; it tells units
            apart whose serial says nothing.
        common_serials: Serials, normalised, that are seen on many devices.
        send_credentials: False once the device has refused them: cameras lock
            accounts.
        refusal: What it said then (an Issue); it holds as long as nothing is sent.
        verify_authentication: Prove that the device refuses without credentials.
        authentication_known: What an earlier probe proved (an Authentication).
        timeout_seconds: For the whole probe, both attempts together.
    """

    key: int
    host: str
    port: int = 80
    path: str = "/onvif/device_service"
    scheme: str = "http"
    tls_verify: str = "ca"
    username: str = ""
    password: str = field(default="", repr=False)
    password_text: bool = False
    networks: tuple[Network, ...] = ()
    site: str | int = ""
    expected: Identity | None = None
    inventory_mac: str = ""
    common_serials: frozenset[str] = frozenset()
    send_credentials: bool = True
    refusal: str = "auth_failed"
    verify_authentication: bool = False
    authentication_known: str = "none"
    timeout_seconds: float = 10.0
    gateway_host: str = ""
    gateway_port: int = 80

    def __post_init__(self) -> None:
        """
        Refuse what could only fail later, in the loop.

        Raises:
            InvalidTarget: It names the field.
        """
        _require(self.host and is_host(self.host), "host", "a host name or an IP address")
        _require(0 < self.port < 1 << 16, "port", "a number from 1 to 65535")
        _require(_PATH.match(self.path), "path", "an absolute path in ASCII")
        _require(self.scheme in {"http", "https"}, "scheme", "http or https")
        _require(
            self.tls_verify in {"ca", "off", "pin"} or _PIN.match(self.tls_verify),
            "tls_verify",
            "ca, off, pin, or pin: and the SHA-256 of the certificate in lower-case hex",
        )
        _require(
            not self.password_text
            or (self.scheme == "https" and self.tls_verify not in {"off", "pin"}),
            "password_text",
            "https with a verified certificate",
        )
        _require(self.username.isprintable(), "username", "no control characters")
        _require(
            all(isinstance(each, Network) for each in self.networks),
            "networks",
            "IP networks",
        )
        _require(
            0 < self.timeout_seconds <= _LONGEST_TIMEOUT_SECONDS,
            "timeout_seconds",
            f"more than 0 and at most {_LONGEST_TIMEOUT_SECONDS}",
        )
        _require(
            not self.gateway_host or is_host(self.gateway_host),
            "gateway_host",
            "a host name or an IP address",
        )
        _require(0 < self.gateway_port < 1 << 16, "gateway_port", "a number from 1 to 65535")

    @property
    def device(self) -> tuple[str, int]:
        """The address at which the device answers; it is asked by one probe at a time."""
        return self.host, self.port

    @property
    def basis(self) -> Basis:
        """What the device that answers is compared with."""
        return self.expected, self.inventory_mac, self.common_serials

    def to_dict(self) -> dict[str, Any]:
        """Give the target as plain values, without the password."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        plain["networks"] = [str(each) for each in self.networks]
        plain["expected"] = self.expected.to_dict() if self.expected else None
        plain["common_serials"] = sorted(self.common_serials)
        return plain

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], *, expected: Identity | None = None, password: str = ""
    ) -> Self:
        """
        Read back what `to_dict` wrote.

        The password travels apart, sealed; the registered identity is read by
        the caller, because it is a word of the verdict.
        """
        plain = {name: data[name] for name in _PLAIN}
        networks = tuple(ip_network(each) for each in data["networks"])
        return cls(
            **plain,
            networks=networks,
            common_serials=frozenset(data["common_serials"]),
            expected=expected,
            password=password,
        )


@dataclass(frozen=True, slots=True)
class RtspTarget:
    """The video server of one device, asked for nothing but its methods."""

    key: int
    host: str
    port: int = 554
    path: str = "/"
    networks: tuple[Network, ...] = ()
    timeout_seconds: float = 5.0

    def __post_init__(self) -> None:
        """
        Refuse what could only fail later, in the loop.

        Raises:
            InvalidTarget: It names the field.
        """
        _require(self.host and is_host(self.host), "host", "a host name or an IP address")
        _require(0 < self.port < 1 << 16, "rtsp_port", "a number from 1 to 65535")
        _require(_PATH.match(self.path), "rtsp_path", "an absolute path in ASCII")


_PLAIN = tuple(
    name
    for name in Target.__dataclass_fields__
    if name not in {"password", "networks", "expected", "common_serials"}
)


def _require(holds: object, name: str, expected: str) -> None:
    """Raise for the named field unless the condition holds."""
    if not holds:
        raise InvalidTarget(name, expected)


def is_host(text: str) -> bool:
    """Tell whether a text is an IP address without brackets, or a host name."""
    try:
        ip_address(text)
    except ValueError:
        # A name of digits and dots alone is a mistyped address (10.0.0.256).
        return bool(_NAME.match(text)) and not re.fullmatch(r"[0-9.]+", text)
    return True
