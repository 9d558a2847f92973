"""Sites by hand: identifiers, twins, former codes, gateways, power."""

from datetime import date, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.fleet.models import PowerHours, Site
from registry.fleet.rules.reach import Zones
from registry.fleet.service import create_site, set_power_hours, update_site
from registry.journal import JournalEntry
from registry.signature import Signature
from registry.territory.models import FormerCommune
from tests.conftest import NOON
from tests.factories import make_camera, make_commune, make_site

AUTHOR = Signature("user:1", NOON, "relevé sur place")
GOOD: dict[str, Any] = {"insee": "59054", "kind": "Gare", "name": "Cassel"}
NIGHT, EVENING = "mon-sun 20:00-06:00", "mon-sun 18:00-23:00"


def codes(session: Session, values: dict[str, Any], signed: Signature = AUTHOR) -> list[str]:
    """Try a site that is wrong, and return why."""
    with pytest.raises(Invalid) as refused:
        create_site(session, values, signed=signed)
    return [each.code for each in refused.value.problems]


def test_a_site_is_numbered_in_its_commune(session: Session) -> None:
    """The next number above all those ever given, and an entry of the journal."""
    make_commune(session)

    first = create_site(session, GOOD, signed=AUTHOR)
    first.public_id = "59054-07"
    session.flush()
    second = create_site(session, {**GOOD, "name": "Quai"}, signed=AUTHOR)

    assert second.public_id == "59054-08"
    entries = session.scalars(select(JournalEntry)).all()
    assert [(each.action, each.reason) for each in entries] == [
        ("sites.create", "relevé sur place")
    ] * 2


def test_a_station_is_where_its_code_says(session: Session) -> None:
    """Cassel's station lies in Bavinchove; a former code leads to the commune of today."""
    make_commune(session, "59006", "L'Orée de Mormal")
    session.add(FormerCommune(insee="59070", successor_insee="59006"))

    site = create_site(session, {**GOOD, "insee": "59070"}, signed=AUTHOR)

    assert (site.insee, site.public_id) == ("59006", "59006-01")


def test_a_site_that_is_there_or_nowhere_is_refused(session: Session) -> None:
    """The twin is named, however it is spelt; an unknown code is named with the nearest."""
    make_commune(session)
    create_site(session, GOOD, signed=AUTHOR)

    assert codes(session, {**GOOD, "name": "CASSEL"}) == ["site.twice"]
    assert codes(session, {**GOOD, "insee": "59045"}) == ["insee.unknown"]


def test_a_name_changes_for_a_reason_and_the_identifier_stays(session: Session) -> None:
    """Identity is journaled with its reason; metrics and links keep their name."""
    site = make_site(session)
    public_id = site.public_id

    with pytest.raises(Invalid, match=r"reason\.required"):
        update_site(session, site, {"name": "Gare"}, signed=Signature("user:1", NOON))
    session.refresh(site)
    changed = update_site(session, site, {"name": "Gare"}, signed=AUTHOR)

    assert changed
    assert (site.name, site.normalised_name, site.public_id) == ("Gare", "gare", public_id)
    assert update_site(session, site, {"name": "Gare"}, signed=AUTHOR) is False


def test_a_new_gateway_moves_the_cameras_for_the_monitor(session: Session) -> None:
    """They are probed through it from now on."""
    camera = make_camera(session)

    update_site(
        session, camera.site, {"gateway_host": "10.0.0.1"}, signed=Signature("user:1", NOON)
    )
    session.refresh(camera)

    assert camera.changed_at == NOON


def test_networks_lie_in_those_of_the_zone(session: Session) -> None:
    """A site narrows its zone, it never widens it."""
    site, zones = make_site(session), Zones.only(ip_network("10.0.0.0/8"))

    update_site(session, site, {"networks": "10.59.4.0/24"}, signed=AUTHOR, zones=zones)
    with pytest.raises(Invalid, match=r"networks\.stray"):
        update_site(session, site, {"networks": "192.168.0.0/24"}, signed=AUTHOR, zones=zones)

    assert site.networks == "10.59.4.0/24"


def test_hours_follow_each_other(session: Session) -> None:
    """What was in force stays so until the day before the next ones."""
    site = make_site(session)

    for hours, month in ((NIGHT, 1), (EVENING, 3)):
        set_power_hours(session, site, hours, from_on=date(2026, month, 1), signed=AUTHOR)
    session.expire_all()

    assert [(each.hours, each.from_on, each.until_on) for each in site.power_hours] == [
        (NIGHT, date(2026, 1, 1), date(2026, 3, 1)),
        (EVENING, date(2026, 3, 1), None),
    ]


def test_hours_entered_late_take_the_place_of_later_ones(session: Session) -> None:
    """Whoever sets hours from a day says what holds since."""
    site = make_site(session)
    for hours, month in ((NIGHT, 3), (EVENING, 1)):
        set_power_hours(session, site, hours, from_on=date(2026, month, 1), signed=AUTHOR)

    again = set_power_hours(session, site, EVENING, from_on=date(2026, 2, 1), signed=AUTHOR)

    assert again is False
    assert [(row.hours, row.from_on.month) for row in session.scalars(select(PowerHours))] == [
        (EVENING, 1)
    ]


def test_a_site_may_be_fed_all_day_again(session: Session) -> None:
    """Empty hours end those in force; said twice they change nothing."""
    site = make_site(session)
    update_site(session, site, {"power_hours": NIGHT, "power_from_on": "2026-01-01"}, signed=AUTHOR)
    later = Signature("user:1", NOON + timedelta(days=1), "coffret ajouté")

    ended = [update_site(session, site, {"power_hours": ""}, signed=later) for _ in range(2)]

    assert ended == [True, False]
    assert session.scalars(select(PowerHours)).one().until_on == date(2026, 11, 24)


def test_hours_ask_for_a_reason(session: Session) -> None:
    """They change what was counted."""
    with pytest.raises(Invalid, match=r"reason\.required"):
        set_power_hours(
            session,
            make_site(session),
            NIGHT,
            from_on=NOON.date(),
            signed=Signature("user:1", NOON),
        )


def test_a_site_is_made_with_its_hours(session: Session) -> None:
    """From the day of its making when no other day is said."""
    make_commune(session)

    site = create_site(session, {**GOOD, "power_hours": "lun-dim 20h-6h"}, signed=AUTHOR)

    assert session.scalars(select(Site)).one().power_hours[0].from_on == NOON.date()
    assert site.power_hours[0].hours == NIGHT
