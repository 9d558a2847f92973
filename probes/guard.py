"""Opens every socket of the probes, and only to addresses that are allowed."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeVar

from probes.target import Network

Protocol = TypeVar("Protocol", bound=asyncio.Protocol)
Address = IPv4Address | IPv6Address


class BlockedAddress(Exception):
    """The address lies outside the allowed networks; nothing was sent to it."""

    def __init__(self, host: str, address: Address) -> None:
        """Keep the address that was judged."""
        super().__init__(f"{host} leads to {address}, which is outside the allowed networks")
        self.address = address


def is_allowed(address: Address, networks: Iterable[Network]) -> bool:
    """
    Judge one address.

    Loopback, link-local (where clouds keep their metadata), multicast and
    reserved addresses are refused unless an allowed network lies wholly among
    them: 0.0.0.0/0 opens the world, not this machine.
    """
    inner = getattr(address, "ipv4_mapped", None) or address
    holding = [each for each in networks if inner in each]
    if inner.is_multicast or inner.is_unspecified:
        return False
    if inner.is_loopback:
        return any(each.is_loopback for each in holding)
    if inner.is_link_local:
        return any(each.is_link_local for each in holding)
    if inner.is_reserved:
        return any(each.is_reserved for each in holding)
    return bool(holding) or not networks


async def addresses(host: str, port: int) -> list[Address]:
    """
    List the addresses that a host stands for, in the resolver's order.

    Raises:
        socket.gaierror: The name is not known.
    """
    try:
        return [ip_address(host)]
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


async def dial(
    host: str,
    port: int,
    factory: Callable[[], Protocol],
    *,
    networks: Iterable[Network],
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
        resolved: Called once the name is resolved and about to be connected.

    Raises:
        BlockedAddress: No address of the host is allowed.
        OSError: No allowed address could be connected; the last one's error.
    """
    found = await addresses(host, port)
    allowed = [each for each in found if is_allowed(each, networks)]
    if not allowed:
        raise BlockedAddress(host, found[0])
    resolved()
    loop = asyncio.get_running_loop()
    for address in allowed[:-1]:
        try:
            return await loop.create_connection(factory, str(address), port)
        except OSError:
            continue
    return await loop.create_connection(factory, str(allowed[-1]), port)
