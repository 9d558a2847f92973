"""Who, when and why: asked for wherever money, identity or dates change."""

from datetime import UTC, date, datetime

import pytest

from registry.signature import Signature
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("reason", "codes"),
    [("Solde versé", []), ("", ["required"]), ("  ", ["required"]), ("x" * 401, ["text.long"])],
)
def test_a_reason_is_asked_for(reason: str, codes: list[str]) -> None:
    """Blank is none, and a novel is refused before it is written."""
    signed = Signature(actor="user:2", at=NOON, reason=reason)

    assert [each.code for each in signed.problems()] == codes


def test_a_day_is_that_of_france() -> None:
    """At 23:30 UTC in summer it is tomorrow in Paris."""
    late = Signature(actor="user:2", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))

    assert late.today == date(2026, 7, 1)
