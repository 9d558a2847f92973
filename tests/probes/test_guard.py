"""No socket is opened to an address that is not allowed."""

import asyncio
import socket
from ipaddress import ip_address, ip_network

import pytest
import uvloop

from probes.guard import BlockedAddress, dial, is_allowed
from probes.target import Network

TEN = (ip_network("10.0.0.0/8"),)
WORLD = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@pytest.mark.parametrize(
    ("address", "networks", "expected"),
    [
        ("10.1.2.3", TEN, True),
        ("192.168.1.1", TEN, False),
        ("192.168.1.1", (), True),
        ("8.8.8.8", WORLD, True),
        ("::ffff:10.1.2.3", TEN, True),
        ("2001:db8::1", (ip_network("2001:db8::/32"),), True),
    ],
)
def test_an_ordinary_address_is_judged_by_the_networks(
    address: str, networks: tuple[Network, ...], *, expected: bool
) -> None:
    """An empty list allows what is ordinary; a list allows what it holds."""
    assert is_allowed(ip_address(address), networks) is expected


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "::",
        "224.0.0.1",
        "ff02::1",
        "240.0.0.1",
    ],
)
def test_a_special_address_is_refused_even_if_the_world_is_allowed(address: str) -> None:
    """Loopback, metadata and the like are opened by name, never by 0.0.0.0/0."""
    assert not is_allowed(ip_address(address), WORLD)
    assert not is_allowed(ip_address(address), ())


@pytest.mark.parametrize(
    ("address", "network"),
    [("127.3.2.1", "127.0.0.0/8"), ("169.254.7.7", "169.254.0.0/16"), ("::1", "::1/128")],
)
def test_a_special_address_is_allowed_by_a_network_of_its_kind(address: str, network: str) -> None:
    """The demo runs on loopback because its settings say so."""
    assert is_allowed(ip_address(address), (ip_network(network),))


def test_a_blocked_address_gets_no_connection() -> None:
    """The refusal comes before the socket, not after."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)

        async def run() -> None:
            await dial("127.0.0.1", listener.getsockname()[1], asyncio.Protocol, networks=TEN)

        with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1"):
            uvloop.run(run())
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_name_is_judged_by_what_it_leads_to() -> None:
    """A name that points inside is refused like the address itself (DNS rebinding)."""

    async def run() -> None:
        await dial("localhost", 9, asyncio.Protocol, networks=TEN)

    with pytest.raises(BlockedAddress, match="localhost leads to"):
        uvloop.run(run())


def test_a_name_of_allowed_addresses_is_connected() -> None:
    """The first allowed address that answers is taken."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def run() -> str:
            transport, _ = await dial(
                "localhost",
                listener.getsockname()[1],
                asyncio.Protocol,
                networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
            )
            peer = str(transport.get_extra_info("peername")[0])
            transport.abort()
            return peer

        assert uvloop.run(run()) == "127.0.0.1"
