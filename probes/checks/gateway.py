"""Asks whether a site's gateway is alive, to tell a dead camera from a dead link."""

import asyncio
import errno

from probes.guard import NO_ROUTE, dial
from probes.target import Network

_SILENCE = NO_ROUTE | {errno.ECONNABORTED}


async def is_alive(
    host: str, port: int, *, networks: tuple[Network, ...], timeout_seconds: float
) -> bool:
    """
    Tell whether a host answers TCP at all.

    A refused connection proves it alive as well as an accepted one: something
    had to refuse it.

    Raises:
        BlockedAddress: The address is not allowed.
        OSError: It could not be asked at all: our own side failed (no descriptor left,
            a name that does not resolve), and nothing is known.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            transport, _ = await dial(
                host, port, asyncio.Protocol, networks=networks, seconds=timeout_seconds
            )
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    except TimeoutError:
        return False
    except OSError as error:
        if error.errno not in _SILENCE:
            raise
        return False
    transport.abort()
    return True
