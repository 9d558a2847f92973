"""Measures what one whole probe costs: both calls, all checks, credentials verified before."""

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from time import perf_counter
from typing import NamedTuple

import uvloop

from probes.engine import Engine, Limits
from probes.onvif.contract import load_requests
from probes.target import Target
from probes.verdict import Authentication, Health, Identity, Issue
from tests.bench.bare import Course

CAMERAS = 2000
IN_FLIGHT = 64
LOOPBACK = (ip_network("127.0.0.0/8"),)


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Probe every camera several times over, and give the medians."""
    repeats = 7 if quick else 25
    if arguments.device:
        targets = _one_device(arguments)
        runs = uvloop.run(measure(targets, repeats))
    else:
        with fake_device() as ports:
            targets = many_devices(ports.alive)
            runs = uvloop.run(measure(targets, repeats))
    count = len(targets)
    bare = [run.bare_seconds / count * 1e6 for run in runs]
    return {
        "cpu_us_per_probe": round(
            statistics.median(run.cpu_seconds for run in runs) / count * 1e6, 1
        ),
        "cpu_us_per_probe_min": round(min(run.cpu_seconds for run in runs) / count * 1e6, 1),
        "bare_us": round(statistics.median(bare), 1),
        "ratio_bare": round(
            statistics.median(run.cpu_seconds / run.bare_seconds for run in runs), 2
        ),
        "probes_per_second": round(count / statistics.median(run.wall_seconds for run in runs), 1),
        "probes": count * repeats,
        "cameras": 1 if arguments.device else CAMERAS,
        "repeats": repeats,
    }


class Run(NamedTuple):
    """One repeat: the engine's CPU and wall time, and the CPU of the bare protocol after it."""

    cpu_seconds: float
    wall_seconds: float
    bare_seconds: float


async def measure(targets: list[Target], repeats: int, *, bare: bool = True) -> list[Run]:
    """Time each repeat, after one that does not count; `bare` times the yardstick beside it."""
    requests = load_requests()
    engine = Engine(requests, Limits(in_flight=IN_FLIGHT))
    runs = []
    for _ in range(repeats + 1):
        cpu, wall = cpu_seconds(), perf_counter()
        engine.feed(targets)
        verdicts = engine.drain()
        while len(verdicts) < len(targets):
            await asyncio.sleep(0.01)
            verdicts += engine.drain()
        cpu, wall = cpu_seconds() - cpu, perf_counter() - wall
        before = cpu_seconds()
        if bare:
            await Course(requests, targets).run(in_flight=IN_FLIGHT)
        runs.append(Run(cpu, wall, cpu_seconds() - before))
        odd = [
            each
            for each in verdicts
            if each.health is not Health.UP or Issue.AUTH_FAILED in each.issues
        ]
        if odd:
            raise SystemExit(f"{len(odd)} probes did not go well, such as {odd[0].to_dict()}")
    await engine.close()
    return runs[1:]


def cpu_seconds() -> float:
    """Give the CPU time of this process, in the kernel and out of it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def many_devices(port: int) -> list[Target]:
    """Name the fake device by as many addresses as there are cameras."""
    return [
        Target(
            key=number,
            host=f"127.1.{number >> 8}.{number & 255}",
            port=port,
            username="admin",
            password="secret",
            networks=LOOPBACK,
            site=number // 4,
            # As the register knows it: the hardware id is no part of it.
            expected=Identity("Simulated", "SIM-2000", "1.0.0", "SIM-000001"),
            authentication_known=Authentication.VERIFIED,
        )
        for number in range(1, CAMERAS + 1)
    ]


def _one_device(arguments: argparse.Namespace) -> list[Target]:
    """Name one given device many times; it is asked by one probe at a time."""
    host, _, port = arguments.device.rpartition(":")
    return [
        Target(
            key=number,
            host=host.strip("[]"),
            port=int(port),
            username=arguments.username,
            password=arguments.password,
            networks=(*LOOPBACK, ip_network("0.0.0.0/0"), ip_network("::/0")),
            authentication_known=Authentication.VERIFIED,
        )
        for number in range(200)
    ]


class Ports(NamedTuple):
    """Where the fake devices answer, and where they are dark."""

    alive: int
    dark: int


@contextmanager
def fake_device(*certificate: str) -> Iterator[Ports]:
    """Run the fake device in a process of its own; give its ports."""
    command = [sys.executable, "-m", "tests.bench.fake_device", *certificate]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield Ports(*map(int, process.stdout.readline().split()))
        process.stdin.close()
        process.terminate()
