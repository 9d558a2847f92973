"""The forms themselves: values, steps, payments, lines of a plan, papers."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from flask_wtf.file import FileField, FileRequired  # type: ignore[import-untyped]  # ships no types
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from registry.db import LARGEST_ID
from registry.documents import SUFFIXES
from registry.funding.forms.fields import EurosField, PercentField
from registry.funding.forms.words import (
    FUNDER_WORDS,
    LINE_WORDS,
    PAPER_WORDS,
    PAYMENT_WORDS,
    STAGE_WORDS,
)
from registry.funding.models import (
    Beneficiary,
    BeneficiaryKind,
    EnvelopeVote,
    Funder,
    FundingLine,
    Grant,
    GrantStatus,
    LineState,
    PaperKind,
    PaperStage,
    Payment,
    PaymentKind,
)
from registry.funding.rules import Step
from registry.funding.service import (
    BeneficiaryValues,
    GrantValues,
    LineValues,
    Paper,
    PaymentValues,
    VoteValues,
)
from registry.web.fields import DayField, WholeField
from registry.web.render import KIND_WORDS, STATUS_WORDS
from registry.web.render import lazy_gettext as _l
from registry.web.security import Form
from registry.web.versions import VersionedForm

# What a column of whole numbers holds on every database.
KEPT = NumberRange(max=LARGEST_ID)


def _choices(codes: Iterable[str], words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(str(code), _l(words.get(code, str(code)))) for code in codes]


def _reason() -> TextAreaField:
    # Made anew for each form: fields stand in the order in which they were made.
    return TextAreaField(_l("Reason of the change"), validators=[InputRequired(), Length(max=400)])


class ReasonForm(Form):
    """Why something changes: kept in the journal with the name and the time."""

    reason = _reason()


class StepBackForm(VersionedForm):
    """Why the last step of a grant is taken back."""

    reason = _reason()


class ValuesForm(VersionedForm):
    """What a grant says."""

    decision_number = StringField(_l("Decision number"), validators=[Length(max=60)])
    decided_on = DayField(_l("Decision date"), validators=[Optional()])
    voted_cents = EurosField(_l("Amount voted, in euros"), validators=[InputRequired()])
    eligible_cents = EurosField(_l("Eligible base before tax, in euros"))
    project_cents = EurosField(_l("Cost of the whole project before tax, in euros"))
    rate = PercentField(_l("Rate of the decision, in percent"))
    cameras_funded = WholeField(_l("Cameras funded"), validators=[InputRequired(), KEPT])
    purpose = StringField(_l("Purpose"), validators=[Length(max=256)])
    population = WholeField(_l("Population counted for the vote"), validators=[Optional(), KEPT])
    population_year = WholeField(_l("Year of that population"), validators=[Optional(), KEPT])
    population_source = StringField(_l("Source of that population"), validators=[Length(max=200)])
    reason = _reason()

    def __init__(self, grant: Grant | None = None, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Show what the grant says; what was typed stays when it is refused."""
        super().__init__(obj=grant, **more)

    def values(self) -> GrantValues:
        """Return what was entered, once it has been validated."""
        return GrantValues(
            decision_number=(self.decision_number.data or "").strip(),
            decided_on=self.decided_on.data,
            voted_cents=_whole(self.voted_cents.data) or 0,
            eligible_cents=_whole(self.eligible_cents.data),
            project_cents=_whole(self.project_cents.data),
            rate=self.rate.data,  # type: ignore[arg-type]  # a Decimal, whatever the stub says
            cameras_funded=self.cameras_funded.data or 0,
            purpose=(self.purpose.data or "").strip(),
            population=self.population.data,
            population_year=self.population_year.data,
            population_source=(self.population_source.data or "").strip(),
        )


