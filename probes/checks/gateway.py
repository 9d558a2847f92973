"""Asks whether a site's gateway is alive, to tell a dead camera from a dead link."""

import asyncio

from probes.guard import dial
from probes.target import Network


async def is_alive(
    host: str, port: int, *, networks: tuple[Network, ...], timeout_seconds: float
) -> bool:
    """
    Tell whether a host answers TCP at all.

    A refused connection proves it alive as well as an accepted one: something
    had to refuse it.

    Raises:
        BlockedAddress: The address is not allowed.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            transport, _ = await dial(host, port, asyncio.Protocol, networks=networks)
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    except OSError:
        return False
    transport.abort()
    return True
