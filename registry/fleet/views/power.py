"""The hours in which a site is fed: put others in force from a day, or end them."""

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from registry.clock import paris_day
from registry.errors import Invalid, NotFound, Problem
from registry.fleet.forms import PowerForm
from registry.fleet.models import Site
from registry.fleet.queries import power_hours, site_by_public_id
from registry.fleet.rules.power import french_hours
from registry.fleet.service import update_site
from registry.fleet.views.editing import Ask, answer
from registry.funding.views.editing import signature
from registry.web.access import current_session, needs
from registry.web.render import gettext, language
from registry.web.versions import held


def add(bp: Blueprint) -> None:
    """Add the form."""
    bp.add_url_rule("/sites/<public_id>/power", view_func=change_power, methods=["GET", "POST"])


@needs("fleet.edit")
def change_power(public_id: str) -> ResponseReturnValue:
    """Put weekly hours of power in force from a day, or end those that are."""
    session = current_session()
    found = site_by_public_id(session, public_id)
    if found is None:
        raise NotFound(f"no site {public_id}")
    held(Site, found.id)
    standing = power_hours(session, [found.id]).get(found.id, [])
    said = {"power": [f"{each.hours} {each.from_on} {each.until_on}" for each in standing]}
    form = PowerForm.of({"power_from_on": paris_day(g.now)})
    title = gettext("Hours of power of %(site)s", site=found.name)
    last = standing[-1] if standing and standing[-1].until_on is None else None
    now = {"power_hours": last.hours, "power_from_on": last.from_on} if last else {}
    ask = Ask(
        title, gettext("Put in force"), found, "", said,
        lambda: PowerForm.of(now, formdata=None),
    )  # fmt: skip

    def act() -> bool:
        values = form.values()
        if "end" in request.form:
            values["power_hours"] = ""
        elif not values["power_hours"]:
            raise Invalid([Problem("cell.required", "power_hours")])
        return update_site(session, found, values, signed=signature(form))

    spoken = french_hours if language() == "fr" else str
    page = {"standing": standing[::-1], "spoken": spoken, "in_force": last}
    return answer(form, ask, act, template="fleet/power.html", shown=page)
