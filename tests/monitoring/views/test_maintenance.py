"""The pages on which planned time is entered, changed and cancelled."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import Camera
from registry.monitoring.models import MaintenanceWindow, RollupSpan
from registry.monitoring.queries.rollups import REMOVED
from tests import factories
from tests.monitoring.telling import NOON, at_minute
from tests.web.visitors import ENGLISH, SignIn, hidden, read, send

HOURS = {"starts_at": "2026-11-23T14:00", "ends_at": "2026-11-23T16:00", "reason": "Mât"}


@pytest.fixture
def camera(session: Session) -> Camera:
    """Add a site with a camera."""
    camera = factories.make_camera(session)
    session.commit()
    return camera


@pytest.fixture
def technician(sign_in: SignIn) -> FlaskClient:
    """Return a technician's browser."""
    return sign_in("technician")


def enter(browser: FlaskClient, camera: Camera, *, alone: bool = False) -> str:
    """Enter a window of a camera or of its site by the page, and return the site's address."""
    site = f"/sites/{camera.site.public_id}"
    page = f"{site}/maintenance"
    answer = send(browser, page, page=page, **HOURS, camera=str(camera.id) if alone else "")
    assert answer.status_code == 302, answer.text
    return site


def window(session: Session) -> MaintenanceWindow:
    """Return the one window as it stands now."""
    session.expire_all()
    return session.scalars(select(MaintenanceWindow)).one()


def test_planned_time_is_entered_by_the_clocks_of_paris(
    session: Session, technician: FlaskClient, camera: Camera
) -> None:
    """Two in the afternoon there is one o'clock UTC in November; the site's page lists it."""
    site = enter(technician, camera, alone=True)

    kept = window(session)
    assert (kept.starts_at, kept.ends_at) == (at_minute(60), at_minute(180))
    assert kept.camera_id == camera.id
    page = read(technician, site)
    assert "Mât" in page
    assert "à venir" in page
    assert "to come" in read(technician, site, **ENGLISH)


def test_planned_time_in_removed_days_is_refused_below_its_field(
    session: Session, technician: FlaskClient, camera: Camera
) -> None:
    """The past is final there: entered anew it is refused, and so is a cancellation."""
    enter(technician, camera)
    kept = f"/maintenance/{window(session).id}"
    until = at_minute(11 * 60)
    session.add(RollupSpan(name=REMOVED, starts_at=at_minute(-11 * 60), ends_at=until))
    session.commit()

    page = f"/sites/{camera.site.public_id}/maintenance"
    entered = send(technician, page, page=page, **HOURS, camera="")
    version = {"why": "Erreur", "version": hidden(technician, kept)}
    cancelled = send(technician, f"{kept}/cancel", page=kept, **version)

    for answer in (entered, cancelled):
        assert answer.status_code == 422
        assert "Ce qui a été vu avant le 2026-11-24 a été supprimé" in answer.text
    assert window(session).cancelled_at is None


def test_planned_time_is_changed_with_a_reason(
    session: Session, technician: FlaskClient, camera: Camera
) -> None:
    """Without one the field says so, and nothing changes."""
    enter(technician, camera)
    page = f"/maintenance/{window(session).id}"

    longer = {**HOURS, "ends_at": "2026-11-23T18:00", "version": hidden(technician, page)}
    refused = send(technician, page, page=page, **longer)
    assert refused.status_code == 422
    assert window(session).ends_at == at_minute(180)
    reasoned = {**longer, "why": "Nacelle en retard"}
    assert send(technician, page, page=page, **reasoned).status_code == 302

    assert window(session).ends_at == at_minute(300)
    assert 'value="2026-11-23T18:00:00"' in read(technician, page)


def test_an_end_before_the_start_is_told_below_its_field(
    session: Session, technician: FlaskClient, camera: Camera
) -> None:
    """What the service refuses stands on the page, in the reader's language."""
    page = f"/sites/{camera.site.public_id}/maintenance"

    answer = send(
        technician, page, page=page, **{**HOURS, "camera": "", "ends_at": "2026-11-23T13:00"}
    )

    assert answer.status_code == 422
    assert "ends_at-error" in answer.text
    assert session.scalars(select(MaintenanceWindow)).all() == []


def test_a_cancelled_window_stays_on_the_page(
    session: Session, technician: FlaskClient, camera: Camera
) -> None:
    """With its state; it cannot be cancelled twice."""
    site = enter(technician, camera)
    page = f"/maintenance/{window(session).id}"

    version = hidden(technician, page)
    silent = send(technician, f"{page}/cancel", page=page, version=version)
    done = send(technician, f"{page}/cancel", page=page, why="Reporté", version=version)
    again = send(technician, f"{page}/cancel", page=site, why="Reporté", version=version)

    assert (silent.status_code, done.status_code) == (422, 302)
    assert again.status_code == 409
    assert "Quelqu’un d’autre" in again.text
    assert window(session).cancelled_at == NOON
    assert "annulée" in read(technician, site)
    assert technician.get("/maintenance/4711").status_code == 404


def test_of_two_who_change_a_window_one_wins_and_one_is_told(
    session: Session, sign_in: SignIn, technician: FlaskClient, camera: Camera
) -> None:
    """The second reads the hours of the first below the field, and keeps what was typed."""
    enter(technician, camera)
    officer, page = sign_in("officer"), f"/maintenance/{window(session).id}"
    both = {**HOURS, "why": "Nacelle en retard", "version": hidden(technician, page)}

    won = send(technician, page, page=page, **{**both, "ends_at": "2026-11-23T18:00"})
    told = send(officer, page, page=page, **{**both, "ends_at": "2026-11-23T20:00"})
    cancelled = send(officer, f"{page}/cancel", page=page, why="Reporté", version=both["version"])

    assert (won.status_code, told.status_code, cancelled.status_code) == (302, 409, 409)
    assert "Quelqu’un d’autre" in told.text
    assert "dit maintenant «\N{NO-BREAK SPACE}23/11/2026 18:00\N{NO-BREAK SPACE}»" in told.text
    assert 'value="2026-11-23T20:00"' in told.text
    kept = window(session)
    assert (kept.ends_at, kept.cancelled_at) == (at_minute(300), None)

    meant = {**both, "ends_at": "2026-11-23T20:00", "version": hidden(told.text)}
    assert send(officer, page, page=page, **meant).status_code == 302
    assert window(session).ends_at == at_minute(420)


def test_only_whoever_may_plan_sees_the_way(
    session: Session, technician: FlaskClient, client: FlaskClient, camera: Camera
) -> None:
    """A visitor signs in first."""
    site = enter(technician, camera)

    assert f"{site}/maintenance" in read(technician, site)
    assert client.get(f"{site}/maintenance").status_code == 302
    assert client.get(f"/maintenance/{window(session).id}").status_code == 302
