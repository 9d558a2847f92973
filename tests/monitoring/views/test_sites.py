"""The pages with health in them, as people of each role and language see them."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.web.paging import PAGE_SIZE
from tests.factories import make_camera, make_commune, make_grant, make_site
from tests.web.scenes import watch
from tests.web.visitors import FRENCH, SignIn, counted_selects, read


@pytest.mark.parametrize("address", ["/", "/sites", "/sites/59054-01", "/account", "/grants"])
def test_a_visitor_is_sent_to_sign_in(client: FlaskClient, address: str) -> None:
    """Whoever has not signed in gets the sign-in page, and comes back afterwards."""
    response = client.get(address)

    assert response.status_code == 302
    assert response.location.startswith("/login?next=%2F")


def test_an_empty_register_says_what_to_do_next(sign_in: SignIn) -> None:
    """An empty list says why it is empty instead of showing an empty table."""
    page = read(sign_in("officer"), "/")

    assert "Aucun site dans le registre" in page
    assert "import d’un tableau" in page
    assert "<table" not in page


def test_the_overview_answers_in_its_first_line(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """What is down, since when and on how many sites stands in the heading."""
    for number in range(3):
        site = make_site(session)
        for camera in (make_camera(session, site=site), make_camera(session, site=site)):
            down = number < 2 and camera.id % 2 == 0
            health = Health.DOWN if down else Health.UP
            watch(session, camera, health, now=now, lasting=timedelta(hours=3))
    session.commit()

    page = read(sign_in("technician"), "/")

    # Three hours before noon UTC is ten in the morning in Paris.
    assert 'aria-live="polite">2 caméras hors service depuis ce matin, sur 2 sites.</h1>' in page
    assert "6 caméras en service, 3 sites." in page
    assert "depuis 3 h 00" in page


def test_what_nobody_knows_is_not_said_to_be_well(session: Session, sign_in: SignIn) -> None:
    """Before the first probe, or where the monitor is silent, no camera is down: nobody looked."""
    camera = make_camera(session)
    session.commit()
    technician = sign_in("technician")

    assert "On ne sait rien d’aucune caméra en ce moment." in read(technician, "/")
    page = read(technician, f"/sites/{camera.site.public_id}")
    assert "On ne sait rien des caméras de ce site en ce moment." in page


def test_a_camera_behind_a_dead_link_is_unreachable_and_not_down(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The words tell a broken camera from a broken link."""
    watch(session, make_camera(session), Health.DOWN, now=now)
    watch(session, make_camera(session), Health.UNREACHABLE, now=now, lasting=timedelta(days=9))
    session.commit()

    page = read(sign_in("technician"), "/")

    assert (
        "1 caméra hors service et 1 caméra injoignable "
        "(la plus ancienne depuis samedi 14 novembre 2026), sur 2 sites." in page
    )


def test_a_state_is_a_word_beside_a_shape(session: Session, sign_in: SignIn, now: datetime) -> None:
    """A state never stands as a colour only."""
    watch(session, make_camera(session), now=now, issues="auth_failed")
    session.commit()

    page = read(sign_in("technician"), "/")

    assert 'class="health health--degraded"><svg class="shape"' in page
    assert "À surveiller" in page


