"""The hours of power of a site on their page: from a day on, ended, and who came second."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import PowerHours, Site
from registry.journal import JournalEntry
from tests.factories import make_site
from tests.web.visitors import ENGLISH, SignIn, hidden, read, send

HOURS = {"power_hours": "lun-dim 20h-6h", "power_from_on": "2026-10-01", "reason": "candélabres"}


@pytest.fixture
def site(session: Session) -> Site:
    """Add a site that is fed at all hours."""
    site = make_site(session)
    session.commit()
    return site


def address(site: Site) -> str:
    """Return the address of the form."""
    return f"/sites/{site.public_id}/power"


def hours(session: Session) -> list[tuple[str, date, date | None]]:
    """Return the hours that the register holds."""
    session.expire_all()
    found = session.scalars(select(PowerHours).order_by(PowerHours.from_on))
    return [(each.hours, each.from_on, each.until_on) for each in found]


def enter(browser: FlaskClient, site: Site, **fields: str) -> int:
    """Send the form with the version that the page holds; return the status."""
    page = address(site)
    sent = {**HOURS, **fields, "version": hidden(browser, page)}
    return send(browser, page, page=page, **sent).status_code


def test_hours_are_put_in_force_and_ended(session: Session, sign_in: SignIn, site: Site) -> None:
    """What was in force stays for the past; both stand in the journal with their reason."""
    browser = sign_in("officer")

    begun = enter(browser, site)
    shown = read(browser, f"/sites/{site.public_id}")
    ended = enter(browser, site, end="1", power_hours="", power_from_on="2026-11-20", reason="led")

    assert (begun, ended) == (302, 302)
    assert hours(session) == [("mon-sun 20:00-06:00", date(2026, 10, 1), date(2026, 11, 20))]
    assert "lun-dim 20:00-06:00" in shown
    assert "The site is fed at all hours." in read(browser, address(site), **ENGLISH)
    entries = session.scalars(select(JournalEntry).filter_by(action="sites.power")).all()
    assert [entry.reason for entry in entries] == ["candélabres", "led"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("power_hours", "la nuit", "« la nuit » : attendu : des heures de la semaine"),
        ("power_hours", "", "valeur obligatoire absente"),
        ("power_from_on", "demain", "« demain » : attendu : une date"),
        ("reason", "", "un motif est demandé : Heures d’alimentation"),
    ],
)
def test_what_is_refused_stands_under_its_field(  # noqa: PLR0913, PLR0917 - one case to a row
    session: Session, sign_in: SignIn, site: Site, field: str, value: str, words: str
) -> None:
    """Hours that are none, no day, no reason: nothing is written."""
    browser, page = sign_in("officer"), address(site)
    sent = {**HOURS, field: value, "version": hidden(browser, page)}

    answer = send(browser, page, page=page, **sent)

    told = answer.text.split(f'id="{field}-error">')[1].partition("</p>")[0]
    assert answer.status_code == 422
    assert words in told.replace("\N{NO-BREAK SPACE}", " ")
    assert hours(session) == []


def test_of_two_who_change_the_hours_one_is_told(
    session: Session, sign_in: SignIn, site: Site
) -> None:
    """The hours of the first stand; the second reads them below the field."""
    first, second, page = sign_in("officer"), sign_in("administrator"), address(site)
    sent = {**HOURS, "version": hidden(first, page)}

    won = send(first, page, page=page, **sent)
    told = send(second, page, page=page, **{**sent, "power_hours": "lun-dim 21h-5h"})

    assert (won.status_code, told.status_code) == (302, 409)
    assert "lun-dim 20:00-06:00\N{NO-BREAK SPACE}»" in told.text
    assert [each[0] for each in hours(session)] == ["mon-sun 20:00-06:00"]


def test_only_whoever_may_change_the_fleet_has_the_form(
    sign_in: SignIn, client: FlaskClient, site: Site
) -> None:
    """A technician reads the hours on the site's page; a site that is not there has none."""
    technician = sign_in("technician")

    assert technician.get(address(site)).status_code == 403
    assert address(site) not in read(technician, f"/sites/{site.public_id}")
    assert client.get(address(site)).status_code == 302
    assert sign_in("officer").get("/sites/59999-01/power").status_code == 404
