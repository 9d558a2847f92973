"""Every member of funding's closed sets has its words."""

from collections.abc import Mapping
from enum import StrEnum

import pytest
from flask import Flask

from registry.funding.forms.words import (
    FUNDER_WORDS,
    LINE_WORDS,
    PAPER_WORDS,
    PAYMENT_WORDS,
    RULE_WORDS,
    STAGE_WORDS,
    funding_word,
)
from registry.funding.models import (
    Funder,
    GrantStatus,
    LineState,
    PaperKind,
    PaperStage,
    PaymentKind,
    RuleCode,
)
from registry.web.render import STATUS_WORDS


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (GrantStatus, STATUS_WORDS),
        (PaperKind, PAPER_WORDS),
        (PaperStage, STAGE_WORDS),
        (PaymentKind, PAYMENT_WORDS),
        (Funder, FUNDER_WORDS),
        (LineState, LINE_WORDS),
        (RuleCode, RULE_WORDS),
    ],
)
def test_no_code_is_without_words(codes: type[StrEnum], words: Mapping[str, str]) -> None:
    """A new member cannot be shown bare."""
    assert {str(code) for code in codes} == set(words)


def test_a_word_is_in_the_readers_language(app: Flask) -> None:
    """French where French is asked for."""
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert funding_word("acceptance_report", "paper") == "PV de réception"
