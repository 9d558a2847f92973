"""
Measures our probe beside what others would use, on the same device in the same minutes.

The two libraries ask the same two questions with a camera object that they keep;
blackbox_exporter posts the clock question alone, without credentials.
"""

import argparse
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from time import sleep
from urllib.parse import urlencode

import uvloop

from probes.onvif.contract import load_requests
from tests.bench.probes import Ports, fake_device, many_devices, measure

# A folder that survives, because installing takes longer than the bench.
# The one that docs/performance.md names; a newer one is another measurement.
_ASYNC = "onvif-zeep-async==4.3.0"
_CACHE = Path(tempfile.gettempdir()) / f"vigiparc-bench-{_ASYNC}"
_BLACKBOX = ("blackbox_exporter", "prometheus-blackbox-exporter")
_BLACKBOX_PORT = 29115
_WARM = 30


class Absent(Exception):
    """A peer is not to be had on this machine."""


def main(*, quick: bool, arguments: argparse.Namespace) -> dict[str, object]:
    """Measure ourselves, then each peer, and give how many times dearer they are."""
    del arguments
    rounds, count = (3, 300) if quick else (5, 1000)
    peers: Mapping[str, Callable[[Ports, int], float]] = {
        "onvif_zeep": _onvif_zeep,
        "onvif_zeep_async": _onvif_zeep_async,
        "blackbox": _blackbox,
    }
    absent: list[str] = []
    spent: dict[str, list[float]] = {"ours": []}
    with fake_device() as ports:
        for _ in range(rounds):
            spent["ours"].append(_ours(ports))
            for name, peer in peers.items():
                if name in absent:
                    continue
                try:
                    spent.setdefault(name, []).append(peer(ports, count))
                except Absent:
                    absent.append(name)
    ours = statistics.median(spent["ours"])
    medians = {name: statistics.median(each) for name, each in spent.items() if each}
    figures: dict[str, object] = {f"{name}_us": round(each, 1) for name, each in medians.items()}
    for name in peers.keys() - set(absent):
        figures[f"ratio_{name}"] = round(medians[name] / ours, 1)
    versions = [_VERSIONS[name]() for name in peers if name not in absent]
    return figures | {"absent": absent, "rounds": rounds, "versions": versions}


def _ours(ports: Ports) -> float:
    """Give the CPU of one of our probes, in microseconds."""
    targets = many_devices(ports.alive)
    runs = uvloop.run(measure(targets, 3, bare=False))
    return statistics.median(run.cpu_seconds for run in runs) / len(targets) * 1e6


def _version_of_onvif_zeep() -> str:
    """Ask this environment."""
    return f"onvif-zeep {metadata.version('onvif-zeep')}"


def _version_of_onvif_zeep_async() -> str:
    """Ask the environment in which it was measured, not the pin."""
    ask = "from importlib.metadata import version; print(version('onvif-zeep-async'))"
    return f"onvif-zeep-async {_output(str(_CACHE / 'bin' / 'python'), '-c', ask)}"


def _version_of_blackbox() -> str:
    """Ask the exporter: the first line of what it says, up to its build."""
    command = next(filter(None, map(shutil.which, _BLACKBOX)), "")
    said = _output(command, "--version").partition("(")[0]
    return f"blackbox_exporter {said.split()[-1]}"


def _output(*command: str) -> str:
    """Run a command and give what it prints, on either stream."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return (done.stdout or done.stderr).strip()


_VERSIONS: Mapping[str, Callable[[], str]] = {
    "onvif_zeep": _version_of_onvif_zeep,
    "onvif_zeep_async": _version_of_onvif_zeep_async,
    "blackbox": _version_of_blackbox,
}


def _onvif_zeep(ports: Ports, count: int) -> float:
    """Give the CPU of one probe by onvif-zeep, in microseconds."""
    return _run([sys.executable, "-m", "tests.bench.peer_onvif_zeep"], ports, count)


def _onvif_zeep_async(ports: Ports, count: int) -> float:
    """
    Give the CPU of one probe by onvif-zeep-async, in microseconds.

    It overwrites the folder of onvif-zeep, so it lives in a place of its own.
    """
    python = _CACHE / "bin" / "python"
    if not (_CACHE / "ready").exists():
        shutil.rmtree(_CACHE, ignore_errors=True)
        venv.create(_CACHE, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", _ASYNC]
        if subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603
            raise Absent
        (_CACHE / "ready").touch()
    # -P: our folder holds a module `probes` that is not the package.
    script = str(Path(__file__).with_name("peer_onvif_zeep_async.py"))
    return _run([str(python), "-P", script], ports, count)


def _run(command: list[str], ports: Ports, count: int) -> float:
    """Run a peer, which prints its CPU of one probe in microseconds."""
    command = [*command, str(ports.alive), str(count)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return float(done.stdout.split()[-1])


def _blackbox(ports: Ports, count: int) -> float:
    """Give the CPU of one check by blackbox_exporter, in microseconds."""
    command = next(filter(None, map(shutil.which, _BLACKBOX)), None)
    if command is None:
        raise Absent
    requests = load_requests()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "blackbox.yml"
        config.write_text(_configuration(requests.clock.decode(), requests.clock_action))
        listen = f"127.0.0.1:{_BLACKBOX_PORT}"
        arguments = [command, f"--config.file={config}", f"--web.listen-address={listen}"]
        with subprocess.Popen(  # noqa: S603 - Debian's own
            arguments,
            env=os.environ | {"GOMAXPROCS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                return _ask_blackbox(process.pid, ports, count)
            finally:
                process.terminate()


def _ask_blackbox(pid: int, ports: Ports, count: int) -> float:
    """Ask the exporter so many times, on one connection."""
    sleep(1)
    asked = http.client.HTTPConnection("127.0.0.1", _BLACKBOX_PORT, timeout=10)
    target = f"http://127.0.0.1:{ports.alive}/onvif/device_service"
    query = "/probe?" + urlencode({"module": "onvif", "target": target})
    before = 0.0
    for number in range(_WARM + count):
        if number == _WARM:
            before = _cpu_of(pid)
        asked.request("GET", query)
        if b"probe_success 1" not in asked.getresponse().read():
            raise SystemExit(f"{target} could not be asked by blackbox_exporter")
    return (_cpu_of(pid) - before) / count * 1e6


def _cpu_of(pid: int) -> float:
    """Give the CPU seconds of another process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _configuration(envelope: str, action: str) -> str:
    """Write a module that posts the clock question."""
    kind = f'application/soap+xml; charset=utf-8; action="{action}"'
    return (
        "modules:\n  onvif:\n    prober: http\n    timeout: 5s\n    http:\n"
        "      method: POST\n      preferred_ip_protocol: ip4\n"
        f"      headers:\n        Content-Type: '{kind}'\n"
        "      body: '" + envelope.replace("'", '"').replace("\n", "") + "'\n"
        "      fail_if_body_not_matches_regexp: ['UTCDateTime']\n"
    )
