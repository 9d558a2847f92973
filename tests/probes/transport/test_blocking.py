"""A conversation from a thread is held to the rules of a probe."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import count
from time import monotonic
from typing import TypeVar

import pytest
import uvloop

from probes.guard import BlockedAddress
from probes.simulator import Device, Fault, Simulation, http
from probes.target import Requests, Target
from probes.transport.blocking import Poster
from probes.transport.link import Dropped
from probes.transport.tls import Contexts
from probes.verdict import Reason, Unusable
from tests.probes.conftest import LOOPBACK

Result = TypeVar("Result")
MOST = 100_000


def converse(
    device: Device,
    talk: Callable[[Poster], Result],
    *,
    seconds: float = 5,
    most: int = MOST,
    allowed: str = "127.0.0.0/8",
) -> Result:
    """Hold a conversation with a simulated camera, in a thread."""

    async def run() -> Result:
        async with Simulation([device]) as simulation:
            (port,) = simulation.ports
            return await asyncio.to_thread(
                work, port, talk, seconds=seconds, most=most, allowed=allowed
            )

    return uvloop.run(run())


def work(
    port: int,
    talk: Callable[[Poster], Result],
    *,
    seconds: float = 5,
    most: int = MOST,
    allowed: str = "127.0.0.0/8",
) -> Result:
    """Talk to whoever listens on a port, from the thread that calls."""
    networks = (ip_network(allowed),)
    target = Target(1, "127.0.0.1", port, username="admin", password="pw", networks=networks)
    with Poster(
        target, contexts=Contexts(), now=lambda: datetime.now(UTC), seconds=seconds, most=most
    ) as poster:
        return talk(poster)


def test_several_questions_share_a_conversation(requests: Requests) -> None:
    """Nothing of it outlives its context."""

    def twice(poster: Poster) -> list[int]:
        ask = requests.clock, requests.clock_action
        return [poster.post(*ask).status, poster.post(*ask).status]

    assert converse(Device(), twice) == [200, 200]


def test_a_challenge_is_answered_with_digest(requests: Requests) -> None:
    """And the device lets in who knows the password."""
    device = Device(password="pw", fault=Fault.HTTP_DIGEST)

    def ask(poster: Poster) -> tuple[bool, int]:
        refused = poster.post(requests.identity, requests.identity_action)
        passed = poster.post_with_digest(requests.identity, requests.identity_action)
        return poster.wants_digest(refused), passed.status

    assert converse(device, ask) == (True, 200)


@pytest.mark.parametrize("drops", [1, 2])
def test_a_digest_without_an_answer_is_made_anew_and_once(requests: Requests, drops: int) -> None:
    """To a fresh challenge: the device may have read the first, and counts the second."""
    nonces: list[bytes] = []
    challenges = count(1)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await reader.read(4096):
            answered = re.search(rb'Digest .*nonce="(\d)"', asked)
            if answered is None:
                extra = f'WWW-Authenticate: Digest realm="r", nonce="{next(challenges)}"\r\n'
                writer.write(http.written(401, b"", extra=extra))
                continue
            nonces.append(answered[1])
            if len(nonces) <= drops:
                break
            writer.write(http.written(200, b"in"))
        writer.close()

    def talk(poster: Poster) -> int:
        try:
            return poster.post_with_digest(requests.identity, "").status
        except Dropped:
            return 0

    async def run() -> int:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            return await asyncio.to_thread(work, server.sockets[0].getsockname()[1], talk)

    assert uvloop.run(run()) == (200 if drops == 1 else 0)
    assert nonces == [b"1", b"2"]


def test_a_reply_has_no_more_bytes_than_it_may(requests: Requests) -> None:
    """The cap is the caller's."""
    device = Device(fault=Fault.TOO_LARGE)

    with pytest.raises(Unusable) as refused:
        converse(device, lambda poster: poster.post(requests.clock, ""), most=MOST)

    assert refused.value.reason is Reason.TOO_LARGE
    whole = converse(device, lambda poster: poster.post(requests.clock, ""), most=1 << 21)
    assert len(whole.body) == 1 << 20


def test_an_address_outside_the_allowed_networks_is_not_dialled() -> None:
    """The guard stands before this socket as before every other."""
    with pytest.raises(BlockedAddress):
        converse(Device(), lambda _: None, allowed="10.0.0.0/8")


def test_bytes_that_drip_buy_no_time(requests: Requests) -> None:
    """One deadline runs over the whole conversation."""
    began = monotonic()

    with pytest.raises(TimeoutError):
        converse(
            Device(fault=Fault.SLOW_DRIP),
            lambda poster: poster.post(requests.clock, ""),
            seconds=0.5,
        )

    assert monotonic() - began < 5


def test_a_device_that_refuses_raises_at_the_door() -> None:
    """The caller learns it before it asks anything."""
    with pytest.raises(ConnectionRefusedError):
        converse(Device(fault=Fault.REFUSE), lambda _: None)


def test_loopback_needs_to_be_allowed() -> None:
    """As for the tests, where it is."""
    assert converse(Device(), lambda poster: poster.trusted, allowed=str(LOOPBACK[0]))
