"""The form of a token, whatever its page looks like."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from registry.accounts.forms import TokenForm
from registry.accounts.rules import Right, RoleName, rights_of
from registry.errors import Problem
from registry.web.render import RIGHT_WORDS


def test_every_right_has_its_words() -> None:
    """A right that is added to the rules is offered by name."""
    assert set(RIGHT_WORDS) == set(Right)


@pytest.mark.parametrize("role", list(RoleName))
def test_only_rights_that_one_has_are_offered(app: Flask, now: datetime, role: RoleName) -> None:
    """In the order of the rules."""
    held = rights_of([role])

    with app.test_request_context():
        form = TokenForm(held, at=now)
        offered = [str(choice.data) for choice in form.rights]

    assert offered == [right for right in Right if right in held]


def test_a_tokens_last_day_is_a_year_away_and_whole(app: Flask, now: datetime) -> None:
    """Until the midnight of Paris after it, in winter as in summer."""
    with app.test_request_context():
        form = TokenForm(frozenset(Right), at=now)
        form.expires_at.data = now.replace(month=7, day=14).date()
        order = form.order()

    assert order.expires_at == datetime(now.year, 7, 14, 22, tzinfo=UTC)
    assert order.read_only


def test_a_refusal_stands_under_its_field_with_its_value(app: Flask, now: datetime) -> None:
    """Beside what the form itself has said."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        form = TokenForm(frozenset(Right), at=now)
        form.refuse([Problem("network", "networks", "x"), Problem("network", "networks", "y")])

    assert [each[-3:] for each in form.networks.errors] == ["(x)", "(y)"]
