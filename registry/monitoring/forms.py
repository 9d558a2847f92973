"""Forms of monitoring."""

from wtforms import StringField
from wtforms.validators import Length

from registry.monitoring.service.wishes import NOTE_LENGTH
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form


class AcknowledgeForm(Form):
    """Say that an outage was seen, and what is being done about it."""

    note = StringField(_l("Note"), validators=[Length(max=NOTE_LENGTH)])
