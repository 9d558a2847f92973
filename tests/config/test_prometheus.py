"""What is shipped for Prometheus and Alertmanager, read by the tools that will read it."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.settings import config_folder
from tests.config.conftest import prometheus, serving

FOLDER = config_folder() / "prometheus"
SCRAPE, ALERTS, RULES = (FOLDER / f"{name}.yml" for name in ("scrape", "alerts", "rules"))
ALERTMANAGER = config_folder() / "alertmanager" / "alertmanager.yml"
UNIT_TESTS = Path(__file__).parent / "rules.test.yml"
RUNBOOKS = config_folder().parent / "docs" / "runbooks.md"
# Those of the specification, but GrantAtRisk, which comes with the audit.
EXPECTED = {
    "VigiparcAbsent",
    "VigiparcCameraDown",
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
    """How bad, in a line, in full, and where to read what to do; and it has a unit test."""
    found, tested = alerts(), UNIT_TESTS.read_text(encoding="utf-8")

    assert set(found) == EXPECTED
    runbooks = RUNBOOKS.read_text(encoding="utf-8")
    for name, text in found.items():
        assert re.search(r"severity: (critical|warning|info)\n", text), name
        assert all(f"{part}: " in text for part in ("for", "summary", "description")), name
        assert f"runbooks.md#{name.lower()}\n" in text
        assert f"\n## {name}\n" in runbooks
        assert f"alertname: {name}\n" in tested
        assert f"runbooks.md#{name.lower()}\n" in tested, f"no test in which {name} fires"


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


def test_the_alertmanager_example_is_valid() -> None:
    """Alertmanager's own tool takes it as it is."""
    binary = shutil.which("amtool")
    if binary is None:
        pytest.skip("no amtool on this machine (Debian: prometheus-alertmanager)")

    done = subprocess.run(  # noqa: S603 - our own arguments
        [binary, "check-config", str(ALERTMANAGER)], capture_output=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr.decode()


def test_the_alertmanager_example_knows_every_alert() -> None:
    """A dark site silences its cameras, by the label that both carry; no name is misspelt."""
    text = ALERTMANAGER.read_text(encoding="utf-8")

    named = set(re.findall(r"Vigiparc[A-Z]\w+", text))
    assert named <= EXPECTED
    site, _, rest = text.partition('source_matchers: [alertname="VigiparcSiteUnreachable"]')
    assert "inhibit_rules:" in site
    rule = rest.split("- source_matchers")[0]
    assert "VigiparcCameraDown" in rule
    assert "equal: [site]" in rule


def test_a_rendered_page_is_clean(pages: Callable[[], bytes]) -> None:
    """Promtool has nothing to say about names, types and help of the whole page."""
    done = promtool("check", "metrics", page=pages())

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_real_prometheus_scrapes_with_the_shipped_file(
    pages: Callable[[], bytes], tmp_path: Path
) -> None:
    """Only address and pace are changed: the sites are there by the shipped job."""
    with serving(pages) as port:
        text = SCRAPE.read_text(encoding="utf-8")
        quick = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace(": 15s", ": 1s")
        config = tmp_path / "scrape.yml"
        config.write_text(quick.replace(": 10s", ": 1s"), encoding="utf-8")
        with prometheus(config, tmp_path) as server:
            found = server.wait_for("vigiparc_site_up")

    assert {sample["metric"]["job"] for sample in found} == {"vigiparc"}
    assert sorted(sample["value"][1] for sample in found) == ["0", "1"]
