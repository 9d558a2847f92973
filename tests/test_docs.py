"""The guides keep up with the code."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry import journal
from registry.audit.exposition import GrantWriter
from registry.audit.rules import RuleId
from registry.cli import vigiparc
from registry.clock import utc_now
from registry.fleet.rules import COLUMNS
from registry.fleet.rules.tables import TABLES, Table
from registry.fleet.service import file_name
from registry.monitoring.exposition import Board, SiteWriter, cameras_of_site, render
from registry.monitoring.models import Dialect
from registry.monitoring.queries.availability import Subject, availability
from registry.monitoring.queries.ledger import lives
from registry.monitoring.runner import Gauges
from registry.monitoring.service import enter_maintenance, record
from registry.monitoring.uptime import Span, position_tally
from registry.settings import Settings
from tests.config.conftest import populate
from tests.conftest import NOON, ON_POSTGRESQL
from tests.factories import make_camera
from tests.monitoring.telling import at_minute, page_of, told

ROOT = Path(__file__).parents[1]


def test_every_column_of_the_sheet_is_explained() -> None:
    """An officer finds each header, and whether it is required, in the guide."""
    guide = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")

    missing = [
        column.header
        for column in COLUMNS
        if f"| {column.header}{' *' if column.required else ''} |" not in guide
    ]

    assert missing == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_every_column_of_a_list_is_named(table: Table) -> None:
    """Whoever fills a list finds its columns, by which of them rows are found, and its file."""
    (line,) = [
        line
        for line in (ROOT / "docs" / "import.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `{table.key}` |")
    ]

    assert [column.header for column in table.columns if column.header not in line] == []
    assert file_name(table.key) in line


def test_every_command_is_shown_somewhere() -> None:
    """No command is known to the code alone."""
    texts = "".join(
        path.read_text(encoding="utf-8")
        for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    )

    assert [name for name in vigiparc.commands if not re.search(rf"\b{name}\b", texts)] == []


def test_every_setting_has_its_default_and_a_reason_beside_it() -> None:
    """config/default.toml holds all settings and no other, and explains itself."""
    text = (ROOT / "config" / "default.toml").read_text(encoding="utf-8")
    defaults = tomllib.loads(text)

    known = {
        section: set(getattr(field.annotation, "model_fields", {}))
        for section, field in Settings.model_fields.items()
    }

    assert {section: set(values) for section, values in defaults.items()} == known
    assert text.count("#") >= sum(map(len, defaults.values())) / 2


@pytest.mark.parametrize(
    "guide", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_links_between_guides_lead_somewhere(guide: Path) -> None:
    """A relative link names a file that exists."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", guide.read_text(encoding="utf-8"))

    assert [link for link in links if not (guide.parent / link).exists()] == []


def test_the_statement_that_recomputes_an_uptime_finds_the_same_seconds(session: Session) -> None:
    """An audit chamber that runs the query of the guide reads what the pages show."""
    camera = make_camera(session)
    seen = [Health.UP] * 4 + [Health.DOWN] * 3 + [Health.UP] * 5
    minutes = [*range(9), 30, 31, 32]
    record(
        session,
        [told(camera.id, at, health) for at, health in zip(minutes, seen, strict=True)],
        patience=2,
    )
    window = Span(int(at_minute(1).timestamp()), int(at_minute(33).timestamp()))
    (life,) = lives(session, [camera.id], window)
    tally = position_tally(window, life.stretches, service=life.service)
    guide = (ROOT / "docs" / "uptime.md").read_text(encoding="utf-8")
    statement = re.search(r"    SELECT.*?GROUP BY [a-z.]+", guide, re.DOTALL)
    assert statement
    sql = statement[0]
    if ON_POSTGRESQL:
        sql = sql.replace("min(", "least(").replace("max(", "greatest(")

    parameters = {"camera": camera.id, "since": window.start, "until": window.end}
    found = {health: int(seconds) for health, seconds in session.execute(text(sql), parameters)}

    assert (found["up"], found["down"]) == (tally.up, tally.down)
    assert tally.down == 3 * 60
    assert sum(found.values()) <= window.end - window.start


