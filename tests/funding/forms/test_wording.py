"""Refusals in words, under the field that they are about."""

import re
from pathlib import Path

import pytest
from flask import Flask
from wtforms import Form, StringField

from registry.errors import Problem
from registry.funding.forms import put_on, sentence
from registry.funding.forms.wording import _SENTENCES

FUNDING = Path(__file__).parents[3] / "registry" / "funding"
CODE = re.compile(r'Problem\(\s*"([a-z_.]+)"')


def test_every_refusal_of_funding_has_its_sentence() -> None:
    """Whatever rules or services refuse, the reader is told in words."""
    said = {
        code
        for folder in ("rules", "service")
        for path in (FUNDING / folder).rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    # An import says this one, in its own words.
    said -= {"paper.empty", "paid.below"}

    assert len(said) > 25
    assert said - set(_SENTENCES) == set()


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            Problem("move.impossible", "status", "settled", {"from": "closed", "possible": ""}),
            ("A grant that stands at “Closed” cannot go to “Settled”."
            " Possible: nothing, this is its end."),
        ),
        (
            Problem("date.before", "paid_on", "2024-05-02",
                {"first": "2024-06-03", "step": "asked_on"}),
            "02/05/2024 comes before 03/06/2024, the date of “asked on”.",
        ),
        (
            Problem("payment.interim_share", "paid_cents", "96000001",
                {"already_cents": "0", "most_cents": "96000000", "percent": "80.0"}),
            ("€960,000.01 would exceed what may be paid before the balance, 80 % of the vote:"
            " €960,000.00, of which €0.00 is paid already."),
        ),
        (
            Problem("payment.missing", "payments", "", {"kind": "balance", "what": "certified"}),
            "A payment is missing: Balance, certified.",
        ),
        (Problem("date.window", "on", "2024-01-01", {"opens": "2024-03-01", "closes": ""}),
            "01/01/2024 lies outside the application window, from 01/03/2024 to –."),
        (
            Problem("paper.large", "file", "a.pdf", {"size": "20000000", "most": "15728640"}),
            "The file has 20,000,000 bytes; at most 15,728,640 are kept.",
        ),
        (Problem("unheard.of", "x", "y"), "unheard.of"),
    ],
    ids=lambda value: value.code if isinstance(value, Problem) else "",
)  # fmt: skip
def test_a_refusal_is_said_with_its_figures(app: Flask, problem: Problem, words: str) -> None:
    """Amounts, days and steps as the reader writes them; an unknown code is shown bare."""
    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        assert sentence(problem) == words


def test_a_refusal_stands_under_its_field(app: Flask) -> None:
    """What no field is for comes back, to stand above the form."""

    class One(Form):
        """A form with one field."""

        reason = StringField("reason")

    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        form = One()
        others = put_on(form, [Problem("required", "reason"), Problem("repayment.nothing")])  # type: ignore[arg-type]

    assert form.reason.errors == ["This is required."]
    assert others == ["Nothing was paid, so nothing can be paid back."]
