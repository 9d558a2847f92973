"""
The dashboards' structure, and each of their queries on a real Prometheus.

Grafana itself is not among the packages that the tests can install: what it would
refuse is held here by the strict rules of its own dashboard-linter.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from probes.verdict import Issue
from registry.settings import load as load_settings
from tests.config.boards import DASHBOARDS, GRAFANA, load, targets, with_variables
from tests.config.conftest import Prometheus, prometheus, serving

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: vigiparc
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
ROOT = GRAFANA.parents[1]
UNITS = {"short", "none", "percentunit", "s", "currencyEUR", "cps", "bytes"}
ANY_BOARD = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
# What may stand between a name and its opening brace is nothing: `name{` or `name[`.
SELECTOR = re.compile(r"(?<![\w:\"])((?:[a-z_]+:)?(?:vigiparc|scrape)_\w+(?::\w+)?)(\{[^}]*\})?")


@pytest.fixture
def server(pages: Callable[[], bytes], tmp_path: Path) -> Iterator[Prometheus]:
    """Return a real Prometheus that scrapes a page every second, and records quickly."""
    shipped = (GRAFANA.parent / "prometheus" / "rules.yml").read_text(encoding="utf-8")
    quick = re.sub(r"interval: \w+", "interval: 1s", shipped)
    (tmp_path / "rules.yml").write_text(quick, encoding="utf-8")
    config = tmp_path / "prometheus.yml"
    with serving(pages) as port:
        config.write_text(CONFIG.format(port=port), encoding="utf-8")
        with prometheus(config, tmp_path) as server:
            yield server


def test_the_four_boards_are_there() -> None:
    """From the region down to a site, and the service itself."""
    assert [path.stem for path in DASHBOARDS] == ["region", "service", "site", "territory"]
    uids = [load(path)["uid"] for path in DASHBOARDS]
    assert len(set(uids)) == 4


@ANY_BOARD
def test_a_dashboard_is_well_made(path: Path) -> None:
    """Unique identifiers; words, a valid unit and a chosen data source on every panel."""
    dashboard = load(path)
    panels = dashboard["panels"]

    assert dashboard["title"]
    assert dashboard["description"]
    assert dashboard["editable"] is False
    assert len({panel["id"] for panel in panels}) == len(panels) > 0
    for panel in panels:
        assert panel["title"]
        assert len(panel["description"]) > 20
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["targets"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"]


@ANY_BOARD
def test_variables_are_those_that_the_linter_asks_for(path: Path) -> None:
    """One data source, then job and instance: labelled, several, all by `.+`."""
    variables = {each["name"]: each for each in load(path)["templating"]["list"]}

    sources = [each for each in variables.values() if each["type"] == "datasource"]
    assert [(each["name"], each["label"]) for each in sources] == [("datasource", "Data source")]
    for name, label in (("job", "Job"), ("instance", "Instance")):
        variable = variables[name]
        assert variable["label"] == label
        assert variable["datasource"]["uid"] == "${datasource}"
        assert variable["multi"]
        assert variable["includeAll"]
        assert variable["allValue"] == ".+"
    for variable in variables.values():
        if variable["type"] == "query":
            assert variable["refresh"] == 2, "on a change of the time range"
            assert variable["definition"] == variable["query"]["query"]
            assert variable["definition"].startswith("label_values(vigiparc_")


@ANY_BOARD
def test_every_selector_keeps_to_the_chosen_job_and_instance(path: Path) -> None:
    """A second VigiParc on the same Prometheus never mixes into the figures."""
    for title, expression in targets(load(path)):
        found = list(SELECTOR.finditer(expression))
        assert found, title
        for name, matchers in found_selectors(expression):
            assert 'job=~"$job",instance=~"$instance"' in matchers, (title, name)


@ANY_BOARD
def test_rates_are_over_the_rate_interval(path: Path) -> None:
    """A rate over a fixed time has holes or lies; increases over the shown range are meant."""
    for title, expression in targets(load(path)):
        for function, duration in re.findall(
            r"(rate|irate|increase|delta)\([^\[]*\[([^\]]+)\]", expression
        ):
            wanted = "$__range" if function == "increase" else "$__rate_interval"
            assert duration == wanted, (title, function)


@ANY_BOARD
def test_a_step_of_a_curve_holds_two_answers_of_a_dead_device(path: Path) -> None:
    """It adds five minutes at once, every five minutes: over shorter steps curves zigzag."""
    pause = load_settings().probes.longest_interval_seconds

    for panel in load(path)["panels"]:
        expressions = [target["expr"] for target in panel["targets"]]
        if any("rate(vigiparc_site_camera_state_seconds_total" in each for each in expressions):
            assert int(panel["interval"].removesuffix("m")) * 60 >= 2 * pause, panel["title"]


@ANY_BOARD
def test_a_counter_is_only_read_through_its_increase(path: Path) -> None:
    """Its value since whenever it began says nothing, and falls when the service starts anew."""
    for title, expression in targets(load(path)):
        counters = re.findall(r"([\w(]*)vigiparc_\w+_(?:total|bucket|sum|count)\b", expression)
        assert all(before.endswith(("rate(", "increase(")) for before in counters), title


@ANY_BOARD
def test_a_percentage_never_flatters(path: Path) -> None:
    """Grafana rounds to the nearest: 99.996 % would be 100.00 %. Figures are cut before."""
    for panel in load(path)["panels"]:
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] == "timeseries" or defaults["unit"] != "percentunit":
            continue
        shares = [each["expr"] for each in panel["targets"] if "_cameras{" not in each["expr"]]
        assert shares
        assert defaults["decimals"] == 2
        for expression in shares:
            # What floats lose of an exact hundredth is given back, and no more.
            assert re.fullmatch(r"floor\(10000 \* \(.+\) \+ 1e-9\) / 10000", expression)


@ANY_BOARD
def test_no_panel_reads_raw_camera_series(path: Path) -> None:
    """At 100,000 cameras one look would cost a second: sites and recorded series only."""
    for title, expression in targets(load(path)):
        assert not re.search(r"(?<![\w:])vigiparc_camera_", expression), title


@ANY_BOARD
def test_it_can_be_imported(path: Path) -> None:
    """An import asks for nothing but the data source, and knows what it needs."""
    dashboard = load(path)

    assert dashboard["__inputs"] == []
    needed = {(each["type"], each["id"]) for each in dashboard["__requires"]}
    assert {("grafana", "grafana"), ("datasource", "prometheus")} <= needed
    assert {("panel", panel["type"]) for panel in dashboard["panels"]} <= needed
    assert "id" not in dashboard


@pytest.mark.parametrize("name", ["region", "territory"])
def test_a_site_leads_to_its_board(name: str) -> None:
    """From its line in the table, with the reader's data source and time range."""
    boards = {board["uid"]: board for board in map(load, DASHBOARDS)}
    (board,) = (each for uid, each in boards.items() if uid == f"vigiparc-{name}")

    (url,) = re.findall(r'"url": "(/d/[^"]+)"', json.dumps(board))

    uid, variable = re.findall(r"/d/([\w-]+)\?var-(\w+)=", url)[0]
    assert variable in {each["name"] for each in boards[uid]["templating"]["list"]}
    assert url.endswith("&${datasource:queryparam}&${__url_time_range}")


