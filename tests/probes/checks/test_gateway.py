"""A gateway is alive if anything at its address answers TCP."""

import asyncio

import pytest
import uvloop

from probes.checks.gateway import is_alive
from probes.guard import BlockedAddress
from probes.simulator import Device, Fault, Simulation
from tests.probes.conftest import LOOPBACK


@pytest.mark.parametrize(
    ("fault", "expected"),
    [(Fault.NONE, True), (Fault.STALL, True), (Fault.REFUSE, True), (Fault.DARK, False)],
)
def test_only_silence_means_that_a_gateway_is_down(fault: Fault, *, expected: bool) -> None:
    """A refused connection proves the host alive: something had to refuse it."""

    async def run() -> bool:
        async with Simulation([Device(fault=fault)]) as simulation:
            return await is_alive(
                "127.0.0.1", simulation.ports[0], networks=LOOPBACK, timeout_seconds=0.4
            )

    assert uvloop.run(run()) is expected


def test_a_gateway_outside_the_allowed_networks_is_not_asked() -> None:
    """The guard stands before every socket, this one too."""
    question = is_alive("127.0.0.1", 9, networks=(), timeout_seconds=1)

    with pytest.raises(BlockedAddress):
        asyncio.run(question)


def test_a_gateway_whose_name_does_not_resolve_tells_nothing() -> None:
    """It was not asked: that is neither life nor death."""
    question = is_alive("gateway.invalid", 9, networks=LOOPBACK, timeout_seconds=1)

    with pytest.raises(OSError, match=r"Name or service|not known|resolution"):
        asyncio.run(question)
