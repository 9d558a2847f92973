"""The forms of the fleet: sheets and their profiles, the papers of sites, hours of power."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from flask_wtf.file import FileField, FileRequired  # type: ignore[import-untyped]  # ships no types
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from registry.errors import Problem
from registry.fleet.rules import describe
from registry.fleet.rules.power import french_hours
from registry.fleet.rules.tables import AUTHORISATIONS, CONTRACTS
from registry.sheets import SUFFIXES
from registry.web.render import (
    CALENDAR_WORDS,
    EXCLUSION_WORDS,
    ORDER_WORDS,
    PURPOSE_WORDS,
    language,
    mark,
)
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form
from registry.web.versions import VersionedForm

OURS = SelectChoice("", "VigiParc")
BY_SHEET = SelectChoice("", _l("What the sheet’s name says"))


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


def _day(label: str) -> StringField:
    # A text: the service reads days, and says in words what it could not read.
    return StringField(_l(label), widget=DateInput())


def _count(label: str) -> StringField:
    return StringField(_l(label), render_kw={"inputmode": "numeric"})


def _choice(label: str, words: Mapping[str, str]) -> SelectField:
    choices = [SelectChoice(code, _l(text)) for code, text in words.items()]
    return SelectField(_l(label), choices=choices, validate_choice=False)


def _choices(label: str, words: Mapping[str, str]) -> SelectMultipleField:
    return SelectMultipleField(
        _l(label),
        choices=[SelectChoice(code, _l(text)) for code, text in words.items()],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


def _reason() -> StringField:
    return StringField(
        _l("Reason of the change"), validators=[Length(max=400)], render_kw={"maxlength": 400}
    )


class PaperForm(VersionedForm):
    """
    A paper that covers sites; what is typed is read, and refused, by the service.

    `needed` names the fields that it asks for.
    """

    needed: ClassVar[frozenset[str]] = frozenset()
    hints: ClassVar[Mapping[str, str]] = {
        "sites": mark("Their identifiers, such as 59054-01, separated by spaces."),
        "reason": mark("Asked for where an identity, a date or the sites change."),
    }

    @classmethod
    def of(cls, said: Mapping[str, Any], **rest: Any) -> "PaperForm":  # noqa: ANN401 - the base's signature
        """Fill it with what a paper says, as people write it."""
        return cls(data={key: _typed(key, value) for key, value in said.items()}, **rest)

    def values(self) -> dict[str, str]:
        """Return what was entered, as the services read it."""
        told = {}
        for field in self:
            if field.name in {"version", "reason", "csrf_token"}:
                continue
            typed = field.data or ""
            told[field.name] = typed.strip() if isinstance(typed, str) else "; ".join(typed)
        return told

    def refuse(self, problems: Iterable[Problem]) -> list[str]:
        """Put each problem below its field; return those that no field is for."""
        others = []
        for problem in problems:
            said = describe(self._spoken(problem), language())
            if problem.where in self:
                field = self[problem.where]
                field.errors = [*field.errors, said]
            else:
                others.append(said)
        return others

    def _spoken(self, problem: Problem) -> Problem:
        """Name fields by their labels, as the reader sees them."""
        if problem.code != "reason.required":
            return problem
        names = problem.parameters["fields"].split(", ")
        labels = ", ".join(str(self[each].label.text) for each in names if each in self)
        return Problem(problem.code, problem.where, problem.value, {"fields": labels})


class ContractForm(PaperForm):
    """A maintenance contract."""

    needed = CONTRACTS.needed
    reference = StringField(_l("Reference"))
    contractor = StringField(_l("Contractor"))
    starts_on = _day(mark("Begins on"))
    ends_on = _day(mark("To (excluded)"))
    sites = TextAreaField(_l("Sites covered"))
    gti_hours = _count(mark("Response, GTI (h)"))
    gtr_hours = _count(mark("Repair, GTR (h)"))
    calendar = _choice(mark("Delays run"), CALENDAR_WORDS)
    business_hours = StringField(_l("Business hours"))
    target_availability = StringField(_l("Target availability, in percent"))
    exclusions = _choices(mark("Outages that do not count"), EXCLUSION_WORDS)
    reason = _reason()

    hints: ClassVar[Mapping[str, str]] = {
        **PaperForm.hints,
        "ends_on": mark("The day after the last; empty where none is fixed."),
        "business_hours": mark("Such as mon-fri 08:00-18:00; sat 08:00-12:00."),
    }

    def values(self) -> dict[str, str]:
        """Return what was entered; a bare number is a percentage."""
        told = super().values()
        share = told["target_availability"]
        if share and not share.endswith("%"):
            told["target_availability"] = f"{share} %"
        return told


class AuthorisationForm(PaperForm):
    """A prefectoral authorisation."""

    needed = AUTHORISATIONS.needed
    department_code = StringField(_l("Department"))
    act_number = StringField(_l("Order number"))
    kind = _choice(mark("Kind"), ORDER_WORDS)
    holder = StringField(_l("Holder"))
    decided_on = _day(mark("Signed on"))
    expires_on = _day(mark("Expires on"))
    renewal_filed_on = _day(mark("Renewal filed on"))
    sites = TextAreaField(_l("Sites covered"))
    public_road_cameras = _count(mark("Cameras on public roads"))
    exterior_cameras = _count(mark("Exterior cameras"))
    interior_cameras = _count(mark("Interior cameras"))
    retention_days = _count(mark("Retention (days)"))
    purposes = _choices(mark("Purposes"), PURPOSE_WORDS)
    reason = _reason()

    hints: ClassVar[Mapping[str, str]] = {
        **PaperForm.hints,
        "department_code": mark("The code of its prefecture’s department, such as 59."),
        "expires_on": mark("Five years after its date at most; four months if it is provisional."),
    }


class PowerForm(PaperForm):
    """Weekly hours of power, from a day on."""

    needed = frozenset({"power_hours", "power_from_on", "reason"})
    power_hours = StringField(_l("Hours of power"))
    power_from_on = _day(mark("From the day"))
    reason = _reason()

    hints: ClassVar[Mapping[str, str]] = {
        "power_hours": mark("Paris time, such as mon-sun 20:00-06:00."),
        "power_from_on": mark(
            "What is in force before that day stays; what was to begin later gives way."
        ),
        "reason": mark("Kept in the journal with your name and the time."),
    }


class RenameForm(VersionedForm):
    """Another name for a saved profile."""

    name = StringField(_l("Name of the profile"), render_kw={"maxlength": 60, "required": True})


def _typed(key: str, value: object) -> object:
    """Write a value as people type it, which the services read again."""
    if key in {"exclusions", "purposes"}:
        return str(value or "").split()
    if key in {"business_hours", "power_hours"} and language() == "fr":
        return french_hours(str(value))
    if isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}".replace(".", ",")
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