@ANY_BOARD
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


def test_every_query_is_understood(server: Prometheus) -> None:
    """No panel and no variable has a query that Prometheus refuses or that names no label."""
    server.wait_for("vigiparc_build_info")
    for dashboard in map(load, DASHBOARDS):
        for _, expression in targets(dashboard):
            server.query(with_variables(expression))
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                found: Any = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
                samples = server.query(with_variables(found[1]))
                assert any(found[2] in sample["metric"] for sample in samples), variable["name"]


def found_selectors(expression: str) -> Iterator[tuple[str, str]]:
    """Yield the metrics of a query with their matchers."""
    for found in SELECTOR.finditer(expression):
        yield found[1], found[2] or ""


def test_the_provisioned_source_is_the_one_that_dashboards_choose() -> None:
    """It takes the place of no other: neither its name, nor its file, nor the default."""
    source = (GRAFANA / "provisioning" / "datasources" / "vigiparc.yml").read_text()

    assert "type: prometheus" in source
    assert "isDefault" not in source
    for dashboard in map(load, DASHBOARDS):
        first = dashboard["templating"]["list"][0]
        assert f"uid: {first['current']['value']}\n" in source
        assert f"name: {first['current']['text']}\n" in source


def test_the_commands_of_the_guide_bring_the_boards_to_where_grafana_looks(tmp_path: Path) -> None:
    """Done twice, as after an update, they leave the four boards once, and what was there."""
    guide = (ROOT / "docs" / "grafana.md").read_text(encoding="utf-8")
    commands = re.search(r"\n\n((?:    \S.*\n)+)", guide)
    assert commands
    prometheus, copy, restart = commands[1].split("\n")[:3]
    etc = tmp_path / "grafana"
    own = etc / "provisioning" / "datasources" / "prometheus.yml"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    provider = (GRAFANA / "provisioning" / "dashboards" / "vigiparc.yml").read_text()

    for _ in range(2):
        line = copy.strip().removeprefix("sudo ").replace("/etc/grafana", str(etc))
        subprocess.run(line.split(), cwd=ROOT, check=True)  # noqa: S603 - the guide's own line

    place = re.search(r"path: /etc/grafana/(\S+)", provider)
    assert place
    found = sorted(each.relative_to(etc / place[1]) for each in (etc / place[1]).rglob("*"))
    assert found == [Path(path.name) for path in DASHBOARDS]
    assert own.read_text() == "mine"
    assert "--config.file=config/prometheus/scrape.yml" in prometheus
    assert restart.strip() == "sudo systemctl restart grafana-server"


@ANY_BOARD
def test_its_words_are_french_and_those_of_the_pages(path: Path) -> None:
    """Typography as in print; a state has the word that it has on the pages."""
    dashboard = load(path)
    words = {
        "up": "En service",
        "degraded": "À surveiller",
        "down": "Hors service",
        "unreachable": "Injoignable",
        "unknown": "Inconnu",
        "maintenance": "Maintenance",
    }

    for text in (dashboard["title"], dashboard["description"], *told(dashboard["panels"])):
        assert not re.search(r"\w'\w|[^\u00a0][;:?%€»]( |$)|«[^\u00a0]|\bpanne\b", text), text
    for panel in dashboard["panels"]:
        legends = {target.get("legendFormat") for target in panel["targets"]}
        named = display_names(panel)
        if "{{state}}" in legends:
            assert named == words
        if "{{issue}}" in legends:
            assert set(named) == set(Issue)
        if "{{stage}}" in legends:
            assert set(named) == {"funded", "installed", "seen", "alive"}


def told(panels: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what panels say of themselves."""
    for panel in panels:
        yield panel["title"]
        yield panel["description"]


def display_names(panel: dict[str, Any]) -> dict[str, str]:
    """Return the word that a panel has for each value of its label."""
    return {
        override["matcher"]["options"]: each["value"]
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == "displayName"
    }
