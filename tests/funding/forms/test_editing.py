"""The forms offer what is possible, and give back plain values."""

import re
from datetime import date

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.funding.forms import LineForm, NewGrantForm, PaymentForm, StepForm, ValuesForm
from registry.funding.models import Funder, GrantStatus, LineState, PaymentKind
from registry.funding.rules import MOVES, Step
from registry.funding.service import GrantValues, LineValues, PaymentValues
from tests.factories import make_grant


def test_a_form_shows_what_the_grant_says(app: Flask, session: Session) -> None:
    """Sent back as it was shown, it says the same."""
    grant = make_grant(session, eligible_cents=4_000_050)
    with app.test_request_context():
        shown = ValuesForm(grant, meta={"csrf": False})
        sent = MultiDict({name: _typed(shown, name) for name in shown.data if name != "reason"})

    with app.test_request_context(method="POST", data=sent):
        assert ValuesForm(grant, meta={"csrf": False}).values() == GrantValues.of(grant)


def _typed(form: ValuesForm, name: str) -> str:
    field = form[name]
    found = re.search('value="([^"]*)"', str(field()))
    return found[1] if found else ""


def test_only_possible_steps_are_offered(app: Flask) -> None:
    """In the order of the map."""
    with app.test_request_context(method="POST", data={"status": "notified", "on": "2024-01-02"}):
        form = StepForm(MOVES[GrantStatus.VOTED], meta={"csrf": False})

        assert [choice[0] for choice in form.status.iter_choices()] == list(
            MOVES[GrantStatus.VOTED]
        )
        assert form.step() == Step(to=GrantStatus.NOTIFIED, on=date(2024, 1, 2))


def test_a_payment_is_read(app: Flask) -> None:
    """What is blank is not known."""
    with app.test_request_context(method="POST", data={"kind": "advance", "paid_cents": "3,50"}):
        values = PaymentForm(meta={"csrf": False}).values()

    assert values == PaymentValues(kind=PaymentKind.ADVANCE, paid_cents=350)


def test_a_line_is_read(app: Flask) -> None:
    """An amount left blank is none."""
    with app.test_request_context(method="POST", data={"funder": "epci", "state": "asked"}):
        values = LineForm(meta={"csrf": False}).values()

    assert values == LineValues(funder=Funder.EPCI, state=LineState.ASKED)


def test_a_new_file_is_asked_for_in_the_order_of_its_cover(app: Flask) -> None:
    """Whose grant, under what number and campaign; then what it says; the reason last."""
    with app.test_request_context():
        names = [each.name for each in NewGrantForm([(1, "2026")], meta={"csrf": False})]

    assert names[:5] == ["file_number", "campaign", "kind", "beneficiary", "insee"]
    assert names[-1] == "reason"
