"""Measures the whole service at work: simulated cameras, monitor, web; lag and memory."""

import argparse
import http.client
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.config.conftest import free_port

CAMERAS = 20_000
INTERVAL_SECONDS = 60
WARM_UP_SECONDS = 90
LOOK_SECONDS = 2
START_SECONDS = 180
STOP_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, int | float | str]:
    """Simulate cameras, import them, run the service, and look at it every other second."""
    seconds = 90 if quick else 600
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


def _watch(pid: int, port: int, seconds: int) -> dict[str, int | float | str]:
    """Look at lag, memory and processor until the time is over."""
    lags, sizes, shares = [], [], []
    first, spent = _metrics(port), _cpu_seconds(pid)
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        lags.append(_value(_metrics(port), "vigiparc_probe_schedule_lag_seconds"))
        sizes.append(_memory_mb(pid, "Rss"))
        shares.append(_memory_mb(pid, "Pss"))
        time.sleep(LOOK_SECONDS)
    last, lasted = _metrics(port), time.monotonic() - began
    probes = _value(last, ATTEMPTS) - _value(first, ATTEMPTS)
    return {
        "lag_seconds_max": round(max(lags), 3),
        "rss_mb": round(max(sizes)),
        "pss_mb": round(max(shares)),
        "core_share": round((_cpu_seconds(pid) - spent) / lasted, 3),
        "probes_a_second": round(probes / lasted),
        "seconds": round(lasted),
        "cameras": CAMERAS,
    }


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
    """Run the simulated cameras, and give the sheet that declares them."""
    secret, sheet = folder / "secret", folder / "cameras.xlsx"
    secret.write_text(secrets.token_urlsafe(12) + "\n")
    arguments = ("--cameras", str(CAMERAS), "--addresses", "--base-port", str(free_port()))
    files = ("--password-file", str(secret), "--sheet", str(sheet))
    with _process(environment, "simulate", *arguments, *files):
        deadline = time.monotonic() + START_SECONDS
        while not sheet.is_file() or time.time() - sheet.stat().st_mtime < LOOK_SECONDS:
            if time.monotonic() > deadline:
                raise TimeoutError(str(sheet))
            time.sleep(0.5)
        yield sheet


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


def _tree(pid: int) -> list[int]:
    """Return a process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _memory_mb(pid: int, kind: str) -> float:
    """Sum the service's memory: `Rss` counts shared pages in each process, `Pss` once."""
    total = 0
    for each in _tree(pid):
        rollup = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        total += sum(int(kb) for kb in re.findall(rf"^{kind}:\s+(\d+) kB", rollup, re.MULTILINE))
    return total / 1024


def _cpu_seconds(pid: int) -> float:
    total = 0
    for each in _tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS
