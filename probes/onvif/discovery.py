"""
Calls for devices on the networks of a zone, and reads whoever answers.

WSDiscovery asks: its threads, sockets and repeats are those of the standard. The
answers are read here, because it drops a device whose answer is odd (an empty
endpoint, no version), mixes up those that give the same one, and would follow a
stranger's Hello to another address. Source: WS-Discovery (2005/04), as ONVIF Core
section 7 uses it.
"""

# WSDiscovery and ifaddr are typed in part.
# mypy: disable-error-code="no-untyped-call,misc"

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from urllib.parse import urlsplit

import ifaddr
from wsdiscovery import QName  # type: ignore[import-untyped]
from wsdiscovery.actions import constructProbe  # type: ignore[import-untyped]
from wsdiscovery.threaded import (  # type: ignore[import-untyped]
    MULTICAST_IPV4_ADDRESS,
    MULTICAST_IPV6_ADDRESS,
    MULTICAST_PORT,
    NetworkingThreadIPv4,
    NetworkingThreadIPv6,
)

from probes.guard import Address, is_allowed
from probes.onvif.document import Element, local_name, open_document
from probes.target import Network
from probes.verdict import Unusable, sanitise

_TYPES = (
    ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter", "dn"),
    ("http://www.onvif.org/ver10/device/wsdl", "Device", "tds"),
)
_PORTS = {"http": 80, "https": 443}
_PATH = "/onvif/device_service"
# An answer is one datagram; a network of 10,000 devices is no reason to keep more.
_MOST_ANSWERS = 20_000
_MOST_BYTES = 64 * 1024
_MOST_TEXT = 4096
_MOST_ADDRESSES = 16


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of this machine, and the network on its other side."""

    address: Address
    network: Network


@dataclass(frozen=True, slots=True)
class Found:
    """
    One device that answered.

    `endpoint` is the name that it gives itself, empty or anonymous on some makes.
    `addresses` are where it may be asked, the likeliest first; none of them is
    believed before it was probed. `source` is where its answer came from.
    """

    endpoint: str
    source: str
    addresses: tuple["Door", ...]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Door:
    """One place where a device says that it may be asked."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        """Write it as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def interfaces_within(networks: tuple[Network, ...]) -> list[Interface]:
    """List this machine's addresses that lie in the networks of a zone."""
    return [each for each in _interfaces() if networks and is_allowed(each.address, networks)]


def discover(
    interfaces: Sequence[Interface], *, networks: tuple[Network, ...], seconds: float
) -> list[Found]:
    """
    Ask on some interfaces who is there, and wait so long for answers.

    Args:
        interfaces: Where to ask; none of them outside the zone.
        networks: Of the zone: what lies elsewhere is left out of the addresses.
        seconds: How long to listen; the question is repeated meanwhile.

    Raises:
        OSError: The port of WS-Discovery cannot be listened to.
    """
    ears = [
        ear
        for ear, version in ((_EarIPv4, 4), (_EarIPv6, 6))
        if any(each.address.version == version for each in interfaces)
    ]
    heard: list[tuple[bytes, str]] = []
    threads = [ear(heard) for ear in ears]
    try:
        for thread in threads:
            thread.start()
            thread.ask(interfaces)
        time.sleep(seconds)
    finally:
        for thread in threads:
            thread.hang_up()
    answers = dict.fromkeys(heard)
    return _merged(
        found
        for data, source in answers
        for found in read_answer(data, source, interfaces=interfaces, networks=networks)
    )


def read_answer(
    data: bytes,
    source: str,
    *,
    interfaces: Sequence[Interface],
    networks: tuple[Network, ...],
) -> Iterator[Found]:
    """Read one datagram: the devices that it tells of, none if it is no answer."""
    if len(data) > _MOST_BYTES:
        return
    try:
        root = open_document(data).root
    except Unusable:
        return
    for match in root.iter("*"):
        if local_name(match) == "ProbeMatch":
            doors = _doors(_text(match, "XAddrs").split(), source)
            ranked = sorted(
                (door for door in doors if _may_be_asked(door, networks)),
                key=lambda door: _rank(door, interfaces),
            )
            yield Found(
                sanitise(_text(match, "Address")),
                source,
                tuple(dict.fromkeys(ranked)),
                tuple(map(sanitise, _text(match, "Scopes").split()[:64])),
            )


