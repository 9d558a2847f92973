"""What is shipped for Prometheus and Alertmanager, read by the tools that will read it."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from werkzeug.serving import make_server

from registry.app import create_app
from registry.clock import utc_now
from registry.db import SessionFactory
from registry.monitoring.models import Dialect
from registry.settings import Settings, config_folder
from tests.config.boards import DASHBOARDS, load
from tests.config.conftest import prometheus, running, serving
from tests.monitoring.metrics.test_pages import keep
from tests.monitoring.telling import NASTY

FOLDER = config_folder() / "prometheus"
SCRAPE, ALERTS, RULES = (FOLDER / f"{name}.yml" for name in ("scrape", "alerts", "rules"))
UNIT_TESTS = Path(__file__).parent / "rules.test.yml"
RUNBOOKS = config_folder().parent / "docs" / "runbooks.md"
TOKEN = "a-token-of-twenty-characters-or-more"
EMPTY = {Dialect.TEXT: b"", Dialect.OPENMETRICS: b"# EOF\n"}
# Those of the specification (but GrantAtRisk, which comes with the audit), and the camera pages'.
EXPECTED = {
    "VigiparcAbsent",
    "VigiparcCameraDown",
    "VigiparcCamerasAbsent",
    "VigiparcClockDrift",
    "VigiparcCredentialsRejected",
    "VigiparcIdentityMismatch",
    "VigiparcProbeLagging",
    "VigiparcSiteUnreachable",
    "VigiparcZoneSilent",
}


def promtool(*arguments: str, page: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run promtool, or skip where there is none."""
    binary = shutil.which("promtool")
    if binary is None:
        pytest.skip("no promtool on this machine (Debian: prometheus)")
    return subprocess.run(  # noqa: S603 - our own arguments
        [binary, *arguments], input=page, capture_output=True, check=False, timeout=60
    )


def test_the_scrape_file_is_valid() -> None:
    """A stranger's Prometheus takes the file as it is."""
    done = promtool("check", "config", str(SCRAPE))

    assert done.returncode == 0, done.stderr.decode()


def test_every_rule_passes_its_unit_tests() -> None:
    """Each alert fires when it should and not before; recorded series add up."""
    done = promtool("test", "rules", str(UNIT_TESTS))

    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def alerts() -> dict[str, str]:
    """Return the text of each alert by its name."""
    first, *texts = re.split(r"- alert: ", ALERTS.read_text(encoding="utf-8"))
    assert "groups:" in first
    return {text.split()[0]: text for text in texts}


def test_every_alert_says_what_somebody_needs() -> None:
    """How bad, in a line, in full, where to look, and where to read what to do."""
    found = alerts()

    assert set(found) == EXPECTED
    runbooks = RUNBOOKS.read_text(encoding="utf-8")
    for name, text in found.items():
        assert re.search(r"severity: (critical|warning|info)\n", text), name
        assert all(f"{part}: " in text for part in ("for", "summary", "description")), name
        assert f"runbooks.md#{name.lower()}\n" in text
        assert f"\n## {name}\n" in runbooks


def test_every_alert_leads_to_a_page_that_is_there(client: FlaskClient) -> None:
    """Its address is one of ours, or that of a board of ours."""
    boards = {load(path)["uid"] for path in DASHBOARDS}
    pages = client.application.url_map.bind("vigiparc.example")

    for name, text in alerts().items():
        (host, path) = re.findall(r"page_url: https://(\w+)\.example/(\S.*)\n", text)[0]
        path = re.sub(r"\{\{ \$labels\.\w+ \}\}", "1", path)
        if host == "grafana":
            assert path.removeprefix("d/") in boards, name
        else:
            assert pages.match(f"/{path}"), name


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(name: str) -> None:
    """The second shows something like it that must wake nobody."""
    kinds = {
        scene.splitlines()[0]: set(
            re.findall(rf"alertname: {name}\n +eval_time: \w+\n +exp_alerts:( \[\])?\n", scene)
        )
        for scene in UNIT_TESTS.read_text(encoding="utf-8").split("  - name: ")
    }

    assert any("" in seen for seen in kinds.values())
    assert {" []"} in kinds.values()


