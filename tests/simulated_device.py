"""A simulated camera in a process of its own, for what stands in front of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PROGRAM = (
    "import sys\n"
    "from probes.simulator import Device, run_simulator\n"
    "device = Device(username=sys.argv[1], password=sys.argv[2])\n"
    "run_simulator([device], ready=lambda s: print(s.ports[0], flush=True))"
)


@contextmanager
def running_simulator(username: str, password: str) -> Iterator[int]:
    """Run a simulated camera, and give its port; without an account it lets everybody in."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", _PROGRAM, username, password],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()
