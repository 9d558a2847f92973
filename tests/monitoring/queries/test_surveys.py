"""What pages and the monitor read of inventories."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from registry.monitoring.models import InventoryChange
from registry.monitoring.queries import surveys
from registry.monitoring.service.surveys import keep_inventory
from tests.conftest import NOON
from tests.factories import make_camera, make_site
from tests.monitoring.service.test_surveys import NEXT_NIGHT, SAID
from tests.web.scenes import watch


def test_facts_are_listed_with_their_dates_and_empty_ones_left_out(session: Session) -> None:
    """A page shows what is known."""
    camera = make_camera(session)
    keep_inventory(session, camera.id, SAID)
    inventory = surveys.inventory_of(session, camera.id)

    facts = {fact.name: fact for fact in surveys.facts_of(inventory)}

    assert facts["hostname"].value == "axis-1"
    assert facts["hostname"].since == facts["hostname"].read_at == NOON
    assert "services" not in facts
    assert list(surveys.facts_of(surveys.inventory_of(session, 999))) == []


def test_changes_are_listed_newest_first(session: Session) -> None:
    """And of this camera alone."""
    camera, other = make_camera(session), make_camera(session)
    for minutes, at in ((1, camera), (3, camera), (2, other)):
        seen_at = NOON + timedelta(minutes=minutes)
        session.add(
            InventoryChange(
                camera_id=at.id, seen_at=seen_at, fact="firmware", before="1", after=f"{minutes}"
            )
        )
    session.flush()

    assert [each.after for each in surveys.changes_of(session, camera.id)] == ["3", "1"]


def test_tries_and_macs_are_read_for_all_cameras_at_once(session: Session) -> None:
    """The monitor knows after a restart whom it has asked this night."""
    camera = make_camera(session)
    keep_inventory(session, camera.id, replace(SAID, at=NEXT_NIGHT))
    session.flush()

    assert surveys.last_tries(session) == {camera.id: (NEXT_NIGHT, "00:1A:2B:3C:4D:5E")}
    assert surveys.rtsp_of(session, camera.id) is None


def test_a_serial_that_many_devices_answer_names_none_of_them(session: Session) -> None:
    """Three are many, however each of them writes it."""
    for serial in ("SN-77", "sn 77", "0SN77", "UNIQUE", "TWICE", "TWICE"):
        watch(session, make_camera(session), now=NOON, serial=serial)
    session.flush()

    assert surveys.common_serials(session) == frozenset({"SN77"})


def test_cameras_to_ask_are_one_a_site_or_all(session: Session) -> None:
    """Those with an address."""
    site = make_site(session)
    here = make_camera(session, site=site)
    there = make_camera(session)
    make_camera(session, site=site, host="")

    assert surveys.cameras_to_survey(session) == [here.id, there.id]
    assert surveys.cameras_to_survey(session, public_id=site.public_id) == [here.id]
    assert surveys.cameras_to_survey(session, camera_id=there.id) == [there.id]
