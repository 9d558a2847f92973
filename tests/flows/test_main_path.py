"""
The main job end to end: funded cameras in, probes out, the uptime of each site on /metrics.

One region runs for all of the module: making and running it is what is tested.
"""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.flows.demo_region import (
    ROOT,
    DemoRegion,
    another_is_running,
    demo_region,
    eventually,
    variables,
)

WORKBOOK = ROOT / "config" / "demo" / "hauts-de-france.xlsx"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRegion]:
    """Run the demonstration until its faults have been believed."""
    if another_is_running():
        pytest.skip("another demonstration holds the cameras' addresses: stop it first")
    with demo_region(tmp_path_factory.mktemp("region")) as running:
        assert eventually(lambda: bool(running.metrics()), seconds=90), (
            running.folder / "log"
        ).read_text()
        assert eventually(
            lambda: running.sample("vigiparc_site_cameras", state="down") > 0, seconds=90
        )
        yield running


def query(region: DemoRegion, sql: str) -> list[tuple[object, ...]]:
    """Read the demonstration's database beside the processes that write it."""
    connection = sqlite3.connect(f"file:{region.folder}/demo/vigiparc.db?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_every_site_that_answered_or_failed_has_its_uptime(region: DemoRegion) -> None:
    """No site with a probed camera is missing from the availability ratios."""
    probed = query(
        region,
        "SELECT count(DISTINCT site_id) FROM cameras JOIN standings ON camera_id = cameras.id",
    )

    shown = re.findall(
        r'^vigiparc_site_availability_ratio\{.*window="1d"', region.metrics(), re.MULTILINE
    )

    assert len(shown) == probed[0][0]
    assert len(shown) >= 60


def test_the_page_sums_to_the_cameras_in_service(region: DemoRegion) -> None:
    """Up, degraded, down, unreachable, unknown and maintenance leave no camera out."""
    in_service = query(
        region,
        "SELECT count(*) FROM cameras WHERE commissioned_on <= date('now')"
        " AND (retired_on IS NULL OR retired_on > date('now'))",
    )

    assert region.sample("vigiparc_site_cameras") == in_service[0][0]


def test_each_fault_is_shown_for_what_it_is(region: DemoRegion) -> None:
    """Refusing cameras, a dark site, a swapped unit, a slow clock, a wrong password."""

    def seen() -> set[str]:
        rows = query(region, "SELECT health, coalesce(reason, ''), issues FROM standings")
        return {str(word) for row in rows for part in row for word in str(part).split(",") if word}

    wanted = {
        "connect_refused",
        "connect_timeout",
        "identity_mismatch",
        "clock_skew",
        "auth_failed",
    }
    assert eventually(lambda: wanted <= seen(), seconds=60), wanted - seen()


def test_the_pages_tell_it_to_a_technician(region: DemoRegion) -> None:
    """The overview opens with what is down, and says that all of it is simulated."""
    get = region.sign_in("technicien@vigiparc.example")

    overview = get("/")

    assert "Démonstration\N{NO-BREAK SPACE}: données simulées" in overview
    assert "hors service" in overview.lower()


def test_the_pages_tell_it_to_an_officer(region: DemoRegion) -> None:
    """A grant page says how many cameras were funded and how many are alive."""
    get = region.sign_in("agent@vigiparc.example")
    number = query(region, "SELECT file_number FROM grants ORDER BY id LIMIT 1")[0][0]

    page = get(f"/grants/{number}")

    assert str(number) in page
    assert "€" in page


def test_counters_never_fall(region: DemoRegion) -> None:
    """Between two scrapes every counter of every site stays or grows."""

    def counters() -> dict[str, float]:
        return {
            line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in region.metrics().splitlines()
            if line.startswith("vigiparc_site_camera_state_seconds_total{")
        }

    before = counters()
    assert eventually(lambda: sum(counters().values()) > sum(before.values()), seconds=30)
    after = counters()

    assert [key for key, value in before.items() if after[key] < value] == []


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_has_nothing_to_say(region: DemoRegion) -> None:
    """The page is clean to Prometheus' own checker."""
    checked = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - as the machine has it
        input=region.metrics(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("prometheus"), reason="Prometheus is not installed")
def test_a_real_prometheus_answers_site_up(region: DemoRegion, tmp_path: Path) -> None:
    """The shipped configuration, pointed at this port, scrapes every site."""
    shipped = (ROOT / "config" / "prometheus" / "scrape.yml").read_text()
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(
        re.sub(r"scrape_interval: \w+", "scrape_interval: 1s", shipped)
        .replace("127.0.0.1:8080", f"127.0.0.1:{region.port}")
        .replace("scrape_timeout: 10s", "scrape_timeout: 1s")
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    server = subprocess.Popen(  # noqa: S603 - the machine's own Prometheus
        [  # noqa: S607
            "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def sites_up() -> int:
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/v1/query?query=vigiparc_site_up") as answer:
                return len(json.load(answer)["data"]["result"])
        except OSError:
            return 0

    try:
        assert eventually(lambda: sites_up() >= 60, seconds=60)
    finally:
        server.terminate()
        server.wait(20)


def test_importing_the_shipped_workbook_again_changes_nothing(
    region: DemoRegion, tmp_path: Path
) -> None:
    """The import is idempotent: the second time nothing is new, nothing has changed."""

    def import_it() -> dict[str, int]:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "registry", "import", str(WORKBOOK), "--json"],
            env=variables(tmp_path, VIGIPARC_PROBES__NETWORKS='["127.0.0.0/8"]'),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    assert region.process.poll() is None
    subprocess.run(
        [sys.executable, "-m", "registry", "db", "upgrade"],
        env=variables(tmp_path),
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    first, second = import_it(), import_it()

    assert first["new"] >= 400
    assert (second["new"], second["changed"]) == (0, 0)
    assert second["unchanged"] == first["new"]


def test_ctrl_c_stops_all_of_it(region: DemoRegion) -> None:
    """The last test of the module: one signal, exit code 0, nobody listens any more."""
    code = region.interrupt()

    assert code == 0
    assert region.metrics() == ""
    assert "Traceback" not in (region.folder / "log").read_text()
