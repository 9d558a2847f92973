"""What a grant and its parts look like in the API: as shown, as given, as changed."""

from registry.funding.models import (
    Funder,
    GrantStatus,
    LineState,
    PaperKind,
    PaperStage,
    PaymentKind,
)
from registry.web.rest import (
    Cents,
    Code,
    Count,
    Day,
    Fields,
    Id,
    Moment,
    Number,
    Share,
    Text,
    WordOf,
)

YEARS = (1900, 2200)
PEOPLE = 100_000_000
WHY = {"description": "Why, for the journal; always asked for"}


class GrantChanged(Fields):
    """What may change of a grant; `status` or `status_on` is a step in its life, on that day."""

    voted_cents = Cents()
    cameras_funded = Count()
    decision_number = Text(60)
    decided_on = Day(allow_none=True)
    purpose = Text(256)
    project_cents = Cents(allow_none=True)
    eligible_cents = Cents(allow_none=True)
    rate = Share(allow_none=True)
    population = Count(PEOPLE, allow_none=True)
    population_year = Number(*YEARS, allow_none=True)
    population_source = Text(200)
    status = WordOf(GrantStatus)
    status_on = Day(
        metadata={"description": "The day of a step, be it to the same status; today without one"}
    )
    why = Text(400, metadata=WHY)


class GrantGiven(GrantChanged):
    """A grant to open."""

    file_number = Text(60, least=1, required=True)
    campaign_id = Id(required=True)
    beneficiary_id = Id(required=True)
    voted_cents = Cents(required=True)
    cameras_funded = Count(required=True)


class GrantShown(Fields):
    """A grant; amounts in cents, before tax for the eligible base."""

    id = Id(dump_only=True)
    file_number = Text(60)
    campaign_id = Id()
    beneficiary_id = Id()
    insee = Code(5)
    decision_number = Text(60)
    decided_on = Day(allow_none=True)
    purpose = Text(256)
    project_cents = Cents(allow_none=True)
    eligible_cents = Cents(allow_none=True)
    rate = Share(allow_none=True)
    voted_cents = Cents()
    paid_cents = Cents(metadata={"description": "The sum of its payments"})
    cameras_funded = Count()
    status = WordOf(GrantStatus)
    population = Count(PEOPLE, allow_none=True)
    population_year = Number(*YEARS, allow_none=True)
    population_source = Text(200)


class EventShown(Fields):
    """One step in the life of a grant."""

    id = Id(dump_only=True)
    grant_id = Id()
    rank = Count()
    status = WordOf(GrantStatus)
    happened_on = Day(allow_none=True)
    ended_on = Day(allow_none=True)
    decision_number = Text(60)
    author = Text(120)
    reason = Text(10_000)
    recorded_at = Moment()


class LineChanged(Fields):
    """What may change of a line of a financing plan."""

    funder = WordOf(Funder)
    name = Text(120)
    state = WordOf(LineState)
    asked_cents = Cents()
    granted_cents = Cents()
    asked_on = Day(allow_none=True)
    decided_on = Day(allow_none=True)
    reference = Text(60)
    why = Text(400, metadata=WHY)


class LineGiven(LineChanged):
    """A line to add to a grant's plan."""

    grant_id = Id(required=True)
    funder = WordOf(Funder, required=True)


class LineShown(Fields):
    """Who else pays for a project: what was asked, what was given."""

    id = Id(dump_only=True)
    grant_id = Id()
    funder = WordOf(Funder)
    name = Text(120)
    state = WordOf(LineState)
    asked_cents = Cents()
    granted_cents = Cents()
    asked_on = Day(allow_none=True)
    decided_on = Day(allow_none=True)
    reference = Text(60)


class PaymentChanged(Fields):
    """What may change of a payment."""

    kind = WordOf(PaymentKind)
    asked_on = Day(allow_none=True)
    asked_cents = Cents(allow_none=True)
    expense_cents = Cents(allow_none=True)
    certified_on = Day(allow_none=True)
    paid_on = Day(allow_none=True)
    paid_cents = Cents(allow_none=True)
    reference = Text(60)
    why = Text(400, metadata=WHY)


class PaymentGiven(PaymentChanged):
    """A payment to enter."""

    grant_id = Id(required=True)
    kind = WordOf(PaymentKind, required=True)


class PaymentShown(Fields):
    """A payment of a grant, asked, certified and paid."""

    id = Id(dump_only=True)
    grant_id = Id()
    kind = WordOf(PaymentKind)
    rank = Count()
    asked_on = Day(allow_none=True)
    asked_cents = Cents(allow_none=True)
    expense_cents = Cents(allow_none=True)
    certified_on = Day(allow_none=True)
    paid_on = Day(allow_none=True)
    paid_cents = Cents(allow_none=True)
    reference = Text(60)


class DocumentShown(Fields):
    """What is known of a paper; its content lies under its digest."""

    id = Id(dump_only=True)
    grant_id = Id()
    payment_id = Id(allow_none=True)
    kind = WordOf(PaperKind)
    stage = WordOf(PaperStage)
    name = Text(200)
    sha256 = Text(64)
    size_bytes = Number(0, 2**31 - 1)
    media_type = Text(100)
    added_at = Moment()
    added_by = Text(120)
    withdrawn_at = Moment(allow_none=True)
