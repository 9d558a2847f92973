"""Fixtures of the probes' tests: the real requests, and one probe of one simulated camera."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import uvloop

from probes.engine import Limits, probe_once
from probes.explain import Trace
from probes.onvif.contract import load_requests
from probes.simulator import Device, Simulation
from probes.target import Requests, Target
from probes.verdict import Verdict
from tests.probes.certificates import write_certificate

LOOPBACK = (ip_network("127.0.0.0/8"),)
# Time enough for a loaded machine, and not more than a test may take.
QUICK = Limits(connect_seconds=0.5, retry_pause_seconds=0.01, gateway_seconds=0.5)

Probe = Callable[..., Verdict]


@pytest.fixture(scope="session")
def requests() -> Requests:
    """Return the requests that onvif-zeep's WSDLs give."""
    return load_requests()


@pytest.fixture
def probe(requests: Requests) -> Probe:
    """
    Return a function that probes one simulated camera once.

    Keywords change the target; the password is the camera's unless given. `heard`
    gets every byte that reached the camera.
    """

    def once(
        device: Device,
        *,
        limits: Limits = QUICK,
        trace: Trace | None = None,
        heard: list[bytes] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        **changes: Any,  # noqa: ANN401 - any field of a target
    ) -> Verdict:
        async def run() -> Verdict:
            listen = None if heard is None else lambda _, data: heard.append(data)
            async with Simulation([device], heard=listen) as simulation:
                target = Target(
                    key=7,
                    host=device.host,
                    port=simulation.ports[0],
                    username=device.username,
                    password=device.password,
                    networks=LOOPBACK,
                    verify_authentication=True,
                    timeout_seconds=2,
                )
                changed = replace(target, **changes)
                return await probe_once(requests, changed, limits=limits, clock=clock, trace=trace)

        return uvloop.run(run())

    return once


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a PEM file with a self-signed certificate for loopback."""
    return write_certificate(tmp_path / "sound.pem", days=30)