class NewGrantForm(ValuesForm):
    """A grant that is not in the register yet: a draft, for some beneficiary."""

    file_number = StringField(_l("File number"), validators=[InputRequired(), Length(max=60)])
    campaign = SelectField(_l("Campaign"), coerce=int)
    kind = SelectField(_l("Beneficiary is"), choices=_choices(BeneficiaryKind, KIND_WORDS))
    beneficiary = StringField(_l("Beneficiary"), validators=[InputRequired(), Length(max=200)])
    insee = StringField(_l("INSEE code, of a commune"), validators=[Length(max=5)])

    # What the grant is comes before what it says.
    first = ("file_number", "campaign", "kind", "beneficiary", "insee")

    def __init__(self, campaigns: Sequence[tuple[int, str]], **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Offer the campaigns of the register."""
        super().__init__(**more)
        for name in reversed(self.first):
            self._fields.move_to_end(name, last=False)
        self.campaign.choices = [SelectChoice(id_, name) for id_, name in campaigns]


class StepForm(VersionedForm):
    """The next step of a grant: one of those that are possible."""

    of_the_change = frozenset({"status", "on", "decision_number", "reason"})
    status = SelectField(_l("Next step"))
    on = DayField(_l("Date of the step"), validators=[InputRequired()])
    decision_number = StringField(_l("Decision number"), validators=[Length(max=60)])
    reason = _reason()

    def __init__(self, possible: Sequence[GrantStatus], **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Offer what is possible from here."""
        super().__init__(**more)
        self.status.choices = _choices(possible, STATUS_WORDS)

    def step(self) -> Step:
        """Return what was entered, once it has been validated."""
        assert self.on.data is not None  # noqa: S101 - validated above
        number = (self.decision_number.data or "").strip()
        return Step(to=GrantStatus(self.status.data), on=self.on.data, decision_number=number)


class PaymentForm(VersionedForm):
    """One payment: asked, certified, paid."""

    kind = SelectField(_l("Payment"), choices=_choices(PaymentKind, PAYMENT_WORDS))
    asked_on = DayField(_l("Asked on"), validators=[Optional()])
    asked_cents = EurosField(_l("Amount asked, in euros"))
    expense_cents = EurosField(_l("Eligible expense really borne, in all, before tax, in euros"))
    certified_on = DayField(_l("Certified on"), validators=[Optional()])
    paid_on = DayField(_l("Paid on"), validators=[Optional()])
    paid_cents = EurosField(_l("Amount paid, in euros"))
    reference = StringField(_l("Number of the payment order"), validators=[Length(max=60)])
    reason = _reason()

    def __init__(self, payment: Payment | None = None, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Show what the payment says."""
        super().__init__(obj=payment, **more)

    def values(self) -> PaymentValues:
        """Return what was entered, once it has been validated."""
        return PaymentValues(
            kind=PaymentKind(self.kind.data),
            asked_on=self.asked_on.data,
            asked_cents=_whole(self.asked_cents.data),
            expense_cents=_whole(self.expense_cents.data),
            certified_on=self.certified_on.data,
            paid_on=self.paid_on.data,
            paid_cents=_whole(self.paid_cents.data),
            reference=(self.reference.data or "").strip(),
        )


class LineForm(VersionedForm):
    """One line of a financing plan."""

    funder = SelectField(_l("Who pays"), choices=_choices(Funder, FUNDER_WORDS))
    name = StringField(_l("Name, where there are several"), validators=[Length(max=120)])
    state = SelectField(_l("State"), choices=_choices(LineState, LINE_WORDS))
    asked_cents = EurosField(_l("Amount asked, in euros"))
    granted_cents = EurosField(_l("Amount granted, in euros"))
    asked_on = DayField(_l("Asked on"), validators=[Optional()])
    decided_on = DayField(_l("Decision date"), validators=[Optional()])
    reference = StringField(_l("Reference"), validators=[Length(max=60)])
    reason = _reason()

    def __init__(self, line: FundingLine | None = None, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Show what the line says."""
        super().__init__(obj=line, **more)

    def values(self) -> LineValues:
        """Return what was entered, once it has been validated."""
        return LineValues(
            funder=Funder(self.funder.data),
            name=(self.name.data or "").strip(),
            state=LineState(self.state.data),
            asked_cents=_whole(self.asked_cents.data) or 0,
            granted_cents=_whole(self.granted_cents.data) or 0,
            asked_on=self.asked_on.data,
            decided_on=self.decided_on.data,
            reference=(self.reference.data or "").strip(),
        )


class VoteForm(VersionedForm):
    """A slice of money voted for a campaign."""

    amount_cents = EurosField(_l("Amount voted, in euros"), validators=[InputRequired()])
    voted_on = DayField(_l("Date of the vote"), validators=[Optional()])
    beneficiaries = WholeField(_l("Beneficiaries"), validators=[Optional(), KEPT])
    source = StringField(_l("Source"), validators=[InputRequired(), Length(max=400)])
    reason = _reason()

    def __init__(self, vote: EnvelopeVote | None = None, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Show what the vote says."""
        super().__init__(obj=vote, **more)

    def values(self) -> VoteValues:
        """Return what was entered, once it has been validated."""
        return VoteValues(
            amount_cents=_whole(self.amount_cents.data) or 0,
            voted_on=self.voted_on.data,
            beneficiaries=self.beneficiaries.data,
            source=(self.source.data or "").strip(),
        )


class BeneficiaryForm(VersionedForm):
    """A body that receives grants."""

    kind = SelectField(_l("Beneficiary is"), choices=_choices(BeneficiaryKind, KIND_WORDS))
    name = StringField(_l("Name"), validators=[InputRequired(), Length(max=200)])
    siren = StringField(_l("SIREN"))
    insee = StringField(_l("INSEE code, of a commune"))
    reason = _reason()

    def __init__(self, body: Beneficiary | None = None, **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Show what the register says; a new one needs no reason."""
        super().__init__(obj=body, **more)
        if body is None:
            del self.reason

    def values(self) -> BeneficiaryValues:
        """Return what was entered, once it has been validated."""
        return BeneficiaryValues(
            kind=BeneficiaryKind(self.kind.data),
            name=(self.name.data or "").strip(),
            siren="".join((self.siren.data or "").split()) or None,
            insee=(self.insee.data or "").strip().upper(),
        )


class PaperForm(Form):
    """A paper for a grant's file."""

    file = FileField(
        _l("File"),
        validators=[FileRequired(_l("Choose a file first."))],
        render_kw={"accept": ",".join(sorted(SUFFIXES.values()))},
    )
    kind = SelectField(_l("Paper"), choices=_choices(PaperKind, PAPER_WORDS))
    stage = SelectField(
        _l("Stage"),
        choices=[
            SelectChoice("", _l("where the grant stands")),
            *_choices(PaperStage, STAGE_WORDS),
        ],
    )
    payment = SelectField(_l("Payment that it belongs to"), coerce=int)

    def __init__(self, payments: Sequence[tuple[int, str]], **more: Any) -> None:  # noqa: ANN401 - the base's signature
        """Offer the payments of the grant."""
        super().__init__(**more)
        none = SelectChoice(0, _l("none"))
        self.payment.choices = [none, *(SelectChoice(id_, name) for id_, name in payments)]

    def paper(self) -> Paper:
        """Return what was sent, once the form has been validated."""
        sent = self.file.data
        # Some browsers send the whole path of the reader's disk.
        name = (sent.filename or "").replace("\\", "/").rpartition("/")[2]
        stage = PaperStage(self.stage.data) if self.stage.data else None
        with closing(sent):
            content = sent.read()
        return Paper(content=content, name=name, kind=PaperKind(self.kind.data), stage=stage)


class WithdrawalForm(ReasonForm):
    """Why something is taken out that was entered by mistake."""


def _whole(data: Any) -> int | None:  # noqa: ANN401 - an amount, which the field's stub calls a text
    return None if data is None else int(data)