def test_the_worked_example_of_the_guide_is_what_comes_out(session: Session) -> None:
    """Whoever disputes a figure starts from one that is explained second by second."""
    camera = make_camera(session)
    seen = [Health.UP] * 4 + [Health.DOWN] * 3 + [Health.UP] * 4
    minutes = [*range(10), 20]
    verdicts = [told(camera.id, at, health) for at, health in zip(minutes, seen, strict=True)]
    record(session, verdicts, patience=2)
    enter_maintenance(
        session,
        camera.site_id,
        starts_at=at_minute(2),
        ends_at=at_minute(3),
        reason="lens",
        actor="user:1",
        at=at_minute(0),
    )
    window = Span(int(at_minute(0).timestamp()), int(at_minute(20).timestamp()))

    told_of = availability(session, Subject.SITE, camera.site.public_id, window).to_dict()

    guide = (ROOT / "docs" / "uptime.md").read_text(encoding="utf-8")
    for bucket in ("up", "down", "unreachable", "unknown", "planned"):
        assert f"\n| {bucket} | {told_of['seconds'][bucket]} |" in guide
    ratio, coverage = told_of["device_availability"], told_of["coverage"]
    for said in (
        f"{ratio['part']} / {ratio['whole']} = {ratio['percent']} %",
        f"from {ratio['least']} % to {ratio['most']} %",
        f"{coverage['part']} / {coverage['whole']} = {coverage['percent']} %",
    ):
        assert said in " ".join(guide.split())
    assert told_of["transitions"] == 3


@pytest.mark.skipif(ON_POSTGRESQL, reason="the script of the guide reads an SQLite file")
def test_the_script_of_the_guide_recomputes_the_journal(session: Session, tmp_path: Path) -> None:
    """An auditor pastes twenty lines and needs nothing of ours."""
    for subject in ("grant:1", "grant:2"):
        journal.write(session, at=NOON, actor="cli", action="x", subject=subject, after={"é": 1})
    session.commit()
    guide = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    script = tmp_path / "recompute.py"
    script.write_text(code)

    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-W", "ignore", script, tmp_path / "vigiparc.db"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"whole: {journal.verify(session).digest}\n"


def test_the_picture_of_the_register_needs_no_network() -> None:
    """It is one file, well formed, that fetches nothing and runs nothing."""
    picture = (ROOT / "docs" / "register.svg").read_text(encoding="utf-8")

    tags = {
        tag.rpartition("}")[2] for tag in (each.tag for each in etree.fromstring(picture).iter())
    }
    assert tags <= {"svg", "title", "desc", "defs", "marker", "path", "rect", "g", "text"}
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|href|url\((?!#)", picture) == []
    assert "](register.svg)" in (ROOT / "docs" / "register.md").read_text(encoding="utf-8")


def test_the_guide_of_the_register_names_every_rule_of_the_audit() -> None:
    """An officer who reads a finding finds what it stands on."""
    guide = (ROOT / "docs" / "register.md").read_text(encoding="utf-8")

    assert [rule for rule in RuleId if f"| {rule} |" not in guide] == []


def metrics_on_the_pages(session: Session) -> Iterator[Metric]:
    """Yield every family of the metrics pages, of a region with something of everything."""
    site = populate(session)
    gauges = Gauges("0")
    gauges.awaits({"local"}, at=NOON)
    at = utc_now() + timedelta(minutes=1)
    writers = SiteWriter(Board(reload_seconds=0), 0), GrantWriter(0), gauges
    cameras = cameras_of_site(session, site.public_id, at=at)
    assert cameras is not None
    for blocks in (render(session, writers, at=at), cameras):
        page = page_of(blocks, Dialect.OPENMETRICS).decode()
        yield from text_string_to_metric_families(page)  # type: ignore[no-untyped-call]  # untyped there


def test_every_metric_is_explained_as_it_is(session: Session) -> None:
    """Its name, its type and its labels: whoever writes a query need not scrape first."""
    guide = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    explained = {}
    for row in re.findall(r"^\| `vigiparc_.*$", guide, re.MULTILINE):
        name, kind, _unit, labels, _meaning = (cell.strip() for cell in row.split("|")[1:-1])
        explained[name.strip("`")] = (kind, set(filter(None, labels.split(", "))))
    suffixes = {"counter": "_total", "info": "_info"}

    found = {}
    for family in metrics_on_the_pages(session):
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert family.samples, f"{family.name}: nothing shows its labels"
        found[family.name + suffixes.get(family.type, "")] = (family.type, labels)

    assert explained == found
