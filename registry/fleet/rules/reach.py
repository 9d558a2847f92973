"""Where a camera may be reached, and how it may be asked: zones, networks, options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import MappingProxyType

from probes.guard import is_allowed
from probes.target import Network

LOCAL = "local"
# Where the first certificate seen is to be pinned; `pin:` and its SHA-256 once it is.
PIN_FIRST = "pin"
PINNED = "pin:"


@dataclass(frozen=True, slots=True)
class Zones:
    """
    The zones of this service, and in which networks the cameras of each may lie.

    Args:
        networks: By zone; no networks at all allow any ordinary address.
    """

    networks: Mapping[str, tuple[Network, ...]]

    @classmethod
    def only(cls, *networks: Network) -> "Zones":
        """Return the zones of a service that has but the local one."""
        return cls(MappingProxyType({LOCAL: networks}))

    @property
    def everywhere(self) -> tuple[Network, ...]:
        """The networks of all zones together."""
        return tuple(dict.fromkeys(each for of in self.networks.values() for each in of))

    def allowed(self, zone: str, own: str = "") -> tuple[Network, ...]:
        """
        Return where the cameras of a site may lie: in its own networks, else its zone's.

        Args:
            zone: The zone of the site, a known one.
            own: The site's networks as the register keeps them; see `parse_networks`.
        """
        return parse_networks(own) or self.networks[zone]


@dataclass(frozen=True, slots=True)
class Reach:
    """How one camera is to be reached, its site's part included, as the register has it."""

    zone: str
    networks: str
    host: str
    scheme: str
    tls_verify: str
    password_text: bool


@dataclass(frozen=True, slots=True)
class Misfit:
    """A field that does not fit the others: its name, its value, and the code of why."""

    field: str
    value: str
    code: str
    parameters: Mapping[str, str]


def misfits(reach: Reach, zones: Zones) -> Iterator[Misfit]:
    """Find what, right in itself, cannot stand beside the rest of a camera's options."""
    if reach.zone not in zones.networks:
        known = ", ".join(zones.networks)
        yield Misfit("zone", reach.zone, "zone.unknown", {"known": known})
        return
    networks = zones.allowed(reach.zone, reach.networks)
    if not may_be_dialled(reach.host, networks):
        yield Misfit("host", reach.host, "host.blocked", {"networks": _said(networks)})
    # A password in the clear inside TLS is as safe as the certificate: no safer.
    if reach.password_text and (reach.scheme != "https" or reach.tls_verify == "off"):
        yield Misfit("password_text", "", "password_text.exposed", {})


def stray_networks(zone: str, own: str, zones: Zones) -> Iterator[Misfit]:
    """Find the networks of a site that lie outside those of its zone."""
    outer = zones.networks[zone]
    for network in parse_networks(own):
        if outer and not any(_holds(each, network) for each in outer):
            yield Misfit("networks", str(network), "networks.stray", {"networks": _said(outer)})


@lru_cache(maxsize=4096)
def parse_networks(text: str) -> tuple[Network, ...]:
    """
    Read networks separated by commas, semicolons or spaces.

    Raises:
        ValueError: One of them is no network in CIDR notation.
    """
    return tuple(ip_network(each) for each in text.replace(",", " ").replace(";", " ").split())


def write_networks(networks: tuple[Network, ...]) -> str:
    """Write networks the way the register keeps them."""
    return _said(networks)


def _said(networks: tuple[Network, ...]) -> str:
    return ", ".join(map(str, networks))


# An import judges an address for its cell, and again beside its site.
@lru_cache(maxsize=16_384)
def may_be_dialled(host: str, networks: tuple[Network, ...]) -> bool:
    """Judge an address; a name is judged when it is dialled, on what it leads to."""
    try:
        return not host or is_allowed(ip_address(host), networks)
    except ValueError:
        return True


def _holds(outer: Network, inner: Network) -> bool:
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False
