"""
Runs cameras that answer, lie and stall: for the demo, the tests and the benches.

They are ONVIF devices on addresses of this machine. Logins are checked for
real, clocks are kept, and faults come and go by a plan.
"""

import asyncio
import resource
import signal
from collections.abc import Callable, Iterable, Sequence

import uvloop

from probes.simulator.device import Device, Fault, addressed_devices, numbered_devices
from probes.simulator.plan import Change, load_devices, load_plan, read_change
from probes.simulator.server import Simulation

__all__ = [
    "Change",
    "Device",
    "Fault",
    "Simulation",
    "addressed_devices",
    "load_devices",
    "load_plan",
    "numbered_devices",
    "read_change",
    "run_simulator",
    "simulate",
]


# Of connections, and of the process itself.
_OTHER_DESCRIPTORS = 256


async def simulate(
    devices: Iterable[Device],
    plan: Sequence[Change] = (),
    *,
    stop: asyncio.Event,
    ready: Callable[[Simulation], None] | None = None,
) -> None:
    """
    Run simulated cameras until told to stop.

    Args:
        devices: Who is simulated.
        plan: Which faults come when, counted from the start.
        stop: Set it to end.
        ready: Called once all cameras listen.

    Raises:
        OSError: An address or port is taken.
    """
    async with Simulation(devices, plan) as simulation:
        if ready is not None:
            ready(simulation)
        await stop.wait()


def run_simulator(
    devices: Iterable[Device],
    plan: Sequence[Change] = (),
    *,
    ready: Callable[[Simulation], None] | None = None,
) -> None:
    """
    Run simulated cameras in this process until SIGTERM or SIGINT.

    Raises:
        OSError: An address or port is taken.
        ValueError: There are more devices than this process may have files open.
    """
    devices = list(devices)
    # A listener and its connections each take a descriptor.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and len(devices) + _OTHER_DESCRIPTORS > most:
        raise ValueError(
            f"{len(devices)} cameras need as many open files, and this process may have {most}: "
            "raise the limit (ulimit -n), or share them out among several processes"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(_until_signal(devices, plan, ready))


async def _until_signal(
    devices: Iterable[Device],
    plan: Sequence[Change],
    ready: Callable[[Simulation], None] | None,
) -> None:
    """Simulate until the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await simulate(devices, plan, stop=stop, ready=ready)
