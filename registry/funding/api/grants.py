"""The API's grants: what they say, their steps, co-funders, payments and papers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.funding.api.shapes import (
    EventShown,
    GrantChanged,
    GrantGiven,
    GrantShown,
    LineChanged,
    LineGiven,
    LineShown,
    PaymentChanged,
    PaymentGiven,
    PaymentShown,
)
from registry.funding.api.speaking import adding, changing, found, spoken
from registry.funding.models import (
    Beneficiary,
    Campaign,
    FundingLine,
    Grant,
    GrantEvent,
    GrantStatus,
    Payment,
)
from registry.funding.rules.moves import Step
from registry.funding.service import (
    GrantValues,
    LineValues,
    PaymentValues,
    create_grant,
    move_grant,
    save_line,
    save_payment,
    update_grant,
)
from registry.signature import Signature
from registry.territory.queries import communes_within
from registry.web.rest import (
    Place,
    Resource,
    Writer,
    columns_of,
)


def _create(session: Session, values: Mapping[str, Any], signed: Signature, /) -> Grant:
    said = dict(values)
    campaign = found(session, Campaign, "campaign_id", said)
    beneficiary = found(session, Beneficiary, "beneficiary_id", said)
    number, since = said.pop("file_number"), said.pop("status_on", None)
    status = said.pop("status", GrantStatus.DRAFT)
    with spoken():
        return create_grant(
            session,
            number,
            GrantValues(**said),
            campaign=campaign,
            beneficiary=beneficiary,
            signed=signed,
            status=status,
            since=since,
        )


def _change(
    session: Session,
    row: Any,  # noqa: ANN401 - the kit's own type
    values: Mapping[str, Any],
    signed: Signature,
    /,
) -> None:
    said = dict(values)
    status, on = said.pop("status", row.status), said.pop("status_on", signed.today)
    # A day alone asks for a step as well: a second interim payment is one to where it stands.
    is_step = status is not row.status or "status_on" in values
    with spoken():
        update_grant(session, row, replace(GrantValues.of(row), **said), signed=signed)
        if is_step:
            step = Step(to=status, on=on, decision_number=said.get("decision_number", ""))
            move_grant(session, row, step, signed=signed)


def of_grant(model: Any) -> Callable[[Select[Any]], Select[Any]]:  # noqa: ANN401 - a part of a grant
    """Return what reads a part of grants with the beneficiary of each."""

    def source(question: Select[Any]) -> Select[Any]:
        return (
            question.select_from(model)
            .join(Grant, Grant.id == model.grant_id)
            .join(Beneficiary, Beneficiary.id == Grant.beneficiary_id)
        )

    return source


def _grants(question: Select[Any]) -> Select[Any]:
    return question.select_from(Grant).join(Beneficiary, Beneficiary.id == Grant.beneficiary_id)


def _where(session: Session, values: Mapping[str, Any]) -> frozenset[str]:
    if "grant_id" in values:
        named = select(Beneficiary.insee).join(Grant, Grant.beneficiary_id == Beneficiary.id)
        return frozenset(session.scalars(named.where(Grant.id == values["grant_id"])))
    named = select(Beneficiary.insee).where(Beneficiary.id == values.get("beneficiary_id"))
    return frozenset(session.scalars(named))


def _part(save: Callable[..., Any], values_of: type[Any], called: str) -> Writer:
    """Return what writes a part of a grant through its service."""
    return Writer(
        adding(save, values_of, parent=Grant, named="grant_id"),
        changing(save, values_of, called, parent=Grant, named="grant_id"),
    )


HERE = Place(Beneficiary.insee.in_, communes_within, _where)
GRANTS = Resource(
    name="grants",
    title="Grants",
    model=Grant,
    shown=GrantShown,
    columns=columns_of(GrantShown, Grant, insee=Beneficiary.insee),
    source=_grants,
    reads="grants.read",
    writes="grants.edit",
    given=GrantGiven,
    changed=GrantChanged,
    writer=Writer(_create, _change),
    place=HERE,
    sorts=("file_number",),
)
EVENTS = Resource(
    name="grant-events",
    title="Steps of grants",
    model=GrantEvent,
    shown=EventShown,
    columns=columns_of(EventShown, GrantEvent),
    source=of_grant(GrantEvent),
    reads="grants.read",
    place=HERE,
)
LINES = Resource(
    name="funding-lines",
    title="Financing plans",
    model=FundingLine,
    shown=LineShown,
    columns=columns_of(LineShown, FundingLine),
    source=of_grant(FundingLine),
    reads="grants.read",
    writes="grants.edit",
    given=LineGiven,
    changed=LineChanged,
    writer=_part(save_line, LineValues, "line"),
    place=HERE,
)
PAYMENTS = Resource(
    name="payments",
    title="Payments",
    model=Payment,
    shown=PaymentShown,
    columns=columns_of(PaymentShown, Payment),
    source=of_grant(Payment),
    reads="grants.read",
    writes="grants.edit",
    given=PaymentGiven,
    changed=PaymentChanged,
    writer=_part(save_payment, PaymentValues, "payment"),
    place=HERE,
)
