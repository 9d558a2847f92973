"""Tells whether what a form was filled from still stands, so that no change is lost unseen."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import ClassVar, TypeVar

from flask import request
from wtforms import Field, HiddenField, SelectField
from wtforms.widgets import DateInput

from registry.db import LARGEST_ID, Base, claim_writing
from registry.errors import NotFound
from registry.web.access import current_session
from registry.web.render import gettext, short_day
from registry.web.security import Form

Row = TypeVar("Row", bound=Base)


def held(model: type[Row], key: int) -> Row:
    """
    Return a row; for a change nobody else may write it until the answer is given.

    Raises:
        NotFound: There is none.
    """
    session = current_session()
    if not 0 < key <= LARGEST_ID:
        raise NotFound(f"{model.__tablename__} {key}")
    if request.method != "POST":
        row = session.get(model, key)
    else:
        claim_writing(session)
        row = session.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"{model.__tablename__} {key}")
    return row


def version_of(said: Mapping[str, object]) -> str:
    """Return a short word for what something says; any change of it makes another."""
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class VersionedForm(Form):
    """A form of what stands already; it brings back the word for what it was filled from."""

    version = HiddenField()
    # The fields that say something of the change itself: it stands nowhere yet.
    of_the_change: ClassVar[frozenset[str]] = frozenset({"reason"})

    def is_current(self, said: Mapping[str, object]) -> bool:
        """
        Tell whether the form was filled from what stands now; shown again, it is.

        Whoever was told that something changed and sends the form once more means it.
        """
        before, self.version.data = self.version.data, version_of(said)
        return not self.is_submitted() or before == self.version.data

    def tell_apart(self, standing: Form) -> None:
        """Say below each field what the register says by now, where it is not what was typed."""
        for field in self:
            if isinstance(field, HiddenField) or field.name in self.of_the_change:
                continue
            other = standing[field.name]
            said = _words(other)
            if said != _words(field) and other.data != field.data:
                told = gettext("The register now says “%(value)s”.", value=said)
                field.errors = [*field.errors, told]


def changed_meanwhile() -> str:
    """Tell somebody that another was quicker."""
    return gettext(
        "Somebody else has changed this since you opened it: nothing of yours is saved. "
        "Look at what stands now, then save again if yours is to replace it."
    )


def _words(field: Field) -> str:
    """Return what a field says as a person reads it."""
    if isinstance(field, SelectField):
        # A choice is a tuple: value, label, whether it is chosen, how it is drawn.
        chosen = [str(label) for _, label, selected, _ in field.iter_choices() if selected]
        return ", ".join(chosen) or "–"
    if isinstance(field.data, datetime):
        return f"{short_day(field.data)} {field.data:%H:%M}"
    if isinstance(field.data, date):
        return short_day(field.data)
    # An amount is kept in cents and written in euros: each field knows how it writes.
    written = getattr(field, "_value", None)
    text = " ".join(str(written() if written else field.data or "").split())
    if isinstance(field.widget, DateInput):
        with suppress(ValueError):
            return short_day(date.fromisoformat(text))
    return text or "–"
