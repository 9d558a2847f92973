"""The form with which a sheet is sent."""

from collections.abc import Mapping

from flask_wtf.file import FileField, FileRequired  # type: ignore[import-untyped]  # ships no types
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from registry.sheets import SUFFIXES
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form

OURS = SelectChoice("", "VigiParc")


class ImportForm(Form):
    """A file, and whether it is only to be tried: yes, unless somebody says no."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Choose a file first."))],
        render_kw={"accept": ",".join(SUFFIXES)},
    )
    dry_run = BooleanField(_l("Dry run: check everything, write nothing"), default=True)
    profile = SelectField(_l("Written as"), choices=[OURS], default="")
    site = StringField(
        _l("Site of all its rows"), validators=[Length(max=12)], render_kw={"maxlength": 12}
    )
    reason = StringField(_l("Reason"), validators=[Length(max=400)], render_kw={"maxlength": 400})


def import_form(profiles: Mapping[str, str]) -> ImportForm:
    """Return the form with the profiles that there are, their titles by their names."""
    form = ImportForm()
    form.profile.choices = [OURS, *(SelectChoice(*each) for each in profiles.items())]
    return form


class ConfirmForm(Form):
    """The word that takes out a file which was tried."""

    token = StringField()
    profile = StringField()
    site = StringField()
    reason = StringField()
