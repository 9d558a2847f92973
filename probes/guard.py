"""Opens every socket of the probes, and only to addresses that are allowed."""

import asyncio
import socket
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeVar

from probes.target import Network

Protocol = TypeVar("Protocol", bound=asyncio.Protocol)
Address = IPv4Address | IPv6Address


class BlockedAddress(Exception):
    """The address lies outside the allowed networks; nothing was sent to it."""

    def __init__(self, host: str, address: str) -> None:
        """Keep the address that was judged."""
        super().__init__(f"{host} leads to {address}, which is outside the allowed networks")
        self.address = address


def is_allowed(address: Address, networks: tuple[Network, ...]) -> bool:
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


# A fleet's addresses are judged again every minute, always with the same result.
@lru_cache(maxsize=1 << 17)
def _literal(host: str, networks: tuple[Network, ...]) -> bool | None:
    """Judge a host that is an address; none for a name, which is judged once resolved."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return is_allowed(address, networks)


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


async def dial(
    host: str,
    port: int,
    factory: Callable[[], Protocol],
    *,
    networks: tuple[Network, ...],
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
    verdict = _literal(host, networks)
    if verdict is False:
        raise BlockedAddress(host, host)
    allowed = [host] if verdict else await _resolve(host, port, networks)
    resolved()
    loop = asyncio.get_running_loop()
    for address in allowed[:-1]:
        try:
            return await loop.create_connection(factory, address, port)
        except OSError:
            continue
    return await loop.create_connection(factory, allowed[-1], port)
