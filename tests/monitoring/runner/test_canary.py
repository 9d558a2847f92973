"""The canary: a cut at our own end is not an outage of every camera."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from probes.verdict import Health, Reason, Verdict
from registry.monitoring.rules import is_suspicious
from registry.monitoring.runner import Canaries, Canary
from tests.conftest import NOON

LOOPBACK = (ip_network("127.0.0.0/8"),)
HERE = "127.0.0.1"


def verdicts(failed: int, passed: int = 0) -> list[Verdict]:
    """Return the verdicts of so many cameras."""
    down = [Verdict(key, NOON, Health.DOWN, Reason.CONNECT_TIMEOUT) for key in range(failed)]
    return [*down, *(Verdict(100 + key, NOON, Health.UP) for key in range(passed))]


def canary(host: str, port: int = 9, *, interval_seconds: float = 60) -> Canary:
    """Return a canary that has a fifth of a second to answer."""
    return Canary(
        host,
        port,
        networks=LOOPBACK,
        interval_seconds=interval_seconds,
        timeout_seconds=0.2,
    )


def heard(keys: range, health: Health) -> list[Verdict]:
    """Return one verdict of each camera of a zone."""
    return [Verdict(key, NOON, health) for key in keys]


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play a scene on a loop of its own."""
    asyncio.run(scene())


def after(seconds: float) -> datetime:
    """Return an instant after noon."""
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def black_hole() -> Any:  # noqa: ANN401 - a generator of a port
    """Give a port whose queue is full: it neither accepts nor refuses."""
    listener = socket.socket()
    listener.bind((HERE, 0))
    listener.listen(0)
    waiting = []
    for _ in range(3):
        client = socket.socket()
        client.setblocking(False)  # noqa: FBT003 - the library's own signature
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    yield listener.getsockname()[1]
    for each in (*waiting, listener):
        each.close()


@pytest.mark.parametrize(
    ("failed", "total", "suspicious"),
    [(16, 20, True), (15, 20, False), (19, 19, False), (80, 100, True), (79, 100, False)],
)
def test_four_of_five_of_twenty_are_suspicious(
    failed: int, total: int, *, suspicious: bool
) -> None:
    """The share and the number are those of the definition, to the unit."""
    assert is_suspicious(failed, total) is suspicious


def test_failures_are_inconclusive_while_the_canary_is_silent(black_hole: int) -> None:
    """What failed becomes unknown with its reason; what passed stands."""

    async def scene() -> None:
        bird = canary(HERE, black_hole)
        bird.judge(verdicts(19, 1), at=after(0))
        await asyncio.sleep(0.4)

        judged = bird.judge(verdicts(19, 1), at=after(1))

        assert {(each.health, each.reason) for each in judged} == {
            (Health.UNKNOWN, Reason.INCONCLUSIVE),
            (Health.UP, None),
        }
        await bird.close()

    play(scene)


def test_a_refused_connection_proves_the_canary_alive() -> None:
    """A mass outage beside a live network is a mass outage."""

    async def scene() -> None:
        bird = canary(HERE, 9)
        bird.judge(verdicts(30), at=after(0))
        await asyncio.sleep(0.1)

        judged = bird.judge(verdicts(30), at=after(1))

        assert {each.health for each in judged} == {Health.DOWN}
        await bird.close()

    play(scene)


def test_a_few_failures_never_ask_the_canary(black_hole: int) -> None:
    """Below the share every verdict stands, whatever the canary would say."""

    async def scene() -> None:
        bird = canary(HERE, black_hole)
        bird.judge(verdicts(10, 10), at=after(0))
        await asyncio.sleep(0.4)

        judged = bird.judge(verdicts(10, 10), at=after(1))

        assert sum(each.health is Health.DOWN for each in judged) == 10
        await bird.close()

    play(scene)


def test_failures_of_long_ago_are_forgotten(black_hole: int) -> None:
    """Only the last interval counts: ten an hour ago and ten now are not twenty."""

    async def scene() -> None:
        bird = canary(HERE, black_hole)
        bird.judge(verdicts(10), at=after(0))
        bird.judge(verdicts(10), at=after(61))
        await asyncio.sleep(0.4)

        judged = bird.judge(verdicts(1), at=after(62))

        assert [each.health for each in judged] == [Health.DOWN]
        await bird.close()

    play(scene)


def test_verdicts_count_again_once_the_network_is_back(black_hole: int) -> None:
    """When cameras answer again, the next failure is an outage like any other."""

    async def scene() -> None:
        bird = canary(HERE, black_hole, interval_seconds=5)
        bird.judge(verdicts(30), at=after(0))
        await asyncio.sleep(0.4)
        bird.judge(verdicts(30), at=after(1))
        await asyncio.sleep(0.4)

        bird.judge(verdicts(0, 30), at=after(10))
        await asyncio.sleep(0.4)
        judged = bird.judge(verdicts(1, 30), at=after(11))

        assert judged[0].health is Health.DOWN
        await bird.close()

    play(scene)


def test_without_a_canary_every_verdict_stands() -> None:
    """Who names no canary gets no doubt."""
    judged = canary("").judge(verdicts(100), at=NOON)

    assert {each.health for each in judged} == {Health.DOWN}


def test_one_zone_that_is_cut_leaves_the_verdicts_of_the_others(black_hole: int) -> None:
    """Each zone is judged by its own share of failures and its own canary."""

    async def scene() -> None:
        birds = Canaries(
            {"local": canary(HERE, 9), "littoral": canary(HERE, black_hole)},
            lambda key: "local" if key < 100 else "littoral",
        )
        both = [*heard(range(30), Health.DOWN), *heard(range(100, 130), Health.DOWN)]
        birds.judge(both, at=after(0))
        await asyncio.sleep(0.4)

        judged = birds.judge(both, at=after(1))

        by_zone = {each.key >= 100: each.health for each in judged}
        assert by_zone == {False: Health.DOWN, True: Health.UNKNOWN}
        assert len(judged) == len(both)
        await birds.close()

    play(scene)


def test_many_failures_of_one_zone_are_few_among_all(black_hole: int) -> None:
    """A small zone that is lost is seen for what it is beside a large one that lives."""

    async def scene() -> None:
        birds = Canaries(
            {"local": canary("", 9), "littoral": canary(HERE, black_hole)},
            lambda key: "local" if key < 1000 else "littoral",
        )
        all_of_them = [*heard(range(500), Health.UP), *heard(range(1000, 1020), Health.DOWN)]
        birds.judge(all_of_them, at=after(0))
        await asyncio.sleep(0.4)

        judged = birds.judge(all_of_them, at=after(1))

        assert {each.health for each in judged} == {Health.UP, Health.UNKNOWN}
        await birds.close()

    play(scene)


def test_a_verdict_of_a_camera_without_a_zone_stands() -> None:
    """Whatever the agenda has forgotten meanwhile."""
    birds = Canaries({"local": canary("")}, lambda _: "")

    assert [each.health for each in birds.judge(verdicts(1), at=NOON)] == [Health.DOWN]
