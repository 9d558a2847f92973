"""The API's availabilities: of everything that has one, with all that they are made of."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import current_app, g
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # ships no types
from marshmallow import fields

from registry.errors import Invalid, Problem
from registry.fleet.api.papers import CONTRACTS
from registry.fleet.api.places import SITES
from registry.fleet.api.positions import CAMERAS
from registry.funding.api.grants import GRANTS
from registry.funding.api.programmes import CAMPAIGNS
from registry.monitoring.queries.availability import Group, Subject, availability
from registry.monitoring.queries.contracts import Outcome, accounts_of
from registry.monitoring.uptime import Span
from registry.territory.api import COMMUNES
from registry.web.access import current_state
from registry.web.rest import Fields, Moment, Text, WordOf, attach, beside


class AvailabilityAsked(Fields):
    """A window, cut short at the present, and into what it is cut."""

    since = Moment(required=True, data_key="from")
    until = Moment(required=True, data_key="to")
    group = WordOf(Group)


class RatioShown(Fields):
    """A part of a whole in seconds; percentages are rounded down, as decimals in a text."""

    part = fields.Integer()
    whole = fields.Integer()
    percent = Text(20)
    least = Text(20, metadata={"description": "The least that it can have been"})
    most = Text(20, metadata={"description": "The most that it can have been"})


class SecondsShown(Fields):
    """Every second in service, in one bucket; `planned_late` is a part of `planned`."""

    in_service = fields.Integer()
    up = fields.Integer()
    down = fields.Integer()
    unreachable = fields.Integer()
    unseen = fields.Integer(data_key="unknown")
    planned = fields.Integer()
    planned_late = fields.Integer()
    substituted = fields.Integer(metadata={"description": "In the ledger of devices only"})
    excluded = fields.Integer(
        metadata={"description": "Of a contract only: the part of `planned` that is excused"}
    )


class PartShown(Fields):
    """A window and what was reckoned in it; a figure that is null has its reason."""

    since = Moment(data_key="from")
    until = Moment(data_key="to")
    seconds = fields.Nested(SecondsShown)
    device_availability = fields.Nested(RatioShown, allow_none=True)
    service_availability = fields.Nested(RatioShown, allow_none=True)
    coverage = fields.Nested(RatioShown, allow_none=True)
    transitions = fields.Integer()
    reasons = fields.Dict(keys=fields.String(), values=fields.String())


class AccountShown(PartShown):
    """What a contract promised, and what it comes to by its own account of the seconds."""

    reference = Text(60)
    contractor = Text(200)
    outcome = WordOf(Outcome, allow_none=True)
    why = fields.List(fields.String(), metadata={"description": "Why it is no better"})
    target = Text(20, allow_none=True, metadata={"description": "In percent"})
    coverage_floor = Text(20, metadata={"description": "Under it nothing is judged, in percent"})


class AvailabilityShown(PartShown):
    """An availability with all that it is made of, whole and in parts."""

    subject = WordOf(Subject)
    name = Text(120)
    ledger = Text(20, metadata={"description": "position, or device for what the money bought"})
    parts = fields.List(fields.Nested(PartShown))
    contracts = fields.List(
        fields.Nested(AccountShown),
        metadata={"description": "What covers a camera or a site, and a contract itself"},
    )


# What has an availability, and the field that names it.
_SUBJECTS = (
    (CAMERAS, Subject.CAMERA, "id"),
    (SITES, Subject.SITE, "public_id"),
    (COMMUNES, Subject.COMMUNE, "insee"),
    (CONTRACTS, Subject.CONTRACT, "reference"),
    (GRANTS, Subject.GRANT, "file_number"),
    (CAMPAIGNS, Subject.CAMPAIGN, "id"),
)


def availabilities() -> Blueprint:
    """Serve the availability of everything that has one, to whoever may read it."""
    blueprint = beside("availability", "How long things were up")
    for resource, subject, field in _SUBJECTS:
        attach(
            blueprint,
            resource,
            "availability",
            f"How long one of {resource.title.lower()} was up",
            _telling(subject, field),
            AvailabilityAsked,
            AvailabilityShown,
        )
    return blueprint


def _telling(
    subject: Subject, field: str
) -> Callable[[Mapping[str, object], Mapping[str, Any]], object]:
    def tell(row: Mapping[str, object], asked: Mapping[str, Any]) -> object:
        window = _window(asked["since"], asked["until"], now=g.now)
        name = str(row[field])
        session = current_state()
        found = availability(session, subject, name, window, group=asked.get("group"))
        floor: int = current_app.extensions["vigiparc.coverage_floor"]
        judged = accounts_of(session, subject, name, window, floor_points=floor)
        return found.to_dict() | {"contracts": [account.to_dict() for account in judged]}

    return tell


def _window(since: datetime, until: datetime, *, now: datetime) -> Span:
    """
    Return the window that was asked for, as far as it has passed.

    What has not happened yet is not unknown: it ends now at the latest.

    Raises:
        Invalid: None of it has.
    """
    if now <= since < until:
        value = since.isoformat(timespec="seconds").replace("+00:00", "Z")
        raise Invalid([Problem("future", "from", value)])
    last = until if until <= since else min(until, now)
    return Span(int(since.timestamp()), int(last.timestamp()))
