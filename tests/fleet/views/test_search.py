"""The search for a place: on its own page, in the head of every page, with and without script."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.fleet.models import SiteKind
from registry.territory.models import Station
from tests.factories import make_commune, make_site
from tests.web.visitors import SignIn, read


@pytest.fixture
def technician(session: Session, sign_in: SignIn) -> FlaskClient:
    """Return a technician's browser, over a register with a few places."""
    make_commune(session, "02691", "Saint Quentin", 52813)
    site = make_site(session, kind=SiteKind.STATION)
    site.name, site.normalised_name, site.uic = "Gare de Cassel", "gare de cassel", "87281139"
    session.add(Station(uic="87281139", name="Cassel", search_name="cassel", insee="59054"))
    session.commit()
    return sign_in("technician")


@pytest.fixture
def officer(sign_in: SignIn) -> FlaskClient:
    """Return an officer's browser."""
    return sign_in("officer")


def test_a_commune_is_found_by_its_name_and_leads_to_its_sites(technician: FlaskClient) -> None:
    """Name, code and department, and a link to the list of its sites."""
    page = read(technician, "/search?q=st+quentin")

    assert "1 réponse pour « st quentin »" in page
    assert 'href="/sites?q=Saint+Quentin"' in page
    assert "02691, Département 02" in page


@pytest.mark.parametrize("typed", ["cassel", "87281139", "59054-"])
def test_a_site_is_found_by_its_name_its_station_and_its_number(
    technician: FlaskClient, typed: str
) -> None:
    """And leads to its own page."""
    assert 'href="/sites/59054-' in read(technician, f"/search?q={typed}")


def test_the_field_gets_the_list_alone(technician: FlaskClient) -> None:
    """What script asks for has no page around it; the same address without is a page."""
    part = technician.get("/search?q=cassel", headers={"HX-Request": "true"}).text

    assert "<html" not in part
    assert "Gare de Cassel" in part
    assert "<html" in read(technician, "/search?q=cassel")


def test_every_page_has_the_field(technician: FlaskClient) -> None:
    """A form that works without script; what was typed stays in it."""
    page = read(technician, "/search?q=zz%3Cb%3E")

    assert 'role="search" method="get" action="/search"' in page
    assert 'value="zz&lt;b&gt;"' in page
    assert "Rien ne s’appelle « zz&lt;b&gt; »" in page
    assert 'action="/search"' in read(technician, "/sites")


def test_one_letter_is_not_searched(technician: FlaskClient) -> None:
    """It would find half of France: the page says what to type."""
    assert "Deux lettres au moins" in read(technician, "/search?q=c")


def test_a_visitor_is_sent_to_sign_in(client: FlaskClient) -> None:
    """Where cameras stand is not for everybody."""
    assert client.get("/search?q=cassel").status_code == 302
    assert 'action="/search"' not in client.get("/login").text


def test_sites_are_offered_for_a_paper(sign_in: SignIn, technician: FlaskClient) -> None:
    """By their own name, or by that of their commune; only to whoever writes papers."""
    officer = sign_in("officer")

    for typed in ("cassel", "59054"):
        part = read(officer, f"/search/sites?q={typed}")
        assert "Gare de Cassel</button>" in part
        assert "add=59054-" in part
    assert "Rien ne s’appelle" in read(officer, "/search/sites?q=zzz")
    assert technician.get("/search/sites?q=cassel").status_code == 403


def test_a_chosen_site_joins_those_of_the_form(officer: FlaskClient) -> None:
    """Once, behind what was typed; nothing of it is lost or run."""
    part = read(officer, "/search/sites?add=59054-02&sites=59054-01+59054-02+<b>")

    assert "59054-01 59054-02 &lt;b&gt;</textarea>" in part
    assert 'id="sites"' in part


def test_a_paper_has_the_field_that_finds_sites(officer: FlaskClient) -> None:
    """Its Enter belongs to another form: it sends no paper half filled."""
    page = read(officer, "/contracts/new")

    assert 'id="find-site" name="q" form="finding"' in page
    assert '<form id="finding" method="get"' in page
