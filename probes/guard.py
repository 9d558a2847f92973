"""Opens every socket of the probes, and only to addresses that are allowed."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from sys import intern
from typing import NamedTuple, TypeVar

from probes.target import Network

Protocol = TypeVar("Protocol", bound=asyncio.Protocol)
Address = IPv4Address | IPv6Address

# Translators make an IPv4 address of the last four bytes (RFC 6052, RFC 8215);
# so did the addresses "compatible" with IPv4, long deprecated (RFC 4291).
_CARRIERS = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
# Where clouds keep the keys of a machine, outside the link-local range: AWS, Azure, Alibaba.
_METADATA = frozenset(map(ip_address, ("fd00:ec2::254", "168.63.129.16", "100.100.100.200")))
_MOST_HOSTS = 1 << 17
_UNDER_WAY = frozenset({0, errno.EINPROGRESS})
# What connecting fails with where nobody on the way knows how to get there.
NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})


class BlockedAddress(Exception):
    """The address lies outside the allowed networks; nothing was sent to it."""

    def __init__(self, host: str, address: str) -> None:
        """Keep the address that was judged."""
        super().__init__(f"{host} leads to {address}, which is outside the allowed networks")
        self.address = address


class Literal(NamedTuple):
    """
    What is known of a host that is an address: its family, its neighbours, the judgement.

    Neighbours share one. `spelling` is the address in its one spelling, empty where the
    host is it: whatever has it is asked one at a time. On loopback each port is a device
    of its own, which `is_loopback` says.
    """

    family: socket.AddressFamily
    spelling: str
    is_loopback: bool
    subnet: str
    allowed: bool
    networks: tuple[Network, ...]


def is_allowed(address: Address, networks: tuple[Network, ...]) -> bool:
    """
    Judge one address.

    Loopback, link-local (where clouds keep their metadata), multicast and
    reserved addresses are refused unless an allowed network lies wholly among
    them: 0.0.0.0/0 opens the world, not this machine. An IPv6 address that
    carries an IPv4 one must be allowed as both: a gateway unpacks it.
    """
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_allowed(mapped, networks)
    if address.is_multicast or address.is_unspecified:
        return False
    if not all(is_allowed(each, networks) for each in _carried(address)):
        return False
    holding = [each for each in networks if address in each]
    for is_special, names_it in _SPECIAL:
        if is_special(address):
            return any(map(names_it, holding))
    return bool(holding) or not networks


# What is special about an address, and the networks that name it as such.
_SPECIAL: tuple[tuple[Callable[[Address], bool], Callable[[Network], bool]], ...] = (
    (lambda address: address.is_loopback, lambda network: network.is_loopback),
    (lambda address: address.is_link_local, lambda network: network.is_link_local),
    (lambda address: address.is_reserved, lambda network: network.is_reserved),
    (lambda address: address in _METADATA, lambda network: network.num_addresses == 1),
)


def _carried(address: Address) -> Iterator[IPv4Address]:
    """List the IPv4 addresses to which a tunnel or a translator would lead."""
    if isinstance(address, IPv4Address):
        return
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if not address.is_loopback and any(address in each for each in _CARRIERS):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


_literals: dict[str, Literal | None] = {}
_shared: dict[Literal, Literal] = {}


def literal(host: str, networks: tuple[Network, ...]) -> Literal | None:
    """Judge a host that is an address; none for a name, which is judged once resolved."""
    # A fleet's addresses are judged again every minute, always with the same result.
    known = _literals.get(host, _NEVER)
    if known is None or (known is not _NEVER and known.networks == networks):
        return known
    if len(_literals) >= _MOST_HOSTS:
        _literals.clear()
        _shared.clear()
    _literals[host] = made = _judge(host, networks)
    return made


_NEVER = Literal(socket.AF_UNSPEC, "", False, "", False, ())  # noqa: FBT003 - a mark


def _judge(host: str, networks: tuple[Network, ...]) -> Literal | None:
    """Judge a host as if for the first time."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    old = isinstance(address, IPv4Address)
    family = socket.AF_INET if old else socket.AF_INET6
    # Kept once for all the neighbours.
    subnet = intern(str(ip_network((int(address), 24 if old else 64), strict=False)))
    inner = getattr(address, "ipv4_mapped", None) or address
    spelled = str(inner)
    made = Literal(
        family,
        "" if spelled == host else spelled,
        inner.is_loopback,
        subnet,
        is_allowed(address, networks),
        networks,
    )
    return _shared.setdefault(made, made)


def begin(host: str, port: int, networks: tuple[Network, ...]) -> socket.SocketType:
    """
    Begin to connect to a host that is an address, and do not wait.

    The socket is plain and does not block: it is writable once it is connected.

    Raises:
        BlockedAddress: The address is not allowed.
        OSError: It cannot even be tried.
    """
    known = literal(host, networks)
    if known is None or not known.allowed:
        raise BlockedAddress(host, host)
    # The plain type of the C module: the class around it costs as much again.
    plain = socket.SocketType(known.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        failed = plain.connect_ex((host, port))
    except Exception:
        plain.close()
        raise
    if failed not in _UNDER_WAY:
        plain.close()
        raise OSError(failed, os.strerror(failed))
    return plain


async def _resolve(host: str, port: int, networks: tuple[Network, ...]) -> list[str]:
    """
    List the allowed addresses that a name stands for, in the resolver's order.

    Raises:
        BlockedAddress: None of them is allowed.
        socket.gaierror: The name is not known.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [each for each in addresses if is_allowed(ip_address(each), networks)]
    if not allowed:
        raise BlockedAddress(host, addresses[0])
    return allowed


async def dial(  # noqa: PLR0913 - a connection has this many sides
    host: str,
    port: int,
    factory: Callable[[], Protocol],
    *,
    networks: tuple[Network, ...],
    seconds: float,
    resolved: Callable[[], None] = lambda: None,
) -> tuple[asyncio.Transport, Protocol]:
    """
    Connect to a host, judging each address right before it is used.

    The name is never resolved twice, so that it cannot change its mind between
    the judgement and the connection (DNS rebinding).

    Args:
        host: A name, or an address without brackets.
        port: Its TCP port.
        factory: Makes the protocol that will speak on the connection.
        networks: Where the address may lie; see `is_allowed`.
        seconds: What the caller waits at most: shared out among the addresses of a
            name, so that a dead one hides no live one. The end itself is the caller's.
        resolved: Called once the name is resolved and about to be connected.

    Raises:
        BlockedAddress: No address of the host is allowed.
        OSError: No allowed address could be connected; the last one's error.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    known = literal(host, networks)
    if known is not None and not known.allowed:
        raise BlockedAddress(host, host)
    allowed = [host] if known else await _resolve(host, port, networks)
    resolved()
    for place, address in enumerate(allowed[:-1]):
        share = (end - loop.time()) / (len(allowed) - place)
        try:
            async with asyncio.timeout(share):
                return await loop.create_connection(factory, address, port)
        except OSError:
            continue
    return await loop.create_connection(factory, allowed[-1], port)
