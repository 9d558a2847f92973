"""Contracts and authorisations on their pages: lists, forms, rights, and who came second."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import Authorisation, AuthorisationKind, MaintenanceContract, Site
from registry.journal import JournalEntry
from tests.factories import make_papers, make_site
from tests.web.visitors import ENGLISH, SignIn, hidden, read, send

CONTRACT = {
    "reference": "M-2026", "contractor": "Nordmaint <b>", "starts_on": "2026-01-01",
    "ends_on": "2027-01-01", "gti_hours": "4", "gtr_hours": "24", "calendar": "business_hours",
    "business_hours": "lun-ven 8h-18h", "target_availability": "99,5",
    "exclusions": ["vandalism", "power"],
}  # fmt: skip
ORDER = {
    "department_code": "59", "act_number": "2026-0105", "kind": "permanent",
    "decided_on": "2026-01-05", "expires_on": "2031-01-05", "public_road_cameras": "4",
    "exterior_cameras": "0", "interior_cameras": "0", "retention_days": "30",
    "purposes": ["assaults", "traffic"], "holder": "Commune",
}  # fmt: skip


@pytest.fixture
def site(session: Session) -> Site:
    """Add a site of the Nord."""
    site = make_site(session)
    session.commit()
    return site


@pytest.fixture
def papers(session: Session, site: Site) -> tuple[MaintenanceContract, Authorisation]:
    """Add a contract and an authorisation of the site."""
    papers = make_papers(session, site)
    session.commit()
    return papers


@pytest.fixture
def officer(sign_in: SignIn) -> FlaskClient:
    """Return an officer's browser."""
    return sign_in("officer")


def journal(session: Session) -> list[tuple[str, str]]:
    """Return what the journal holds of papers: actions with their reasons."""
    return [
        (entry.action, entry.reason)
        for entry in session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        if entry.action.startswith(("contracts.", "authorisations."))
    ]


def test_a_contract_is_added_from_the_page_of_a_site(
    session: Session, officer: FlaskClient, site: Site
) -> None:
    """The site stands in the form; afterwards its page shows the contract."""
    page = f"/contracts/new?site={site.public_id}"
    assert f">\n{site.public_id}</textarea>" in read(officer, page).replace("\r", "")

    answer = send(officer, page, page=page, **CONTRACT, sites=site.public_id)

    assert answer.headers["Location"] == f"/sites/{site.public_id}#papers"
    kept = session.scalars(select(MaintenanceContract)).one()
    assert (kept.gti_hours, kept.business_hours) == (4, "mon-fri 08:00-18:00")
    assert (f"{kept.target_availability:.3f}", kept.exclusions) == ("0.995", "vandalism power")
    assert kept.sites == [session.get(Site, site.id)]
    assert journal(session) == [("contracts.create", "")]
    shown = read(officer, f"/sites/{site.public_id}")
    assert "Nordmaint &lt;b&gt;" in shown
    assert f"/contracts/{kept.id}?site={site.public_id}" in shown


def test_what_a_paper_must_say_is_marked(officer: FlaskClient) -> None:
    """As the columns of its sheet are; the service still says what is missing."""
    page = read(officer, "/contracts/new", **ENGLISH)

    fields = {
        field.split('"', 1)[0]: field for field in page.split('<label class="form-label" for="')[1:]
    }
    marked = [name for name, field in fields.items() if "required</span>" in field]
    assert marked == ["reference", "contractor", "starts_on"]


