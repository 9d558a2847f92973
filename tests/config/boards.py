"""Reads the dashboards that are shipped, and puts in what Grafana would."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry.settings import config_folder

GRAFANA = config_folder() / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards" / "vigiparc").glob("*.json"))
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def load(path: Path) -> dict[str, Any]:
    """Read a dashboard."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def targets(dashboard: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each query as it is written, with the title of its panel."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def with_variables(expression: str, **chosen: str) -> str:
    """
    Put in what Grafana puts in before it asks.

    Whatever may be all (`.+`) is all, the window is a day, ranges are a minute.
    """
    values = {"window": "1d", "__range": "1m", "__rate_interval": "1m", **chosen}
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], ".+"), expression)
