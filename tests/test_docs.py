"""The guides keep up with the code."""

import re
import tomllib
from pathlib import Path

import pytest

from registry.cli import vigiparc
from registry.fleet.rules import COLUMNS
from registry.settings import Settings

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
