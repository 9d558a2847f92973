"""The API's watch: where each camera stands, outages, maintenance windows."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import g
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from marshmallow import fields
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Reason
from registry.errors import Invalid, NotFound, Problem
from registry.fleet.api.speaking import at_camera, by_site
from registry.fleet.models import Site
from registry.monitoring.models import MaintenanceWindow, Outage, Standing
from registry.monitoring.queries.outages import outage_line
from registry.monitoring.rules.outages import Cause, Exclusion, Repair, cause_of
from registry.monitoring.service.maintenance import (
    cancel_maintenance,
    change_maintenance,
    enter_maintenance,
)
from registry.monitoring.service.outages import acknowledge
from registry.signature import Signature
from registry.web.access import current_session
from registry.web.rest import (
    Code,
    Fields,
    Flag,
    Id,
    Moment,
    Resource,
    Text,
    WordOf,
    Writer,
    attach,
    beside,
    columns_of,
)


class StandingShown(Fields):
    """Where one camera stands, vouched for until `held_until` and not a second longer."""

    camera_id = Id()
    site = Text(12)
    insee = Code(5)
    health = WordOf(Health)
    reason = WordOf(Reason, allow_none=True)
    since = Moment()
    reachable = Flag()
    issues = Text(400, metadata={"description": "Codes, separated by commas"})
    last_at = Moment()
    held_until = Moment()
    last_up_at = Moment(allow_none=True)
    identified_at = Moment(allow_none=True)
    substituted = Flag(metadata={"description": "Another unit answers than the registered one"})
    authentication = WordOf(Authentication)
    manufacturer = Text(80)
    model = Text(120)
    firmware = Text(80)
    simulated = Flag()


class OutageShown(Fields):
    """A stretch of time during which a camera was down, or (without one) a site dark."""

    id = Id(dump_only=True)
    camera_id = Id(allow_none=True)
    site = Text(12)
    insee = Code(5)
    health = WordOf(Health)
    reason = WordOf(Reason, allow_none=True)
    started_at = Moment()
    ended_at = Moment(allow_none=True)
    ended_by = WordOf(Health, allow_none=True)
    acknowledged_at = Moment(allow_none=True)
    acknowledged_by = Text(120)
    note = Text(400)
    ticket = Text(60)
    excluded_for = WordOf(Exclusion, allow_none=True)
    judgement = Text(400)
    judged_by = Text(120)
    judged_at = Moment(allow_none=True)
    simulated = Flag()


class RepairAsked(Fields):
    """Nothing is asked beside which outage."""


class CommentShown(Fields):
    """What somebody had to say of an outage."""

    author = Text(120)
    written_at = Moment()
    text = Text(1_000)


class RepairShown(Fields):
    """Where to look first, and how an outage stands against the contract of its day."""

    cause = WordOf(Cause)
    last_verdict_at = Moment(
        allow_none=True, metadata={"description": "The one that ended it, once it is over"}
    )
    contract = Text(60, allow_none=True)
    contractor = Text(200, allow_none=True)
    due_at = Moment(allow_none=True, metadata={"description": "By the contract's calendar"})
    repair = WordOf(Repair)
    comments = fields.List(fields.Nested(CommentShown))


class OutageChanged(Fields):
    """Somebody takes care of it: acknowledged once, with a note."""

    note = Text(400, required=True)


class WindowShown(Fields):
    """Planned time of a site, or of one of its cameras."""

    id = Id(dump_only=True)
    site = Text(12)
    insee = Code(5)
    camera_id = Id(allow_none=True)
    starts_at = Moment()
    ends_at = Moment()
    reason = Text(200)
    author = Text(120)
    entered_at = Moment(metadata={"description": "Since when it stands as it is"})
    cancelled_at = Moment(allow_none=True)
    cancelled_by = Text(120)


class WindowGiven(Fields):
    """Planned time to enter."""

    site = Text(12, least=1, required=True)
    camera_id = Id(allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    reason = Text(200, least=1, required=True)


class WindowChanged(Fields):
    """Other hours, another reason, or its end; what it was is kept."""

    starts_at = Moment()
    ends_at = Moment()
    reason = Text(200, least=1)
    cancelled = Flag(
        metadata={"description": "True cancels it; one that runs ends now, false changes nothing"}
    )
    why = Text(400, metadata={"description": "Why, for the journal; always asked for"})


def _outages(question: Select[Any]) -> Select[Any]:
    return question.select_from(Outage).join(Site, Site.id == Outage.site_id)


def _windows(question: Select[Any]) -> Select[Any]:
    return question.select_from(MaintenanceWindow).join(Site, Site.id == MaintenanceWindow.site_id)


def _acknowledge(
    session: Session,
    row: Any,  # noqa: ANN401 - the kit's own type
    values: Mapping[str, Any],
    signed: Signature,
    /,
) -> object:
    return acknowledge(session, row.id, actor=signed.actor, at=signed.at, note=values["note"])


def _enter(session: Session, values: Mapping[str, Any], signed: Signature, /) -> MaintenanceWindow:
    site_id = session.scalar(select(Site.id).where(Site.public_id == values["site"]))
    if site_id is None:
        raise Invalid([Problem("missing", "site", values["site"])])
    try:
        return enter_maintenance(
            session,
            site_id,
            camera_id=values.get("camera_id"),
            starts_at=values["starts_at"],
            ends_at=values["ends_at"],
            reason=values["reason"],
            actor=signed.actor,
            at=signed.at,
        )
    except NotFound as error:
        raise Invalid([Problem("missing", "camera_id", str(values.get("camera_id")))]) from error


def _change(
    session: Session,
    row: Any,  # noqa: ANN401 - the kit's own type
    values: Mapping[str, Any],
    signed: Signature,
    /,
) -> object:
    if values.get("cancelled"):
        return cancel_maintenance(
            session, row.id, why=signed.reason, actor=signed.actor, at=signed.at
        )
    return change_maintenance(
        session,
        row.id,
        starts_at=values.get("starts_at", row.starts_at),
        ends_at=values.get("ends_at", row.ends_at),
        reason=values.get("reason", row.reason),
        why=signed.reason,
        actor=signed.actor,
        at=signed.at,
    )


def repairs() -> Blueprint:
    """Serve beside an outage what its contract makes of it, to whoever may read it."""
    blueprint = beside("repair", "How outages stand against their contracts")
    summary = "How one outage stands against its contract"
    attach(blueprint, OUTAGES, "repair", summary, _tell_repair, RepairAsked, RepairShown)
    return blueprint


def _tell_repair(row: Mapping[str, Any], _asked: Mapping[str, Any]) -> object:
    line = outage_line(current_session(), row["id"], at=g.now)
    contract = line.contract
    return {
        "cause": cause_of(line.outage.reason),
        "last_verdict_at": line.last_verdict_at,
        "contract": contract.reference if contract else None,
        "contractor": contract.contractor if contract else None,
        "due_at": line.due_at,
        "repair": line.repair,
        "comments": [
            {"author": each.author, "written_at": each.written_at, "text": each.text}
            for each in line.outage.comments
        ],
    }


HERE = by_site()
STANDINGS = Resource(
    name="standings",
    title="Where cameras stand",
    model=Standing,
    key="camera_id",
    shown=StandingShown,
    columns=columns_of(StandingShown, Standing, site=Site.public_id, insee=Site.insee),
    source=partial(at_camera, model=Standing),
    reads="sites.read",
    place=HERE,
)
OUTAGES = Resource(
    name="outages",
    title="Outages",
    model=Outage,
    shown=OutageShown,
    columns=columns_of(OutageShown, Outage, site=Site.public_id, insee=Site.insee),
    source=_outages,
    reads="sites.read",
    writes="outages.acknowledge",
    changed=OutageChanged,
    writer=Writer(update=_acknowledge),
    place=HERE,
    sorts=("started_at",),
)
WINDOWS = Resource(
    name="maintenance-windows",
    title="Maintenance windows",
    model=MaintenanceWindow,
    shown=WindowShown,
    columns=columns_of(WindowShown, MaintenanceWindow, site=Site.public_id, insee=Site.insee),
    source=_windows,
    reads="sites.read",
    writes="maintenance.plan",
    given=WindowGiven,
    changed=WindowChanged,
    writer=Writer(
        _enter,
        update=_change,
        reasoned=frozenset({"starts_at", "ends_at", "reason", "cancelled"}),
    ),
    place=HERE,
    sorts=("ends_at",),
)
