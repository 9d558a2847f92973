"""What a client sends is handed to the services as they read it."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from registry.errors import Invalid, Problem
from registry.fleet.api.speaking import plain, spoken
from registry.fleet.models import SiteKind


def test_values_are_handed_on_as_a_sheet_would_write_them() -> None:
    """A flag is a word, a share and a code are texts, a day and a number stay what they are."""
    day = date(2026, 11, 23)

    assert plain(
        {"a": True, "b": SiteKind.HUB, "c": Decimal("0.5"), "d": day, "e": 7, "f": None}
    ) == {"a": "yes", "b": "hub", "c": "0.5", "d": day, "e": 7, "f": None}


def test_a_refusal_is_put_into_words_under_the_apis_own_names(app: Flask) -> None:
    """What the services call a reason is `why` for a client."""
    with (
        app.test_request_context(headers={"Accept-Language": "en"}),
        pytest.raises(Invalid) as refused,
        spoken(),
    ):
        raise Invalid([Problem("reason.required", "reason", "", {"fields": "serial"})])

    (said,) = refused.value.problems
    assert said.where == "why"
    assert "serial" in said.parameters["message"]
