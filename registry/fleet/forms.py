"""The form with which a sheet is sent."""

from flask_wtf.file import FileField, FileRequired  # type: ignore[import-untyped]  # ships no types
from wtforms import BooleanField

from registry.sheets import SUFFIXES
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form


class ImportForm(Form):
    """A file, and whether it is only to be tried: yes, unless somebody says no."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Choose a file first."))],
        render_kw={"accept": ",".join(SUFFIXES)},
    )
    dry_run = BooleanField(_l("Dry run: check everything, write nothing"), default=True)
