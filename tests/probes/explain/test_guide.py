"""The guide for technicians says what the command says."""

from pathlib import Path

import pytest

from probes.explain import hint, seen
from probes.verdict import Issue, Reason

GUIDE = Path(__file__).parents[3] / "docs" / "probing.md"


@pytest.mark.parametrize("code", [*Reason, *Issue])
def test_every_code_stands_in_the_guide_with_the_words_of_the_command(code: Reason | Issue) -> None:
    """Whoever reads `--explain` finds the same sentence in the paper, word for word."""
    row = f"| `{code}` | {seen(code, 'en')} | {hint(code, 'en')} |"

    assert row in GUIDE.read_text(encoding="utf-8").splitlines()
