"""Amounts and rates as people type them."""

from decimal import Decimal

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from registry.funding.forms.fields import EurosField, PercentField


class Typed(Form):
    """A form with one of each."""

    amount = EurosField("amount")
    rate = PercentField("rate")


def form(amount: str, rate: str = "") -> Typed:
    """Return the form as it was sent."""
    typed = Typed(MultiDict({"amount": amount, "rate": rate}))
    typed.validate()
    return typed


@pytest.mark.parametrize(
    ("amount", "rate", "data"),
    [
        ("21 600,00 €", "30", (2_160_000, Decimal("0.3"))),
        ("0", "33,5 %", (0, Decimal("0.335"))),
        ("", "", (None, None)),
    ],
)
def test_what_is_typed_is_read(
    app: Flask, amount: str, rate: str, data: tuple[object, ...]
) -> None:
    """Whole cents, an exact rate, nothing for nothing."""
    with app.test_request_context():
        typed = form(amount, rate)

    assert (typed.amount.data, typed.rate.data) == data
    assert typed.errors == {}


def test_what_cannot_be_read_stays_as_typed(app: Flask) -> None:
    """With a sentence that repeats it."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        typed = form("lots", "NaN")

        assert typed.errors == {
            "amount": ["“lots” is not an amount, such as 21 600,00."],
            "rate": ["“NaN” is not a rate in percent, such as 33,5."],
        }
        assert 'value="lots"' in typed.amount()
        assert 'value="NaN"' in typed.rate()


def test_what_stands_is_shown_as_people_type_it(app: Flask) -> None:
    """A comma, two decimals; a rate without needless zeros."""
    with app.test_request_context():
        shown = Typed(data={"amount": 100_005, "rate": Decimal("0.3")})

        assert 'value="1000,05"' in shown.amount()
        assert 'value="30,0"' in shown.rate()
