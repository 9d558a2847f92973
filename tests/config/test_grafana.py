"""The dashboard's structure, and each of its queries on a real Prometheus."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.settings import config_folder
from tests.config.conftest import Prometheus, prometheus, serving

GRAFANA = config_folder() / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
# What Grafana puts in before it asks.
VARIABLES = {
    "$job": "vigiparc",
    "$instance": ".+",
    "$department": ".+",
    "$window": "1d",
    "$__range": "1m",
    "$__rate_interval": "1m",
}
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: vigiparc
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def load(path: Path) -> dict[str, Any]:
    """Read a dashboard."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def queries(dashboard: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each query with the title of its panel, its variables put in."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            yield panel["title"], expression


@pytest.fixture
def server(pages: Callable[[], bytes], tmp_path: Path) -> Iterator[Prometheus]:
    """Return a real Prometheus that scrapes a page every second."""
    config = tmp_path / "prometheus.yml"
    with serving(pages) as port:
        config.write_text(CONFIG.format(port=port), encoding="utf-8")
        with prometheus(config, tmp_path) as server:
            yield server


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_well_made(path: Path) -> None:
    """Unique identifiers, a data source to choose, and words and units on every panel."""
    dashboard = load(path)
    panels = dashboard["panels"]
    variables = {each["name"]: each for each in dashboard["templating"]["list"]}

    assert dashboard["uid"]
    assert dashboard["title"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 0
    assert variables["datasource"]["type"] == "datasource"
    assert {"job", "instance"} <= set(variables)
    for panel in panels:
        assert panel["title"]
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["targets"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert 'job=~"$job",instance=~"$instance"' in target["expr"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_no_panel_lies_on_another(path: Path) -> None:
    """Panels have room of their own on the grid of 24 columns."""
    taken: set[tuple[int, int]] = set()
    for panel in load(path)["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_query_returns_data(path: Path, server: Prometheus) -> None:
    """Each panel shows something on a server that scrapes a page like ours."""
    dashboard = load(path)

    found = {(title, query): server.wait_for(query) for title, query in queries(dashboard)}

    assert all(found.values())
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            metric = variable["definition"].removeprefix("label_values(").split("{")[0]
            assert server.query(metric.split(",")[0])


def test_the_provisioning_files_name_what_the_dashboards_ask_for() -> None:
    """The data source is the one that dashboards choose by default."""
    source = (GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text()
    provider = (GRAFANA / "provisioning" / "dashboards" / "vigiparc.yml").read_text()

    assert "type: prometheus" in source
    assert "uid: prometheus" in source
    assert "path: /var/lib/grafana/dashboards/vigiparc" in provider
