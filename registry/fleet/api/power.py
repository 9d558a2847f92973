"""The API's hours of power: when the cameras of a site are fed."""

from typing import Any

from sqlalchemy import Select

from registry.fleet.api.speaking import by_site, creating, updating, why
from registry.fleet.models import PowerHours, Site
from registry.fleet.service import add_power_hours, correct_power_hours
from registry.web.rest import Code, Day, Fields, Id, Resource, Text, Writer, columns_of

HOURS = {"description": "In local time, such as mon-fri 17:00-07:00; sat-sun 00:00-24:00"}
UNTIL = {"description": "The first day without these hours; null while they are in force"}


class PowerChanged(Fields):
    """What may be set right of hours of power; `until_on` ends them."""

    hours = Text(200, least=1, metadata=HOURS)
    from_on = Day()
    until_on = Day(allow_none=True, metadata=UNTIL)
    why = why()


class PowerGiven(Fields):
    """Hours to put in force from a day; those in force until then end there."""

    site = Text(12, least=1, required=True, metadata={"description": "Its public identifier"})
    hours = Text(200, least=1, required=True, metadata=HOURS)
    from_on = Day(metadata={"description": "The first day of these hours; today without one"})
    why = why()


class PowerShown(Fields):
    """The weekly hours in which a site is fed, from a day; a site without any always is."""

    id = Id(dump_only=True)
    site = Text(12)
    insee = Code(5)
    hours = Text(200, metadata=HOURS)
    from_on = Day()
    until_on = Day(allow_none=True, metadata=UNTIL)


def _at_site(question: Select[Any]) -> Select[Any]:
    return question.select_from(PowerHours).join(Site, Site.id == PowerHours.site_id)


POWER = Resource(
    name="power-hours",
    title="Hours of power",
    model=PowerHours,
    shown=PowerShown,
    columns=columns_of(PowerShown, PowerHours, site=Site.public_id, insee=Site.insee),
    source=_at_site,
    reads="sites.read",
    writes="fleet.edit",
    given=PowerGiven,
    changed=PowerChanged,
    writer=Writer(creating(add_power_hours), updating(correct_power_hours)),
    place=by_site(),
)