def test_recorded_series_are_named_by_level_metric_and_operations() -> None:
    """level:metric:operations, and no aggregation by what is named instead of what is left."""
    text = RULES.read_text(encoding="utf-8")
    names = re.findall(r"- record: (\S+)", text)

    assert len(names) == len(set(names)) >= 10
    for name in names:
        assert re.fullmatch(r"[a-z_]+:vigiparc_[a-z_]+:[a-z0-9_]+", name), name
        assert f"{name}\n" in text
        tested = UNIT_TESTS.read_text(encoding="utf-8")
    untested = {name for name in names if name not in tested}
    # These two are the sums that tested series are made of.
    assert untested == {
        "site_state:vigiparc_site_camera_state_seconds:increase1h",
        "department_state:vigiparc_site_camera_state_seconds:sum_increase1h",
    }
    assert " by (" not in text


def test_a_rendered_page_is_clean(pages: Callable[[], bytes]) -> None:
    """Promtool has nothing to say of the whole page, and no sample has a time of its own."""
    page = pages()

    done = promtool("check", "metrics", page=page)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    families = text_string_to_metric_families(page.decode())
    assert {sample.timestamp for family in families for sample in family.samples} == {None}


def test_a_real_prometheus_scrapes_with_the_shipped_file(
    pages: Callable[[], bytes], tmp_path: Path
) -> None:
    """Only address and pace are changed: the sites are there by the shipped job."""
    with serving(pages) as port:
        text = SCRAPE.read_text(encoding="utf-8")
        quick = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        config = tmp_path / "scrape.yml"
        # Each page is made when it is asked for, which a busy machine may not do in a second.
        config.write_text(re.sub(r": (15|10)s", ": 3s", quick), encoding="utf-8")
        with prometheus(config, tmp_path) as server:
            found = server.wait_for("vigiparc_site_up")
            (info,) = server.wait_for('vigiparc_site_info{insee="59054"}')

    assert info["metric"]["commune"] == NASTY
    assert {sample["metric"]["job"] for sample in found} == {"vigiparc"}
    assert sorted(sample["value"][1] for sample in found) == ["0", "1"]


@contextmanager
def guarded(settings: Settings, sessions: SessionFactory) -> Iterator[int]:
    """Serve the application on a port of loopback, to nobody without the token."""
    metrics = settings.metrics.model_copy(update={"networks": (), "token": SecretStr(TOKEN)})
    app = create_app(settings.model_copy(update={"metrics": metrics}), sessions=sessions)
    with running(make_server("127.0.0.1", 0, app, threaded=True)) as port:
        yield port


def test_a_real_prometheus_shows_the_token_everywhere(
    settings: Settings, sessions: SessionFactory, tmp_path: Path
) -> None:
    """With the lines of the shipped file that are there for it: both pages and discovery."""
    with sessions() as session:
        for page in ("sites", "cameras/0/1"):
            for dialect in Dialect:
                keep(session, EMPTY[dialect], at=utc_now(), page=page, dialect=dialect)
    secret, config = tmp_path / "vigiparc.token", tmp_path / "scrape.yml"
    secret.write_text(TOKEN)
    text = re.sub(
        "# (?=authorization:|  type:|  credentials_file:)", "", SCRAPE.read_text(encoding="utf-8")
    )
    text = text.replace("/etc/prometheus/vigiparc.token", str(secret))
    text = re.sub(r"rule_files:\n(  - .*\n)+", "", text)

    with guarded(settings, sessions) as port:
        quick = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        config.write_text(re.sub(r": (15|10|60)s", ": 1s", quick), encoding="utf-8")
        with prometheus(config, tmp_path) as server:
            for job in ("vigiparc", "vigiparc-cameras"):
                server.wait_for(f'up{{job="{job}"}} == 1')
