"""One target is probed at once, in a way that can be told."""

import asyncio
from datetime import UTC, datetime

from probes.engine import probe_once, run_probe
from probes.explain import Trace
from probes.target import Requests, Target
from probes.verdict import Reason
from tests.probes.conftest import LOOPBACK, QUICK


def test_a_probe_can_be_run_without_a_loop(requests: Requests) -> None:
    """The command line asks once and prints."""
    verdict = run_probe(requests, Target(1, "127.0.0.1", 9), limits=QUICK)

    assert verdict.reason is Reason.BLOCKED_ADDRESS


def test_a_probe_runs_on_any_loop_and_tells_its_steps(requests: Requests) -> None:
    """The clock is given, and the trace filled, for whoever asks."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    trace = Trace(keep=True)
    target = Target(1, "127.0.0.1", 9, networks=LOOPBACK, timeout_seconds=1)

    verdict = asyncio.run(probe_once(requests, target, clock=lambda: noon, trace=trace))

    assert verdict.at == noon
    assert [step.code for step in trace.steps] == ["retry", "total"]
