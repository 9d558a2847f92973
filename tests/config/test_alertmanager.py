"""The example for Alertmanager, read and obeyed by a real one."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from registry.settings import config_folder
from tests.config.conftest import free_port
from tests.config.test_prometheus import EXPECTED

EXAMPLE = config_folder() / "alertmanager" / "alertmanager.yml"
START_SECONDS = 30
DARK, LIVELY = "59054-01", "62041-01"


class Alertmanager:
    """A real one on loopback, that is told of alerts and says what it does with them."""

    def __init__(self, port: int) -> None:
        """Speak to the server on a port of loopback."""
        self._address = f"http://127.0.0.1:{port}/api/v2/alerts"

    def tell(self, alerts: Sequence[Mapping[str, str]]) -> None:
        """Say that alerts fire, as Prometheus does."""
        body = json.dumps([{"labels": labels} for labels in alerts]).encode()
        asked = Request(self._address, body, {"Content-Type": "application/json"})  # noqa: S310
        with urlopen(asked, timeout=10) as reply:  # noqa: S310 - loopback
            assert reply.status == 200

    def states(self) -> dict[tuple[str, str], str]:
        """Return what becomes of each alert, by its name and its site."""
        with urlopen(self._address, timeout=10) as reply:  # noqa: S310 - loopback
            found: list[dict[str, Any]] = json.load(reply)
        return {
            (each["labels"]["alertname"], each["labels"].get("site", "")): each["status"]["state"]
            for each in found
        }


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Alertmanager]:
    """Run Alertmanager with the example as it is, or skip where there is none."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        pytest.skip("no alertmanager on this machine (Debian: prometheus-alertmanager)")
    port = free_port()
    arguments = [
        f"--config.file={EXAMPLE}",
        f"--storage.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (tmp_path / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen([binary, *arguments], stdout=log, stderr=log)  # noqa: S603
        try:
            yield started(Alertmanager(port))
        finally:
            process.terminate()
            process.wait(timeout=20)


def started(server: Alertmanager) -> Alertmanager:
    """Wait until a server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            server.states()
        except OSError:
            time.sleep(0.2)
        else:
            return server
    pytest.fail("alertmanager does not answer")


def settled(server: Alertmanager, alerts: int) -> dict[tuple[str, str], str]:
    """Return what becomes of so many alerts, once none of them is unprocessed."""
    deadline = time.monotonic() + START_SECONDS
    found = server.states()
    while len(found) < alerts or "unprocessed" in found.values():
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
        found = server.states()
    return found


def test_it_is_valid() -> None:
    """Alertmanager's own tool takes it as it is."""
    binary = shutil.which("amtool")
    if binary is None:
        pytest.skip("no amtool on this machine (Debian: prometheus-alertmanager)")

    done = subprocess.run(  # noqa: S603 - our own arguments
        [binary, "check-config", str(EXAMPLE)], capture_output=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr.decode()


def test_no_alert_is_misspelt() -> None:
    """A name that no alert has would silence nothing, and tell nobody."""
    named = set(re.findall(r"Vigiparc[A-Z]\w+", EXAMPLE.read_text(encoding="utf-8")))

    assert named <= EXPECTED


def test_a_dark_site_keeps_its_cameras_quiet(server: Alertmanager) -> None:
    """One message that says where to go; a camera of another site is told of all the same."""
    cameras = ("VigiparcCameraDown", "VigiparcClockDrift", "VigiparcCredentialsRejected")
    alerts = [
        {"alertname": name, "severity": "warning", "site": site, "job": "vigiparc-cameras"}
        for name in cameras
        for site in (DARK, LIVELY)
    ]
    dark = {"alertname": "VigiparcSiteUnreachable", "severity": "critical", "site": DARK}
    server.tell([{**dark, "job": "vigiparc"}, *alerts])

    found = settled(server, 7)

    assert found["VigiparcSiteUnreachable", DARK] == "active"
    assert {found[name, DARK] for name in cameras} == {"suppressed"}
    assert {found[name, LIVELY] for name in cameras} == {"active"}


def test_a_silent_service_keeps_all_else_quiet(server: Alertmanager) -> None:
    """What was last known of its sites is no news; those of another service are."""
    here, elsewhere = ({"severity": "critical", "instance": each} for each in ("v", "w"))
    names = sorted(EXPECTED)
    alerts = [{"alertname": name, **here} for name in names]
    others = [
        {"alertname": "VigiparcZoneSilent", "site": LIVELY, **elsewhere},
        {"alertname": "NodeDown", **here},
    ]
    server.tell([*alerts, *others])

    found = settled(server, len(alerts) + len(others))

    active = {name for name, state in found.items() if state == "active"}
    assert active == {("VigiparcAbsent", ""), ("NodeDown", ""), ("VigiparcZoneSilent", LIVELY)}
