"""Forms of monitoring."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from registry.accounts.rules import RoleName
from registry.clock import PARIS
from registry.errors import Problem
from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.rules.notices import Severity
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.service.maintenance import REASON_LENGTH
from registry.monitoring.service.outages import (
    COMMENT_LENGTH,
    JUDGEMENT_LENGTH,
    NOTE_LENGTH,
    TICKET_LENGTH,
)
from registry.monitoring.service.subscriptions import NAME_LENGTH, Wish
from registry.web.fields import HourField, MomentField
from registry.web.problems import describe
from registry.web.render import (
    DIGEST_WORDS,
    EXCLUSION_WORDS,
    ROLE_WORDS,
    SEVERITY_WORDS,
    gettext,
    mark,
)
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form
from registry.web.versions import VersionedForm

PERSON, WEBHOOK = "person", "webhook"
LANGUAGE_WORDS = {"fr": mark("French"), "en": mark("English")}
# What the service refuses, in words that stand below the field.
REFUSALS: Mapping[str, str] = {
    # The address is not repeated: it may hold a secret.
    "address": mark("This is no address of a service that can be called: jsons://host/path, say."),
    "taken": mark("There is a subscription named “%(value)s” already."),
    "unknown_person": mark("“%(value)s” is not the address of an active account."),
    "unknown_site": mark("“%(value)s” is not the identifier of a site, such as 59054-01."),
    "unknown_department": mark("“%(value)s” is not the code of a department."),
    "quiet_pair": mark("Give both the beginning and the end of the quiet hours, or neither."),
    "quiet_empty": mark("The quiet hours begin and end at the same time, %(value)s."),
    "one_channel": mark("Say who is to be told."),
    "digest": mark("Expected between 0 and %(most)s minutes."),
}


class AcknowledgeForm(Form):
    """Say that an outage was seen, and what is being done about it."""

    note = StringField(_l("Note"), validators=[Length(max=NOTE_LENGTH)])


class CommentForm(Form):
    """Say something of an outage."""

    name_on_page = "comment"
    text = TextAreaField(_l("Comment"), validators=[DataRequired(), Length(max=COMMENT_LENGTH)])


class TicketForm(Form):
    """Name the ticket under which somebody repairs."""

    name_on_page = "ticket"
    ticket = StringField(_l("Ticket number"), validators=[Length(max=TICKET_LENGTH)])


class JudgementForm(Form):
    """Say whether an outage counts against whoever maintains the camera, and why."""

    name_on_page = "judgement"
    excluded_for = SelectField(
        _l("Does it count?"),
        choices=[
            SelectChoice("", _l("Imputable: it counts")),
            *(SelectChoice(each.value, _l(EXCLUSION_WORDS[each])) for each in Exclusion),
        ],
    )
    judgement = TextAreaField(
        _l("What proves it"), validators=[DataRequired(), Length(max=JUDGEMENT_LENGTH)]
    )


class HoursForm(Form):
    """From when until when, by the clocks of Paris, and what for."""

    starts_at = MomentField(_l("From"), validators=[InputRequired()])
    ends_at = MomentField(_l("To"), validators=[InputRequired()])
    reason = StringField(_l("What is done"), validators=[DataRequired(), Length(max=REASON_LENGTH)])

    @property
    def begins(self) -> datetime:
        """The instant at which the time begins, once it has been validated."""
        return _instant(self.starts_at.data)

    @property
    def ends(self) -> datetime:
        """The instant at which it ends, once it has been validated."""
        return _instant(self.ends_at.data)


def _instant(local: datetime | None) -> datetime:
    if local is None:
        message = "asked for an instant that was never validated"
        raise ValueError(message)
    return local.replace(tzinfo=PARIS).astimezone(UTC)


class WindowForm(HoursForm):
    """Planned time of a site, or of one of its cameras."""

    camera = SelectField(_l("Camera"))

    def __init__(self, *args: Any, cameras: Sequence[tuple[int, str]], **kwargs: Any) -> None:  # noqa: ANN401 - the base's signature
        """Offer the cameras of the site."""
        super().__init__(*args, **kwargs)
        self.camera.choices = [
            SelectChoice("", gettext("whole site")),
            *(SelectChoice(str(number), label) for number, label in cameras),
        ]

    @property
    def camera_id(self) -> int | None:
        """The camera that is worked on, or None for the whole site."""
        return int(self.camera.data) if self.camera.data else None


class ChangeForm(VersionedForm, HoursForm):
    """Other hours or another reason, and why."""

    of_the_change = frozenset({"why"})
    why = StringField(_l("Why it changes"), validators=[DataRequired(), Length(max=REASON_LENGTH)])

    @classmethod
    def of(cls, window: MaintenanceWindow, **kwargs: object) -> Self:
        """Fill it with what a window is now."""
        local = {name: getattr(window, name).astimezone(PARIS) for name in ("starts_at", "ends_at")}
        return cls(**local, reason=window.reason, **kwargs)


class CancelForm(VersionedForm):
    """Why planned time is given up."""

    why = StringField(
        _l("Why it is cancelled"),
        id="cancel-why",
        validators=[DataRequired(), Length(max=REASON_LENGTH)],
    )


class SubscriptionForm(Form):
    """Who wants to be told of what, where and when."""

    name = StringField(_l("Name"), validators=[InputRequired(), Length(max=NAME_LENGTH)])
    channel = SelectField(
        _l("To be told"),
        choices=[
            *(SelectChoice(each.value, _l(ROLE_WORDS[each])) for each in RoleName),
            SelectChoice(PERSON, _l("One person, by e-mail")),
            SelectChoice(WEBHOOK, _l("A service, by webhook")),
        ],
    )
    email = StringField(_l("E-mail address of the account"), validators=[Length(max=254)])
    # It may hold a password: no browser is to remember it.
    address = StringField(
        _l("Address of the service"),
        validators=[Length(max=400)],
        render_kw={"autocomplete": "off"},
    )
    severity = SelectField(
        _l("From which severity on"),
        choices=[SelectChoice(each.value, _l(SEVERITY_WORDS[each])) for each in Severity],
    )
    department = SelectField(_l("Department"))
    site = StringField(_l("Site"), validators=[Length(max=12)])
    digest_minutes = SelectField(
        _l("Warnings are told"),
        choices=[SelectChoice(each, _l(text)) for each, text in DIGEST_WORDS.items()],
    )
    quiet_from = HourField(_l("Quiet from"), validators=[Optional()])
    quiet_until = HourField(_l("Quiet until"), validators=[Optional()])
    language = SelectField(
        _l("Language"),
        choices=[SelectChoice(each, _l(text)) for each, text in LANGUAGE_WORDS.items()],
    )

    def __init__(self, *args: Any, departments: Sequence[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401 - the base's signature
        """Offer the departments that the register knows."""
        super().__init__(*args, **kwargs)
        self.department.choices = [
            SelectChoice("", gettext("Everywhere")),
            *(SelectChoice(code, f"{code} – {name}") for code, name in departments),
        ]

    def wish(self) -> Wish:
        """Return what was entered, once it has been validated; other channels are left out."""
        channel = self.channel.data
        return Wish(
            name=self.name.data or "",
            role="" if channel in {PERSON, WEBHOOK} else channel,
            email=(self.email.data or "") if channel == PERSON else "",
            address=(self.address.data or "") if channel == WEBHOOK else "",
            department=self.department.data or "",
            site=self.site.data or "",
            severity=self.severity.data,
            digest_minutes=int(self.digest_minutes.data),
            quiet_from=self.quiet_from.data,
            quiet_until=self.quiet_until.data,
            language=self.language.data,
        )

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put what the service refused below the fields."""
        for problem in problems:
            field = self[self._where(problem.where)]
            field.errors = [*field.errors, _refusal(problem)]

    def _where(self, where: str) -> str:
        """Return the field in which somebody mends what a problem names."""
        if where == "channel":
            return {PERSON: "email", WEBHOOK: "address"}.get(self.channel.data, "channel")
        return "channel" if where == "role" else where


def _refusal(problem: Problem) -> str:
    known = REFUSALS.get(problem.code)
    if known is None:
        return describe(problem)
    return gettext(known, value=problem.value, **problem.parameters)
