"""The pages of outages: what is out, why, until when, and who said what."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.models import Outage
from registry.monitoring.rules.outages import Exclusion
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import told
from tests.web.visitors import ENGLISH, SignIn, read, send


@pytest.fixture
def outage(session: Session) -> Outage:
    """Add a camera that fell an hour before the page is read."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, -61), told(camera.id, -60, Health.DOWN)], patience=1)
    session.commit()
    return session.scalars(select(Outage)).one()


@pytest.fixture
def technician(sign_in: SignIn) -> FlaskClient:
    """Return a technician's browser."""
    return sign_in("technician")


def test_a_visitor_signs_in_first(client: FlaskClient) -> None:
    """What fell is nobody else's business."""
    assert client.get("/outages").status_code == 302


def test_an_empty_list_says_so(technician: FlaskClient) -> None:
    """Nothing is down is an answer."""
    page = read(technician, "/outages")

    assert "Aucune caméra n’est hors service." in page
    assert "Aucune panne confirmée" in page


def test_the_list_answers_first(technician: FlaskClient, outage: Outage) -> None:
    """How many cameras, with how many roots; then each on a line."""
    page = read(technician, "/outages")

    assert "1 caméra hors service, pour 1 origine." in page
    assert outage.camera is not None
    assert outage.camera.label in page
    assert "L’alimentation ou la liaison" in page
    assert "1 camera out, with 1 root." in read(technician, "/outages", **ENGLISH)


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("/outages?state=lasting", True),
        ("/outages?state=excluded", False),
        ("/outages?state=imputable", True),
        ("/outages?department=59", True),
        ("/outages?department=62", False),
        ("/outages?page=99", True),
    ],
)
def test_the_list_is_filtered_by_its_address(
    technician: FlaskClient, outage: Outage, address: str, *, listed: bool
) -> None:
    """A filtered list can be linked; a page beyond the last is the last."""
    assert (f"/outages/{outage.id}" in read(technician, address)) is listed


def test_an_outage_tells_its_whole_story(technician: FlaskClient, outage: Outage) -> None:
    """From which verdict on, why, and that no contract covers it."""
    page = read(technician, f"/outages/{outage.id}")

    assert outage.camera is not None
    assert f"{outage.camera.label} est hors service" in page
    assert "lundi 23 novembre 2026 à 12 h 00" in page
    assert "Aucun ne couvre ce site ce jour-là." in page
    assert technician.get("/outages/999").status_code == 404


def test_a_technician_comments_and_names_a_ticket(
    technician: FlaskClient, session: Session, outage: Outage
) -> None:
    """Both stand on the page afterwards, as text."""
    page = f"/outages/{outage.id}"

    send(technician, f"{page}/comments", page=page, text="<b>Nacelle</b> commandée")
    send(technician, f"{page}/ticket", page=page, ticket="GLPI-42")

    shown = read(technician, page)
    assert "&lt;b&gt;Nacelle&lt;/b&gt; commandée" in shown
    session.expire_all()
    assert session.get_one(Outage, outage.id).ticket == "GLPI-42"


def test_an_empty_comment_is_refused_on_the_page(technician: FlaskClient, outage: Outage) -> None:
    """The field says so; nothing is kept."""
    page = f"/outages/{outage.id}"

    answer = send(technician, f"{page}/comments", page=page, text=" ")

    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text


def test_only_officers_judge(
    technician: FlaskClient, sign_in: SignIn, session: Session, outage: Outage
) -> None:
    """Whoever repairs does not decide whether it counts."""
    page = f"/outages/{outage.id}"
    wanted = {"excluded_for": "vandalism", "judgement": "Plainte 2026/118"}

    refused = send(technician, f"{page}/judgement", page=page, **wanted)
    officer = sign_in("officer")
    without_reason = send(officer, f"{page}/judgement", page=page, excluded_for="vandalism")
    send(officer, f"{page}/judgement", page=page, **wanted)

    assert (refused.status_code, without_reason.status_code) == (403, 422)
    session.expire_all()
    assert session.get_one(Outage, outage.id).excluded_for is Exclusion.VANDALISM
    assert "Plainte 2026/118" in read(officer, page)
