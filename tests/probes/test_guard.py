"""No socket is opened to an address that is not allowed."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import uvloop

from probes.guard import BlockedAddress, begin, dial, is_allowed, literal
from probes.target import Network
from tests.probes.conftest import LOOPBACK

TEN = (ip_network("10.0.0.0/8"),)
THREE = (ip_network("192.168.3.0/24"),)
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
    ("address", "inner"),
    [
        ("2002:7f00:1::1", "127.0.0.0/8"),
        ("2002:a9fe:a9fe::", "169.254.0.0/16"),
        ("64:ff9b::7f00:1", "127.0.0.0/8"),
        ("64:ff9b::a9fe:a9fe", "169.254.0.0/16"),
        ("64:ff9b:1::a9fe:a9fe", "169.254.0.0/16"),
        ("2001:0:a9fe:a9fe::1", "169.254.0.0/16"),
        ("2001:0:808:808::8001:1", "127.0.0.0/8"),
        ("::127.0.0.1", "127.0.0.0/8"),
    ],
)
def test_an_address_within_an_address_is_judged_too(address: str, inner: str) -> None:
    """A tunnel or a translator would lead to this machine, or to its cloud's keys."""
    carrier = ip_network(f"{address}/128")

    assert not is_allowed(ip_address(address), WORLD)
    assert not is_allowed(ip_address(address), (*WORLD, carrier))
    assert not is_allowed(ip_address(address), (ip_network(inner),))


def test_a_translated_address_is_reached_where_both_are_named() -> None:
    """An operator behind NAT64 names its prefix, and the network behind it."""
    prefix = ip_network("64:ff9b::/96")

    assert is_allowed(ip_address("64:ff9b::10.1.2.3"), (*TEN, prefix))
    assert not is_allowed(ip_address("64:ff9b::10.1.2.3"), (prefix,))
    assert not is_allowed(ip_address("64:ff9b::192.168.1.1"), (*TEN, prefix))


@pytest.mark.parametrize("address", ["fd00:ec2::254", "168.63.129.16", "100.100.100.200"])
def test_a_metadata_address_is_opened_by_its_own_name_alone(address: str) -> None:
    """They lie in networks that a register allows with good reason, such as fc00::/7."""
    wide = ip_network("fc00::/7"), ip_network("100.64.0.0/10"), ip_network("168.0.0.0/8")

    assert not is_allowed(ip_address(address), wide)
    assert not is_allowed(ip_address(address), ())
    assert is_allowed(ip_address(address), (ip_network(address),))


def test_a_zone_changes_nothing_about_an_address() -> None:
    """fe80::1%eth0 is link-local all the same."""
    assert not is_allowed(ip_address("fe80::1%eth0"), WORLD)
    assert not is_allowed(ip_address("::1%lo"), WORLD)
    assert is_allowed(ip_address("fe80::1%eth0"), (ip_network("fe80::/10"),))


@pytest.mark.parametrize(
    ("host", "subnet"),
    [("10.1.2.3", "10.1.2.0/24"), ("2001:db8::5:0:0:1", "2001:db8::/64"), ("::5", "::/64")],
)
def test_an_address_has_neighbours(host: str, subnet: str) -> None:
    """They share a cap on how many are asked at once."""
    known = literal(host, ())

    assert known is not None
    assert known.subnet == subnet


def test_neighbours_share_what_is_known_of_them() -> None:
    """A fleet of 100,000 holds one judgement a subnet, not one a camera."""
    assert literal("10.1.7.3", TEN) is literal("10.1.7.4", TEN)
    assert literal("10.1.7.3", TEN) is not literal("10.1.8.3", TEN)


def test_one_device_has_one_spelling() -> None:
    """An address that carries another is asked in turn with it."""
    plain, carried, own = (literal(host, TEN) for host in ("10.1.7.3", "::ffff:10.1.7.3", "::1"))

    assert plain is not None
    assert carried is not None
    assert own is not None
    assert (plain.spelling, carried.spelling) == ("", "10.1.7.3")
    assert (plain.is_loopback, own.is_loopback) == (False, True)


def test_a_judgement_holds_for_its_networks_only() -> None:
    """The register may change them at any time."""
    assert [literal("10.1.2.3", each).allowed for each in (TEN, (), THREE, TEN)] == [  # type: ignore[union-attr]
        True,
        True,
        False,
        True,
    ]
    assert literal("camera.example", TEN) is None


def test_a_connection_begun_is_judged_first() -> None:
    """The quick way passes the same guard."""
    for host in ("127.0.0.1", "camera.example"):
        with pytest.raises(BlockedAddress):
            begin(host, 9, TEN)


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
            await dial(
                "127.0.0.1", listener.getsockname()[1], asyncio.Protocol, networks=TEN, seconds=1
            )

        with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1"):
            uvloop.run(run())
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_name_is_judged_by_what_it_leads_to() -> None:
    """A name that points inside is refused like the address itself (DNS rebinding)."""

    async def run() -> None:
        await dial("localhost", 9, asyncio.Protocol, networks=TEN, seconds=1)

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
                seconds=1,
            )
            peer = str(transport.get_extra_info("peername")[0])
            transport.abort()
            return peer

        assert uvloop.run(run()) == "127.0.0.1"


class Names(uvloop.Loop):
    """A loop whose resolver gives every name two addresses: 127.0.0.2 and 127.0.0.1."""

    async def getaddrinfo(self, host: object, port: object, **_: object) -> Any:  # noqa: ANN401 - as asyncio
        """Resolve a name."""
        del host
        hosts = "127.0.0.2", "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in hosts]


@contextmanager
def dark(host: str, port: int) -> Iterator[None]:
    """Fill a queue that nobody empties: the kernel drops every further SYN."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(2):
            plug = stack.enter_context(socket.socket())
            plug.settimeout(0)
            plug.connect_ex((host, port))
        yield


def test_a_dead_address_of_a_name_hides_no_live_one() -> None:
    """A name may have an old IPv6 address before its IPv4 one: the time is shared out."""
    seconds = 1.0

    async def run(port: int) -> str:
        async with asyncio.timeout(seconds):
            transport, _ = await dial(
                "camera.example", port, asyncio.Protocol, networks=LOOPBACK, seconds=seconds
            )
        peer = str(transport.get_extra_info("peername")[0])
        transport.abort()
        return peer

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with dark("127.0.0.2", port), asyncio.Runner(loop_factory=Names) as runner:
            assert runner.run(run(port)) == "127.0.0.1"
