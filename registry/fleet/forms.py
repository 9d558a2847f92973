"""The forms with which a sheet is sent, confirmed, and its headers are mapped."""

from collections.abc import Mapping

from flask_wtf.file import FileField, FileRequired  # type: ignore[import-untyped]  # ships no types
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length

from registry.sheets import SUFFIXES
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form

OURS = SelectChoice("", "VigiParc")
BY_SHEET = SelectChoice("", _l("Funded cameras, or what the sheet's name says"))


class ImportForm(Form):
    """A file, and whether it is only to be tried: yes, unless somebody says no."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Choose a file first."))],
        render_kw={"accept": ",".join(SUFFIXES)},
    )
    dry_run = BooleanField(_l("Dry run: check everything, write nothing"), default=True)
    profile = SelectField(_l("Written as"), choices=[OURS], default="")
    kind = SelectField(_l("What its rows are"), choices=[BY_SHEET], default="")
    site = StringField(
        _l("Site of all its rows"), validators=[Length(max=12)], render_kw={"maxlength": 12}
    )
    reason = StringField(_l("Reason"), validators=[Length(max=400)], render_kw={"maxlength": 400})


def import_form(profiles: Mapping[str, str], kinds: Mapping[str, str]) -> ImportForm:
    """Return the form with the profiles and kinds of rows that there are, words by code."""
    form = ImportForm()
    form.profile.choices = [OURS, *(SelectChoice(*each) for each in profiles.items())]
    form.kind.choices = [BY_SHEET, *(SelectChoice(*each) for each in kinds.items())]
    return form


class ConfirmForm(Form):
    """The word that takes out a file which was tried."""

    token = StringField()
    profile = StringField()
    kind = StringField()
    site = StringField()
    reason = StringField()


class MappingForm(ConfirmForm):
    """The name under which the choices made for foreign headers are kept."""

    name = StringField(_l("Name of the profile"), render_kw={"maxlength": 60, "required": True})
