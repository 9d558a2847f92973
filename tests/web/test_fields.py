"""Days, times and numbers as people type them, and what is said of what is none."""

from datetime import date, datetime, time

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import InputRequired, NumberRange, Optional

from registry.web.fields import DayField, HourField, MomentField, WholeField


class Typed(Form):
    """A form with one of each."""

    day = DayField("day", validators=[Optional()])
    hour = HourField("hour", validators=[Optional()])
    moment = MomentField("moment", validators=[Optional()])
    count = WholeField("count", validators=[InputRequired(), NumberRange(max=9)])


def form(**typed: str) -> Typed:
    """Return the form as it was sent."""
    sent = Typed(MultiDict(typed))
    sent.validate()
    return sent


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("day", "2026-11-23", date(2026, 11, 23)),
        ("day", " 23/11/2026 ", date(2026, 11, 23)),
        ("hour", "18:30", time(18, 30)),
        ("moment", "2026-11-23T14:05", datetime(2026, 11, 23, 14, 5)),  # noqa: DTZ001 - local
        ("moment", "23/11/2026 14:05:09", datetime(2026, 11, 23, 14, 5, 9)),  # noqa: DTZ001
        ("count", "7", 7),
        ("day", "", None),
        ("moment", "", None),
    ],
)
def test_what_is_typed_is_read(app: Flask, name: str, typed: str, read: object) -> None:
    """As a calendar sends it, or as people write it; nothing for nothing."""
    with app.test_request_context():
        sent = form(**{"count": "1", name: typed})

    assert sent[name].data == read
    assert sent.errors == {}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("day", "31/02/2026", "« 31/02/2026 » n’est pas une date, comme 23/11/2026."),
        ("hour", "25:99", "« 25:99 » n’est pas une heure, comme 18:30."),
        ("moment", "demain", "« demain » n’est pas une date et une heure, comme 23/11/2026 14:05."),
        ("count", "trois", "« trois » n’est pas un nombre entier."),
    ],
)
def test_what_cannot_be_read_is_told_once(app: Flask, name: str, typed: str, said: str) -> None:
    """The value and what was expected; what else is asked of it is not asked of nothing."""
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        sent = form(**{"count": "1", name: typed})

    assert sent.errors == {name: [said]}


def test_what_is_needed_is_still_asked_for(app: Flask) -> None:
    """A blank is no number."""
    with app.test_request_context():
        assert form(count="").errors == {"count": ["This field is required."]}
