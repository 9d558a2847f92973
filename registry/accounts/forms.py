"""The form that makes an API token."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput

from registry.accounts.rules import Right, TokenOrder
from registry.clock import paris_day, paris_midnight
from registry.errors import Problem
from registry.web.fields import DayField
from registry.web.problems import describe
from registry.web.render import RIGHT_WORDS
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form

USUAL_LIFE = timedelta(days=365)
A_DAY = timedelta(days=1)


class TokenForm(Form):
    """What another system's token is to be."""

    name = StringField(_l("Which system it is for"), validators=[InputRequired(), Length(max=120)])
    rights = SelectMultipleField(_l("Rights"), option_widget=CheckboxInput())
    writes = BooleanField(_l("It may change things, not only read"))
    territory = StringField(_l("Territory"), validators=[Length(max=1_000)])
    networks = StringField(_l("Networks"), validators=[Length(max=400)])
    expires_at = DayField(_l("Last day of use"), validators=[InputRequired()])

    def __init__(self, rights: Iterable[str], *, at: datetime, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Offer the rights of whoever makes the token, and a year."""
        super().__init__(data={"expires_at": paris_day(at + USUAL_LIFE)}, **more)
        held = frozenset(rights)
        self.rights.choices = [
            SelectChoice(str(right), _l(RIGHT_WORDS.get(right, right)))
            for right in Right
            if right in held
        ]

    def order(self) -> TokenOrder:
        """Return what was entered, once it has been validated; the last day is whole."""
        assert self.expires_at.data is not None  # noqa: S101 - validated above
        return TokenOrder(
            name=(self.name.data or "").strip(),
            rights=tuple(self.rights.data or ()),
            expires_at=paris_midnight(self.expires_at.data + A_DAY),
            territory=tuple((self.territory.data or "").split()),
            networks=tuple((self.networks.data or "").split()),
            read_only=not self.writes.data,
        )

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put what the rules refuse under its field, with the value that will not do."""
        for problem in problems:
            field = self[problem.where]
            said = describe(problem)
            value = "" if problem.where == "expires_at" else problem.value
            field.errors = [*field.errors, f"{said} ({value})" if value else said]