def test_a_verdict_beyond_its_hold_is_unknown(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """When nobody looks any more a page says so, and does not repeat what was."""
    camera = make_camera(session)
    watch(session, camera, now=now - timedelta(hours=1))
    session.commit()

    page = read(sign_in("technician"), f"/sites/{camera.site.public_id}")

    assert "Inconnu" in page
    assert "depuis 55 min" in page


def test_the_overview_keeps_to_one_department(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The filter stands in the address and is applied to sentence and list."""
    make_commune(session, "62765", "Saint-Pol-sur-Ternoise")
    here, there = make_site(session), make_site(session, insee="62765")
    watch(session, make_camera(session, site=here), Health.DOWN, now=now)
    watch(session, make_camera(session, site=there), Health.DOWN, now=now)
    session.commit()

    page = read(sign_in("technician"), "/?department=62")

    assert "1 caméra hors service" in page
    assert there.name in page
    assert here.name not in page


def test_the_overview_shows_so_many_sites_and_leads_to_the_others(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """It is asked for again every few seconds: what stands there is as long as a page."""
    for _ in range(PAGE_SIZE + 1):
        watch(session, make_camera(session), Health.DOWN, now=now)
    session.commit()

    page = read(sign_in("technician"), "/")

    assert page.count('<th scope="row"><a href="/sites/') == PAGE_SIZE
    assert 'href="/sites?state=troubled">et 1 autre site' in page


def test_htmx_gets_the_list_alone_and_the_sentence_only_when_it_changed(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A screen reader is not told the same sentence every twenty seconds."""
    watch(session, make_camera(session), Health.DOWN, now=now)
    session.commit()
    browser = sign_in("technician")
    headers = {"HX-Request": "true", **FRENCH}

    first = browser.get("/?said=other", headers=headers).text
    said = first.split("said=")[1].split('"')[0]
    second = browser.get(f"/?said={said}", headers=headers).text

    assert "<html" not in first
    assert "hx-swap-oob" in first
    assert "hx-swap-oob" not in second
    assert 'id="live"' in second


def test_the_number_of_selects_does_not_grow_with_the_register(
    session: Session, sign_in: SignIn, now: datetime, engine: Engine
) -> None:
    """Lists and pages read the database a fixed number of times."""
    counts: dict[str, list[int]] = {}
    browser = sign_in("technician")
    grant = make_grant(session)
    site = make_site(session)
    for _round in range(2):
        for place in (site, make_site(session), make_site(session)):
            for health in (Health.UP, Health.DOWN):
                camera = make_camera(session, site=place, grant=grant)
                watch(session, camera, health, now=now)
        session.commit()
        for address in ("/", "/sites", f"/sites/{site.public_id}", "/grants"):
            with counted_selects(engine) as statements:
                read(browser, address)
            counts.setdefault(address, []).append(len(statements))

    assert {address: few for address, few in counts.items() if few[0] != few[1]} == {}
    # The user and their roles are two of them.
    assert max(few[0] for few in counts.values()) <= 16


def test_all_sites_can_be_searched_sorted_and_paged(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """Search, order and page stand in the address."""
    sites = [make_site(session) for _ in range(52)]
    watch(session, make_camera(session, site=sites[7]), Health.DOWN, now=now)
    session.commit()
    browser = sign_in("technician")

    first, second = read(browser, "/sites"), read(browser, "/sites?page=2")
    found = read(browser, f"/sites?q={sites[3].public_id}")
    worst = read(browser, "/sites?sort=troubles")
    none = read(browser, "/sites?q=nowhere")

    assert "Page 1 sur 2" in first
    assert second.count('<th scope="row">') == 2
    assert found.count('<th scope="row">') == 1
    assert worst.index(sites[7].public_id) < worst.index(sites[0].public_id)
    assert "Aucun site ne répond à ce filtre" in none


def test_all_sites_can_be_sorted_by_their_uptime(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The worst first, or the best; a site without a figure comes last of all."""
    bad, good, none = make_site(session), make_site(session), make_site(session)
    watch(session, make_camera(session, site=bad), Health.DOWN, now=now)
    watch(session, make_camera(session, site=good), now=now)
    session.commit()
    browser = sign_in("technician")

    page = read(browser, "/sites?sort=uptime")

    places = [page.index(site.public_id) for site in (bad, good, none)]
    assert places == sorted(places)
    assert "pas de chiffre" not in page
    assert 'aria-sort="ascending"' in page


def test_uptime_is_rounded_down_and_never_without_its_coverage(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A second of outage in thirty days is not 100 %."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(seconds=1))
    session.commit()

    for address in ("/sites", f"/sites/{camera.site.public_id}"):
        page = read(sign_in("technician") if address == "/sites" else sign_in("officer"), address)
        assert "99,99 %" in page
        assert "(couverture 100,00 %)" in page


def test_a_sites_history_is_a_link_away_for_whoever_reads_the_journal(
    session: Session, sign_in: SignIn
) -> None:
    """It leads to the site's lines; a technician has no such link."""
    camera = make_camera(session)
    session.commit()
    link = f'href="/journal?subject=site:{camera.site.public_id}"'

    assert link in read(sign_in("officer"), f"/sites/{camera.site.public_id}")
    assert link not in read(sign_in("technician"), f"/sites/{camera.site.public_id}")
