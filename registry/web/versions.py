"""Tells whether what a form was filled from still stands, so that no change is lost unseen."""

import hashlib
import json
from collections.abc import Mapping

from wtforms import Field, HiddenField, SelectField

from registry.web.render import gettext
from registry.web.security import Form

# What a form says of the change itself stands nowhere yet.
SAID_OF_THE_CHANGE = frozenset({"reason", "why"})


def version_of(said: Mapping[str, object]) -> str:
    """Return a short word for what something says; any change of it makes another."""
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class VersionedForm(Form):
    """A form of what stands already; it brings back the word for what it was filled from."""

    version = HiddenField()

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
            if isinstance(field, HiddenField) or field.name in SAID_OF_THE_CHANGE:
                continue
            said, typed = _words(standing[field.name]), _words(field)
            if said != typed:
                told = gettext("The register now says “%(value)s”.", value=said)
                field.errors = [*field.errors, told]


def _words(field: Field) -> str:
    """Return what a field says as a person reads it."""
    if isinstance(field, SelectField):
        # A choice is a tuple: value, label, whether it is chosen, how it is drawn.
        chosen = [str(label) for _, label, selected, _ in field.iter_choices() if selected]
        return ", ".join(chosen) or "–"
    value = getattr(field, "_value", None)
    text = value() if value is not None else str(field.data or "")
    return " ".join(str(text).split()) or "–"
