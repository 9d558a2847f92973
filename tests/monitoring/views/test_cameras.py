"""The page of one camera, as people of each role see it."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from probes.checks.rtsp import RtspAnswer, RtspVerdict
from probes.onvif.facts import NetworkPort, Outcome
from probes.verdict import Health, Reason
from registry.monitoring.service.surveys import keep_failed_inventory, keep_inventory, keep_rtsp
from tests.factories import make_camera
from tests.monitoring.service.test_surveys import SAID
from tests.web.scenes import watch
from tests.web.visitors import ENGLISH, SignIn, counted_selects, read


def test_a_camera_answers_in_its_first_line(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """What it is, since when, what was seen and what to check first."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=3))
    session.commit()

    page = read(sign_in("technician"), f"/cameras/{camera.id}")

    assert "Hors service depuis ce matin." in page
    assert "refuse la connexion" in page
    assert "À vérifier :" in page
    assert page.count('<svg class="strip"') == 2
    assert f'href="/sites/{camera.site.public_id}"' in page
    assert "Sonder maintenant" in page


def test_an_issue_is_not_as_old_as_the_last_outage(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A camera that has been up for a week may have lost its clock a minute ago."""
    camera = make_camera(session)
    watch(session, camera, now=now, lasting=timedelta(days=7), issues="clock_skew")
    session.commit()

    page = read(sign_in("technician"), f"/cameras/{camera.id}", **ENGLISH)

    assert '<p class="lead">Needs attention.</p>' in page
    assert "for 7 d" not in page


def test_another_unit_stands_beside_the_registered_one(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """Serial and MAC that differ are named; a serial written otherwise is the same."""
    camera = make_camera(session, serial="DECLARED1")
    camera.devices[0].mac = "00:1A:2B:3C:4D:5F"
    watch(session, camera, now=now, issues="identity_mismatch", serial="OTHER2")
    keep_inventory(session, camera.id, SAID)
    session.commit()
    browser = sign_in("technician")

    page = read(browser, f"/cameras/{camera.id}", **ENGLISH)

    assert page.count("<b>differs</b>") == 2
    assert "DECLARED1" in page
    assert "OTHER2" in page


def test_what_a_device_says_of_itself_has_its_dates(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """Facts, changes, and the questions that brought none."""
    camera = make_camera(session)
    watch(session, camera, now=now)
    keep_inventory(session, camera.id, SAID)
    later = replace(
        SAID,
        at=now + timedelta(hours=15),
        interfaces=(NetworkPort("eth0", "00:1A:2B:3C:4D:60"),),
        outcomes={**SAID.outcomes, "GetScopes": Outcome.NOT_PERMITTED},
    )
    keep_inventory(session, camera.id, later)
    session.commit()

    page = read(sign_in("officer"), f"/cameras/{camera.id}")

    assert "axis-1" in page
    assert "Adresse MAC, 00:1A:2B:3C:4D:5E → 00:1A:2B:3C:4D:60" in page
    assert "GetScopes: non permis à ce compte" in page
    assert "24/11/2026" in page


def test_an_inventory_that_failed_says_why(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """In the words of a probe."""
    camera = make_camera(session)
    keep_failed_inventory(session, camera.id, Reason.CONNECT_TIMEOUT, at=now)
    session.commit()

    page = read(sign_in("technician"), f"/cameras/{camera.id}", **ENGLISH)

    assert "came to nothing:" in page
    assert "Nothing yet" in page


def test_a_video_server_is_shown_apart_and_only_where_it_is_asked(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """It says nothing of the state of the camera."""
    camera, other = make_camera(session), make_camera(session)
    camera.rtsp_port = 554
    for each in (camera, other):
        watch(session, each, now=now)
        keep_rtsp(session, [RtspVerdict(each.id, now, RtspAnswer.TIMEOUT)])
    session.commit()
    browser = sign_in("technician")

    asked, not_asked = (read(browser, f"/cameras/{each.id}") for each in (camera, other))

    assert "ne répond pas" in asked
    assert "En service, sans panne" in asked
    assert "RTSP" not in not_asked


def test_addresses_are_shown_to_those_who_probe(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """An officer has no use for them."""
    camera = make_camera(session, host="10.59.4.7")
    watch(session, camera, now=now)
    session.commit()

    shown = {
        role: read(sign_in(role), f"/cameras/{camera.id}") for role in ("technician", "officer")
    }

    assert "10.59.4.7:8899" in shown["technician"]
    assert "10.59.4.7" not in shown["officer"]
    assert "Sonder maintenant" not in shown["officer"]


def test_the_site_leads_to_its_cameras_and_an_unknown_one_is_said(
    session: Session, sign_in: SignIn
) -> None:
    """By a link on the label; a wrong number is no error of the server."""
    camera = make_camera(session)
    session.commit()
    browser = sign_in("technician")

    assert f'href="/cameras/{camera.id}"' in read(browser, f"/sites/{camera.site.public_id}")
    assert browser.get("/cameras/999").status_code == 404


def test_a_camera_is_read_with_a_fixed_number_of_statements(
    session: Session, sign_in: SignIn, now: datetime, engine: Engine
) -> None:
    """However long its past, and however much it told."""
    camera = make_camera(session)
    camera.rtsp_port = 554
    watch(session, camera, Health.DOWN, now=now)
    keep_inventory(session, camera.id, SAID)
    session.commit()
    browser = sign_in("technician")
    read(browser, f"/cameras/{camera.id}")

    with counted_selects(engine) as statements:
        read(browser, f"/cameras/{camera.id}")

    assert len(statements) <= 18


def test_a_cameras_history_is_a_link_away_for_whoever_reads_the_journal(
    session: Session, sign_in: SignIn
) -> None:
    """It leads to the camera's lines; a technician has no such link."""
    camera = make_camera(session)
    session.commit()
    link = f'href="/journal?subject=camera:{camera.id}"'

    assert link in read(sign_in("officer"), f"/cameras/{camera.id}")
    assert link not in read(sign_in("technician"), f"/cameras/{camera.id}")