def test_a_contract_is_changed_as_people_write(
    session: Session, officer: FlaskClient, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """Days of the week in French, a share in percent; what is sent back unchanged is no change."""
    contract, _ = papers
    page = f"/contracts/{contract.id}"
    values = {**CONTRACT, "reference": contract.reference, "sites": ""}
    send(officer, page, page=page, **values, version=hidden(officer, page), reason="avenant 1")
    again = read(officer, page)

    answer = send(
        officer, page, page=page, **{**values, "business_hours": "lun-ven 08:00-18:00"},
        version=hidden(officer, page),
    )  # fmt: skip

    assert answer.headers["Location"] == "/contracts"
    assert 'value="lun-ven 08:00-18:00"' in again
    assert 'value="99,5"' in again
    assert "checked" in again.split('value="vandalism"')[0].rsplit("<input", 1)[1]
    session.expire_all()
    assert contract.sites == []
    assert journal(session) == [("contracts.edit", "avenant 1")]


@pytest.mark.parametrize(
    ("field", "value", "french", "english"),
    [
        ("starts_on", "hier", "« hier » : attendu : une date jj/mm/aaaa", "a date dd/mm/yyyy"),
        ("reference", "", "valeur obligatoire absente", "a value is required"),
        ("gti_hours", "quatre", "« quatre » : attendu : un nombre entier", "a whole number"),
        ("gtr_hours", "0", "« 0 » : attendu : un nombre entier à partir de 1", "from 1 on"),
        ("target_availability", "120", "« 120 % » : attendu : une part entre", "between 0 and"),
        ("business_hours", "le soir", "« le soir » : attendu : des heures", "hours of the week"),
        ("exclusions", ["rain"], "« rain » : attendu : des valeurs", "values separated"),
        ("calendar", "never", "« never » : attendu : une valeur parmi", "one of:"),
        ("ends_on", "2025-12-31", "attendu : une date qui suit le 01/01/2026", "a date after"),
        ("sites", "59999-01", "aucun site ne porte cet identifiant", "no site has this"),
    ],
)
def test_what_is_refused_stands_under_its_field(  # noqa: PLR0913, PLR0917 - one case to a row
    session: Session,
    officer: FlaskClient,
    site: Site,
    field: str,
    value: object,
    french: str,
    english: str,
) -> None:
    """With the value and what was expected; nothing is written, nothing typed is lost."""
    page = "/contracts/new"
    sent = {**CONTRACT, "sites": site.public_id, field: value}

    answer = send(officer, page, page=page, **sent)
    with officer.session_transaction() as cookie:
        cookie["language"] = "en"
    other = send(officer, page, page=page, **sent)

    assert (answer.status_code, other.status_code) == (422, 422)
    told = answer.text.split(f'id="{field}-error">')[1].partition("</p>")[0]
    assert french in told.replace("\N{NO-BREAK SPACE}", " ")
    assert english in other.text.split(f'id="{field}-error">')[1].partition("</p>")[0]
    assert 'value="Nordmaint &lt;b&gt;"' in answer.text
    assert session.scalars(select(MaintenanceContract)).all() == []
    assert journal(session) == []


def test_another_contract_of_the_site_is_named(
    session: Session, officer: FlaskClient, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """A site has one at a time; a reference that is taken is said too."""
    contract, _ = papers
    sent = {**CONTRACT, "reference": contract.reference, "sites": contract.sites[0].public_id}

    answer = send(officer, "/contracts/new", page="/contracts/new", **sent)

    assert answer.status_code == 422
    assert f"est couvert par {contract.reference}" in answer.text
    assert "ce contrat est au registre" in answer.text
    assert len(session.scalars(select(MaintenanceContract)).all()) == 1


def test_dates_and_sites_ask_for_a_reason_by_their_labels(
    session: Session, officer: FlaskClient, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """Without one nothing is written."""
    _, order = papers
    page = f"/authorisations/{order.id}"
    sent = {**ORDER, "sites": "", "version": hidden(officer, page)}

    answer = send(officer, page, page=page, **sent)

    told = answer.text.split('id="reason-error">')[1].partition("</p>")[0]
    assert answer.status_code == 422
    assert "Signé le" in told
    assert "decided_on" not in told
    session.expire_all()
    assert order.decided_on == date(2024, 1, 1)


def test_of_two_who_edit_the_same_one_wins_and_one_is_told(
    session: Session, sign_in: SignIn, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """The second sees what stands beside what was typed, and may then save on purpose."""
    contract, _ = papers
    first, second, page = sign_in("officer"), sign_in("administrator"), f"/contracts/{contract.id}"
    values = {
        "reference": contract.reference, "contractor": "Nordmaint", "starts_on": "2026-01-01",
        "calendar": "always", "sites": contract.sites[0].public_id,
    }  # fmt: skip
    seen_by_both = hidden(first, page)

    won = send(first, page, page=page, **values, gti_hours="4", version=seen_by_both)
    told = send(second, page, page=page, **values, gti_hours="8", version=seen_by_both)

    assert (won.status_code, told.status_code) == (302, 409)
    assert "Quelqu’un d’autre" in told.text
    assert "Le registre dit maintenant «\N{NO-BREAK SPACE}4\N{NO-BREAK SPACE}»." in told.text
    assert 'value="8"' in told.text
    session.expire_all()
    assert contract.gti_hours == 4
    meant = send(second, page, page=page, **values, gti_hours="8", version=hidden(told.text))
    assert meant.status_code == 302
    session.expire_all()
    assert contract.gti_hours == 8


def test_a_form_without_its_version_changes_nothing(
    session: Session, officer: FlaskClient, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """Nobody can write over what they have not seen."""
    _, order = papers
    page = f"/authorisations/{order.id}"

    unseen = send(officer, page, page=page, **ORDER, reason="x", version="")

    assert unseen.status_code == 409
    session.expire_all()
    assert order.act_number != ORDER["act_number"]


def test_an_authorisation_is_renewed_with_what_lasts(
    session: Session, officer: FlaskClient, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """Sites, counts and purposes are filled in; number and dates are asked for."""
    _, order = papers
    site = order.sites[0]
    order.public_road_cameras, order.purposes = 4, "assaults traffic"
    session.commit()
    page = f"/authorisations/{order.id}/renew?site={site.public_id}"
    begun = read(officer, page)

    early = send(
        officer, page, page=page, **{**ORDER, "expires_on": "2031-01-06"}, sites=site.public_id
    )
    done = send(officer, page, page=page, **{**ORDER, "kind": "renewal"}, sites=site.public_id)

    assert 'name="act_number" type="text" value=""' in begun
    assert '<option selected value="renewal">' in begun
    assert f"{site.public_id}</textarea>" in begun
    assert early.status_code == 422
    assert "05/01/2031" in early.text
    assert done.headers["Location"] == f"/sites/{site.public_id}#papers"
    new = session.scalars(select(Authorisation).where(Authorisation.id != order.id)).one()
    assert (new.kind, new.purposes) == (AuthorisationKind.RENEWAL, "traffic assaults")
    assert "Suivi d’un plus récent" in read(officer, f"/sites/{site.public_id}")


def test_an_authorisation_is_added_for_the_department_of_its_site(
    session: Session, officer: FlaskClient, site: Site
) -> None:
    """No camera of a class that is not counted; the same number twice is refused."""
    page = f"/authorisations/new?site={site.public_id}"
    assert 'name="department_code" type="text" value="59"' in read(officer, page)

    first = send(officer, page, page=page, **ORDER, sites=site.public_id)
    again = send(officer, page, page=page, **ORDER, sites=site.public_id)

    assert (first.status_code, again.status_code) == (302, 422)
    assert "cet arrêté est au registre" in again.text
    assert len(session.scalars(select(Authorisation)).all()) == 1


def test_the_lists_say_first_what_is_at_its_end(
    session: Session, officer: FlaskClient, papers: tuple[MaintenanceContract, Authorisation]
) -> None:
    """An order that another follows is shown on demand only; a contract that ended is counted."""
    contract, order = papers
    contract.ends_on = date(2026, 11, 23)
    _, later = make_papers(session, *order.sites)
    later.expires_on = date(2027, 1, 31)
    order.expires_on = date(2026, 1, 1)
    session.commit()

    contracts = read(officer, "/contracts?all=1")
    orders = read(officer, "/authorisations")
    english = read(officer, "/authorisations?all=1", **ENGLISH)

    assert contract.reference in contracts
    assert "1 arrêté expire dans les 120 jours." in orders
    assert later.act_number in orders
    assert order.act_number not in orders
    assert "Followed by a later one" in english
    assert order.act_number in english
    assert order.act_number not in read(officer, f"/authorisations?all=1&q={later.act_number}")


def test_empty_lists_say_what_to_do(officer: FlaskClient) -> None:
    """Nothing yet, or nothing that matches."""
    assert "En ajouter un ici" in read(officer, "/contracts")
    assert "Add one here" in read(officer, "/authorisations", **ENGLISH)
    assert "Aucun contrat ne correspond" in read(officer, "/contracts?q=zzz")


@pytest.mark.parametrize(
    "address", ["/contracts/new", "/contracts/{}", "/authorisations/new", "/authorisations/{}",
                "/authorisations/{}/renew"],
)  # fmt: skip
def test_a_technician_reads_and_may_not_change(
    sign_in: SignIn,
    client: FlaskClient,
    papers: tuple[MaintenanceContract, Authorisation],
    address: str,
) -> None:
    """The lists are for everybody; no way to a form is offered, and its address is refused."""
    technician, key = sign_in("technician"), papers[0 if "contracts" in address else 1].id

    shown = read(technician, "/contracts") + read(technician, "/authorisations")
    refused = technician.get(address.format(key))

    assert "/new" not in shown
    assert "Renouveler" not in read(technician, f"/sites/{papers[0].sites[0].public_id}")
    assert refused.status_code == 403
    assert client.get(address.format(key)).status_code == 302


@pytest.mark.parametrize(
    "address",
    ["/contracts/4711", "/authorisations/99999999999999999999", "/contracts/new?site=59999-01"],
)
def test_what_is_not_there_is_not_found(officer: FlaskClient, address: str) -> None:
    """A number that no row has, one that no database holds, a site that is nobody's."""
    assert officer.get(address).status_code == 404
