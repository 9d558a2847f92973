"""The pages with health in them, as people of each role and language see them."""

from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from probes.verdict import Health, Verdict
from registry.journal import JournalEntry
from registry.monitoring.models import MaintenanceWindow, Outage, ProbeRequest
from tests.factories import make_camera, make_commune, make_grant, make_site
from tests.web.scenes import watch
from tests.web.visitors import SignIn, counted_selects, send

FRENCH, ENGLISH = {"Accept-Language": "fr-FR,fr"}, {"Accept-Language": "en-GB,en"}


def read(browser: FlaskClient, address: str, **headers: str) -> str:
    """Return the text of a page, with its spaces made ordinary ones."""
    response = browser.get(address, headers=headers or FRENCH)
    assert response.status_code == 200, response.text
    return response.text.replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )


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
    assert max(few[0] for few in counts.values()) <= 13


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


def test_the_site_page_shows_each_camera_for_what_it_is(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A swapped unit, a slow clock and a refusal each come with what to check."""
    site = make_site(session)
    swapped = make_camera(session, site=site, serial="DECLARED1")
    watch(session, swapped, now=now, issues="identity_mismatch", serial="OTHER2")
    watch(
        session,
        make_camera(session, site=site),
        now=now,
        issues="clock_skew",
        clock_offset_seconds=-431.25,
    )
    watch(session, make_camera(session, site=site), Health.DOWN, now=now)
    make_camera(session, site=site, commissioned_on=None, serial="")
    session.commit()

    page = read(sign_in("technician"), f"/sites/{site.public_id}")

    assert "Déclaré : DECLARED1, répond : OTHER2" in page
    assert "Écart : -431,2 s" in page
    assert "refuse la connexion" in page
    assert "À vérifier :" in page
    assert "Pas de date de mise en service" in page
    assert page.count('<svg class="strip"') == 2 + 4


def test_a_simulated_past_is_labelled(session: Session, sign_in: SignIn, now: datetime) -> None:
    """What no device has ever said is never shown as if it had."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, simulated=True)
    session.commit()

    page = read(sign_in("technician"), f"/sites/{camera.site.public_id}")

    assert "simulé jusqu’au 23/11/2026 13 h 00" in page
    assert '<span class="simulated">simulé</span>' in page


def test_maintenance_is_shown_as_such(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Planned time is neither up nor down, on the page as in the figures."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now)
    session.add(
        MaintenanceWindow(
            site_id=camera.site_id,
            starts_at=now - timedelta(hours=3),
            ends_at=now + timedelta(hours=1),
            reason="Élagage",
            author="user:1",
            entered_at=now,
        )
    )
    session.commit()

    page = read(sign_in("technician"), f"/sites/{camera.site.public_id}")

    assert "health health--maintenance" in page
    assert "Aucune caméra de ce site n’est hors service." in page


def test_a_site_without_cameras_says_why(session: Session, sign_in: SignIn) -> None:
    """An empty site page says where its cameras would come from."""
    site = make_site(session)
    session.commit()

    page = read(sign_in("technician"), f"/sites/{site.public_id}")

    assert "Aucune caméra sur ce site" in page


def test_probe_now_is_a_row_for_the_monitor(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The web process opens no socket: it writes a wish and shows that it waits."""
    camera = make_camera(session)
    watch(session, camera, now=now)
    session.commit()
    browser, page = sign_in("technician"), f"/sites/{camera.site.public_id}"

    response = send(browser, f"{page}/probe", page=page, camera=camera.id)

    assert response.status_code == 302
    wish = session.scalars(select(ProbeRequest)).one()
    assert (wish.camera_id, wish.requested_at, wish.taken_at) == (camera.id, now, None)
    text = read(browser, page)
    assert "Sonde demandée à 13 h 00, en cours." in text
    assert 'hx-trigger="every 3s"' in text


def test_the_answer_to_a_wish_is_shown(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Once the monitor has answered, the page shows what it found."""
    camera = make_camera(session)
    watch(session, camera, now=now)
    verdict = Verdict(key=camera.id, at=now, health=Health.UP, reachable=True)
    session.add(
        ProbeRequest(
            camera_id=camera.id,
            requested_at=now,
            requested_by="user:1",
            taken_at=now,
            answered_at=now,
            verdict=verdict.to_dict(),
        )
    )
    session.commit()

    page = read(sign_in("technician"), f"/sites/{camera.site.public_id}")

    assert "Sonde du 23/11/2026 13 h 00 :" in page
    assert 'hx-trigger="every 20s"' in page


def test_probing_a_whole_site_leaves_out_what_is_not_in_service(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """One button asks for every camera that should answer."""
    site = make_site(session)
    for _ in range(2):
        watch(session, make_camera(session, site=site), now=now)
    make_camera(session, site=site, commissioned_on=date(2030, 1, 1))
    session.commit()
    page = f"/sites/{site.public_id}"

    send(sign_in("technician"), f"{page}/probe", page=page)

    assert len(session.scalars(select(ProbeRequest)).all()) == 2


def test_a_camera_of_another_site_is_not_found(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A number typed into the form reaches no camera beyond the page."""
    here, there = make_camera(session), make_camera(session)
    watch(session, here, now=now)
    session.commit()
    page = f"/sites/{here.site.public_id}"

    response = send(sign_in("technician"), f"{page}/probe", page=page, camera=there.id)

    assert response.status_code == 404
    assert session.scalars(select(ProbeRequest)).all() == []


def test_an_officer_may_neither_probe_nor_acknowledge(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """The buttons are not offered, and posting all the same is refused."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now)
    session.commit()
    browser, page = sign_in("officer"), f"/sites/{camera.site.public_id}"

    text = read(browser, page)
    refused = [
        send(browser, address, page=page).status_code
        for address in (f"{page}/probe", "/outages/1/acknowledge")
    ]

    assert "Sonder maintenant" not in text
    assert "Acquitter" not in text
    assert refused == [403, 403]


def test_an_outage_is_acknowledged_once_and_journaled(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """Who takes care of it, when and with which words stands on the page and in the journal."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now)
    session.commit()
    outage = session.scalars(select(Outage)).one()
    browser, page = sign_in("technician"), f"/sites/{camera.site.public_id}"
    address = f"/outages/{outage.id}/acknowledge"

    first = send(browser, address, page=page, note="Nacelle demandée")
    again = send(browser, address, page=page)

    assert (first.status_code, again.status_code) == (302, 409)
    text = read(browser, page)
    assert "Personne technician, 23/11/2026 13 h 00" in text
    assert "Nacelle demandée" in text
    actions = session.scalars(select(JournalEntry.action)).all()
    assert actions.count("outage.acknowledge") == 1


def test_what_people_typed_is_never_markup(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A name from a sheet or a note cannot become part of the page's own text."""
    site = make_site(session)
    site.name = "<script>alert(1)</script>"
    watch(session, make_camera(session, site=site), Health.DOWN, now=now)
    session.commit()

    pages = [read(sign_in("technician"), "/"), read(sign_in("officer"), f"/sites/{site.public_id}")]

    assert all("<script>alert" not in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages)


def test_the_pages_speak_english_to_whoever_asks(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """English by the browser's wish; anything else gets French."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=timedelta(hours=30))
    session.commit()
    browser, page = sign_in("technician"), f"/sites/{camera.site.public_id}"

    english = read(browser, page, **ENGLISH)
    other = read(browser, page, **{"Accept-Language": "de"})

    assert '<html lang="en">' in english
    assert "1 camera down since yesterday." in english
    assert "for 1 d 6 h" in english
    assert '<html lang="fr">' in other
