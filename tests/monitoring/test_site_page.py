"""The page of one site: what each camera is, what people may ask, what they have typed."""

import re
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health, Verdict
from registry.journal import JournalEntry
from registry.monitoring.models import MaintenanceWindow, Outage, ProbeRequest
from tests.factories import make_camera, make_site
from tests.web.scenes import watch
from tests.web.visitors import ENGLISH, FRENCH, SignIn, read, send


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


def test_the_cameras_to_look_at_stand_first(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """On three cameras as on more; a page of the list is left only by a link."""
    site = make_site(session)
    calm, slow, broken = (make_camera(session, site=site) for _ in range(3))
    calm.label, slow.label, broken.label = "A", "B", "C"
    watch(session, calm, now=now)
    watch(session, slow, now=now, issues="slow")
    watch(session, broken, Health.DOWN, now=now)
    session.commit()
    browser, page = sign_in("technician"), f"/sites/{site.public_id}"

    worst, by_label = read(browser, page), read(browser, f"{page}?sort=label")

    assert _labels(worst) == ["C", "B", "A"]
    assert "3 caméras, les pires d’abord</caption>" in worst
    assert _labels(by_label) == ["A", "B", "C"]
    assert "3 caméras</caption>" in by_label
    assert 'rel="next"' not in worst


def test_a_site_of_200_cameras_is_read_in_pages(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """What is broken is on the first one; a refresh and a probe stay on the page they are of."""
    site = make_site(session)
    for number in range(1, 201):
        camera = make_camera(session, site=site)
        camera.label = f"CAM-{number}"
        watch(session, camera, Health.DOWN if number == 199 else Health.UP, now=now)
    session.commit()
    browser, page = sign_in("technician"), f"/sites/{site.public_id}"

    first, last = read(browser, page), read(browser, f"{page}?page=4&sort=label")
    fresh = read(browser, f"{page}?page=4&sort=label&said=x", **{"HX-Request": "true"}, **FRENCH)
    probed = send(browser, f"{page}/probe?page=4&sort=label", page=page, camera=camera.id)

    assert _labels(first) == ["CAM-199", *(f"CAM-{each}" for each in range(1, 50))]
    assert "Page 1 sur 4" in first
    assert _labels(last) == [f"CAM-{each}" for each in range(151, 201)]
    assert _labels(fresh) == _labels(last)
    assert f'rel="prev" href="{page}?page=3&amp;sort=label"' in fresh
    assert "200 caméras en service" not in fresh
    assert probed.headers["Location"] == f"{page}?sort=label&page=4#cameras"


def test_a_verdict_that_was_not_renewed_says_nothing_of_the_device(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """Nobody is sent to a camera for what was seen of it long ago."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now - timedelta(hours=1))
    session.commit()
    browser = sign_in("technician")

    pages = [
        read(browser, f"/sites/{camera.site.public_id}").split('id="outages"')[0],
        read(browser, f"/cameras/{camera.id}").split('id="identity"')[0],
    ]

    assert all("Aucun verdict n’est venu à temps" in page for page in pages)
    assert all("refuse la connexion" not in page for page in pages)


def test_a_dark_site_sends_nobody_to_a_single_camera(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """When all of a site is out, what its cameras share is to be checked first."""
    site = make_site(session)
    first, second = make_camera(session, site=site), make_camera(session, site=site)
    watch(session, first, Health.DOWN, now=now)
    watch(session, second, Health.DOWN, now=now)
    session.commit()

    page = read(sign_in("technician"), f"/sites/{site.public_id}")

    assert "C’est tout le site : vérifier d’abord son alimentation et son lien." in page


def test_htmx_refreshes_the_cameras_and_leaves_forms_alone(
    session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A note that somebody is typing is not wiped out, and the sentence is not repeated."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now)
    session.commit()
    browser, page = sign_in("technician"), f"/sites/{camera.site.public_id}"
    said = read(browser, page).split("said=")[1].split('"')[0]

    fresh = read(browser, f"{page}?said=other", **{"HX-Request": "true"})
    same = read(browser, f"{page}?said={said}", **{"HX-Request": "true"})

    assert "<html" not in fresh
    assert 'name="note"' not in fresh
    assert "Sonder maintenant" in fresh
    assert ("hx-swap-oob" in fresh, "hx-swap-oob" in same) == (True, False)


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


def _labels(page: str) -> list[str]:
    """Return the cameras of a page in the order in which they stand there."""
    return re.findall(r'<th scope="row"><a href="/cameras/\d+">([^<]+)</a>', page)