class _Ear:
    """What both families of addresses share: a question, and bytes that come back."""

    multicast = ""
    version = 0

    def __init__(self, heard: list[tuple[bytes, str]]) -> None:
        self._capture = self._relates_to = None
        self.ttl = 1
        self._heard = heard
        super().__init__(self)  # type: ignore[call-arg]  # the library's thread, whose owner it is

    def ask(self, interfaces: Sequence[Interface]) -> None:
        """Send the question out of every interface; the library repeats it."""
        for each in interfaces:
            if each.address.version == self.version:
                self.addSourceAddr(each.address)  # type: ignore[attr-defined]
        types = [QName(*each) for each in _TYPES]
        for kind in types:
            # One type a question: a device answers only if it has all that are asked for.
            probe = constructProbe([kind], None)
            self.addMulticastMessage(  # type: ignore[attr-defined]
                probe, self.multicast, MULTICAST_PORT
            )

    def hang_up(self) -> None:
        """Stop, and close every socket."""
        self._queue.clear()  # type: ignore[attr-defined]
        self.schedule_stop()  # type: ignore[attr-defined]
        self.join()  # type: ignore[attr-defined]
        self._selector.close()  # type: ignore[attr-defined]

    def _recvMessages(self) -> None:  # noqa: N802 - the library's name
        """Keep what comes, unread: its own reader drops what is odd."""
        for key, _ in self._selector.select(0):  # type: ignore[attr-defined]
            try:
                data, address = key.fileobj.recvfrom(_MOST_BYTES)
            except OSError:
                time.sleep(0.01)
                continue
            if len(self._heard) < _MOST_ANSWERS:
                self._heard.append((data, address[0]))


class _EarIPv4(_Ear, NetworkingThreadIPv4):
    multicast, version = MULTICAST_IPV4_ADDRESS, 4


class _EarIPv6(_Ear, NetworkingThreadIPv6):
    multicast, version = MULTICAST_IPV6_ADDRESS, 6


def _interfaces() -> Iterator[Interface]:
    """List every address of this machine with its network."""
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            bare = each.ip if isinstance(each.ip, str) else each.ip[0]
            network = ip_interface(f"{bare}/{each.network_prefix}").network
            # The library reads an IPv6 interface's number from the address's scope.
            scoped = bare if isinstance(each.ip, str) else f"{bare}%{adapter.index}"
            yield Interface(ip_address(scoped), network)


def _merged(found: Iterator[Found]) -> list[Found]:
    """Put together what one device said on several interfaces, or to both questions."""
    by_device: dict[tuple[str, object], Found] = {}
    for each in found:
        # An endpoint that is empty or anonymous names nobody: then its doors do.
        named = each.endpoint.lower().startswith("urn:uuid:")
        key = (each.endpoint, None) if named else ("", each.addresses or each.source)
        known = by_device.get(key)
        doors = dict.fromkeys((*known.addresses, *each.addresses) if known else each.addresses)
        by_device[key] = Found(each.endpoint, each.source, tuple(doors), each.scopes)
    return list(by_device.values())


def _text(match: Element, name: str) -> str:
    """Give the text of the first element of this name, blanks kept."""
    for each in match.iter("*"):
        if local_name(each) == name:
            return "".join(map(str, each.itertext()))[:_MOST_TEXT]
    return ""


def _doors(urls: Sequence[str], source: str) -> Iterator[Door]:
    """Read addresses; behind an address translation, the source of the answer is one as well."""
    for url in urls[:_MOST_ADDRESSES]:
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            continue
        if parts.scheme in _PORTS and parts.hostname and port:
            path = parts.path if parts.path.startswith("/") else _PATH
            yield Door(parts.scheme, parts.hostname, port, path)
            yield Door(parts.scheme, source.partition("%")[0], port, path)
    if not urls:
        yield Door("http", source.partition("%")[0], _PORTS["http"], _PATH)


def _may_be_asked(door: Door, networks: tuple[Network, ...]) -> bool:
    """Judge an address by the networks of the zone; names are not followed."""
    try:
        return is_allowed(ip_address(door.host), networks)
    except ValueError:
        return False


def _rank(door: Door, interfaces: Sequence[Interface]) -> tuple[int, str, int]:
    """Put same subnet before other IPv4, before IPv6, before link-local; plain before TLS."""
    address = ip_address(door.host)
    if address.is_link_local:
        rank = 3
    elif isinstance(address, IPv4Address):
        rank = 0 if any(_faces(each, address) for each in interfaces) else 1
    else:
        rank = 2
    return rank, door.scheme, door.port


def _faces(interface: Interface, address: IPv4Address | IPv6Address) -> bool:
    return interface.network.version == address.version and address in interface.network
