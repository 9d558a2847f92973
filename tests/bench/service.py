"""Measures the whole service at work: simulated cameras, monitor, web; lag and memory."""

import argparse
import http.client
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from probes.simulator import Device, addressed_devices
from registry.demo.region import write_privately
from registry.demo.street import write_sheet
from tests.bench.processes import children, cpu_seconds, memory_mb, tree
from tests.config.conftest import free_port

CAMERAS = 20_000
OF_A_SIMULATOR = 10_000
INTERVAL_SECONDS = 60
WARM_UP_SECONDS = 90
LOOK_SECONDS = 2
START_SECONDS = 180
STOP_SECONDS = 60


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Simulate cameras, import them, run the service, and look at it every other second."""
    seconds = 120 if quick else 600
    with tempfile.TemporaryDirectory(prefix="vigiparc-bench-") as folder:
        port = free_port()
        environment = _environment(Path(folder), port, arguments.database)
        with _simulated(Path(folder), environment) as sheet:
            _call(environment, "db", "upgrade")
            _call(environment, "import", str(sheet))
            with _process(environment, "run") as service:
                _wait_for_pages(port)
                time.sleep(WARM_UP_SECONDS)
                return _watch(service.pid, port, seconds)


def _watch(service: int, port: int, seconds: int) -> dict[str, int | float | str]:
    """Look at lag, memory and processor until the time is over."""
    parts = _parts(service)
    lags: list[float] = []
    looks: list[dict[str, float]] = []
    first, spent = _metrics(port), {name: cpu_seconds(each) for name, each in parts.items()}
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        lags.append(_value(_metrics(port), "vigiparc_probe_schedule_lag_seconds"))
        looks.append(_memory(parts))
        time.sleep(LOOK_SECONDS)
    last, lasted = _metrics(port), time.monotonic() - began
    probes = _value(last, ATTEMPTS) - _value(first, ATTEMPTS)
    shares = {
        f"core_share_{name}": round((cpu_seconds(each) - spent[name]) / lasted, 3)
        for name, each in parts.items()
    }
    return {
        "lag_seconds_max": round(max(lags), 3),
        "lag_seconds_median": round(statistics.median(lags), 3),
        "load_average": round(os.getloadavg()[1], 1),
        **{name: round(max(look[name] for look in looks)) for name in looks[0]},
        **shares,
        "web_processes": len(parts["web"]),
        "probes_a_second": round(probes / lasted),
        "seconds": round(lasted),
        "cameras": CAMERAS,
    }


def _parts(service: int) -> dict[str, list[int]]:
    """Tell the processes of `vigiparc run` apart: its parent, the web server's, the monitor's."""
    parts = {"parent": [service]}
    for child in children(service):
        command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        parts["monitor" if b"monitor" in command else "web"] = tree(child)
    return parts


def _memory(parts: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """
    Weigh the processes: `rss` counts shared pages in each of them, `pss` once among all.

    The goal is of web and monitor together; the parent, which only waits, is told apart.
    """
    found = {
        f"{kind.lower()}_{name}_mb": sum(memory_mb(pid, kind) for pid in pids)
        for name, pids in parts.items()
        for kind in ("Rss", "Pss")
    }
    both = {
        f"{kind}_mb": found[f"{kind}_web_mb"] + found[f"{kind}_monitor_mb"]
        for kind in ("rss", "pss")
    }
    largest = max(memory_mb(pid, "Rss") for pid in parts["web"])
    return {**both, **found, "rss_web_process_mb": largest}


ATTEMPTS = "vigiparc_probe_attempts_total"


def _environment(folder: Path, port: int, database: str | None) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if "VIGIPARC" not in name}
    return plain | {
        "VIGIPARC_STORAGE__FOLDER": str(folder / "var"),
        "VIGIPARC_STORAGE__DATABASE_URL": database or "",
        "VIGIPARC_WEB__PORT": str(port),
        "VIGIPARC_LOGS__LEVEL": "ERROR",
        "VIGIPARC_PROBES__NETWORKS": '["127.0.0.0/8"]',
        "VIGIPARC_PROBES__INTERVAL_SECONDS": str(INTERVAL_SECONDS),
    }


@contextmanager
def _simulated(folder: Path, environment: dict[str, str]) -> Iterator[Path]:
    """
    Run the simulated cameras, and give the sheet that declares them.

    In several processes, for each camera takes a descriptor of its own.
    """
    password, sheet = secrets.token_urlsafe(12), folder / "cameras.xlsx"
    devices = addressed_devices(CAMERAS, free_port(), password=password)
    write_sheet(sheet, devices)
    with ExitStack() as running:
        for first in range(0, CAMERAS, OF_A_SIMULATOR):
            some = [asdict(each) for each in devices[first : first + OF_A_SIMULATOR]]
            file = folder / f"devices-{first}.json"
            write_privately(file, some)
            running.enter_context(_process(environment, "simulate", "--devices", str(file)))
        _wait_for(devices)
        yield sheet


def _wait_for(devices: Sequence[Device]) -> None:
    """Wait until the last camera of each simulator listens."""
    deadline = time.monotonic() + START_SECONDS
    for device in devices[OF_A_SIMULATOR - 1 :: OF_A_SIMULATOR]:
        while time.monotonic() < deadline:
            try:
                socket.create_connection((device.host, device.port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            raise TimeoutError(f"no simulated camera at {device.host}:{device.port}")


@contextmanager
def _process(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "registry", *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def _call(environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "registry", *arguments]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own


def _wait_for_pages(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if ATTEMPTS in _metrics(port):
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise TimeoutError(f"no /metrics on port {port}")


def _metrics(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _value(page: str, name: str) -> float:
    """Sum the samples of a metric."""
    found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", page, re.MULTILINE)
    return sum(float(value) for value in found)
