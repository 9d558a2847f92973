"""Forms of the grant page."""

import re
from typing import Any

from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from registry.funding.models import Grant, GrantStatus
from registry.funding.rules import parse_cents
from registry.funding.service import GrantEdit
from registry.web.render import STATUS_WORDS, euros, gettext
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form


class GrantForm(Form):
    """What an officer may change of a grant, and why they do."""

    status = SelectField(
        _l("Status"),
        choices=[SelectChoice(each.value, _l(STATUS_WORDS[each])) for each in GrantStatus],
    )
    paid = StringField(_l("Paid amount, in euros"), validators=[InputRequired()])
    decision_number = StringField(_l("Decision number"), validators=[Length(max=60)])
    decided_on = DateField(_l("Decision date"), validators=[Optional()])
    reason = TextAreaField(
        _l("Reason of the change"), validators=[InputRequired(), Length(max=400)]
    )

    def __init__(self, grant: Grant, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the base's signature
        """Show what the grant holds; what was typed stays when it is refused."""
        shown = {
            "status": grant.status.value,
            "paid": re.sub(r"[^\d,.]", "", euros(grant.paid_cents)),
            "decision_number": grant.decision_number,
            "decided_on": grant.decided_on,
        }
        super().__init__(*args, data=shown, **kwargs)
        self._grant = grant

    def validate_paid(self, field: StringField) -> None:
        """Read the amount as people type it, and hold it under what was voted."""
        try:
            cents = parse_cents(field.data or "")
        except ValueError:
            message = gettext("“%(value)s” is not an amount.", value=field.data)
            raise ValidationError(message) from None
        if not 0 <= cents <= self._grant.voted_cents:
            voted = euros(self._grant.voted_cents)
            raise ValidationError(
                gettext(
                    "“%(value)s” is not between 0 and the amount voted, %(voted)s.",
                    value=field.data,
                    voted=voted,
                )
            )

    def edit(self) -> GrantEdit:
        """Return what was entered, once it has been validated."""
        return GrantEdit(
            GrantStatus(self.status.data),
            parse_cents(self.paid.data or ""),
            (self.decision_number.data or "").strip(),
            self.decided_on.data,
        )
