"""Beneficiaries by the API."""

import pytest
from sqlalchemy.orm import Session

from registry.funding.models import Beneficiary
from registry.territory.models import FormerCommune
from tests.factories import make_commune
from tests.web.programs import MakeProgram, Program, errors, items

CASSEL = {"kind": "commune", "name": "Cassel", "insee": "59054", "siren": "215900549"}


@pytest.fixture
def communes(session: Session) -> None:
    """Write a commune of the Nord and one of the Aisne, which absorbed another."""
    make_commune(session)
    make_commune(session, "02564", "Nampcelles", 300)
    session.add(FormerCommune(insee="02077", successor_insee="02564"))
    session.commit()


@pytest.mark.usefixtures("communes")
def test_a_beneficiary_is_added_once(api: Program) -> None:
    """Known by its kind, its name and its commune, however it is written."""
    added = api("POST", "beneficiaries", CASSEL)
    again = api("POST", "beneficiaries", {**CASSEL, "name": "CASSEL"})

    assert added.status_code == 201, added.text
    assert again.status_code == 409
    assert [each["name"] for each in items(api("GET", "beneficiaries?siren=215900549"))] == [
        "Cassel"
    ]


@pytest.mark.usefixtures("communes")
def test_a_former_commune_leads_to_that_of_today(api: Program) -> None:
    """An old file's code is honoured."""
    added = api("POST", "beneficiaries", {"kind": "commune", "name": "Berlise", "insee": "02077"})

    assert added.get_json()["insee"] == "02564"


@pytest.mark.usefixtures("communes")
def test_every_wrong_beneficiary_of_a_list_is_said(api: Program) -> None:
    """A wrong key, a code of nowhere, a commune without one, a name of dots: none is kept."""
    said = errors(
        api(
            "POST",
            "beneficiaries/bulk",
            [
                {**CASSEL, "siren": "215900548"},
                {**CASSEL, "insee": "59999"},
                {"kind": "commune", "name": "Lille"},
                {"kind": "sncf", "name": "..."},
                {"kind": "region", "name": "Hauts-de-France", "siren": "200053742"},
            ],
        )
    )

    assert [(each["row"], each["field"], each["code"]) for each in said] == [
        (0, "siren", "siren"),
        (1, "insee", "insee.unknown"),
        (2, "insee", "insee"),
        (3, "name", "required"),
    ]
    assert all(each["message"] != each["code"] for each in said)
    assert items(api("GET", "beneficiaries")) == []


@pytest.mark.usefixtures("communes")
def test_who_somebody_is_changes_with_a_reason(api: Program, session: Session) -> None:
    """And with the version that was read; of two that read the same, one is told."""
    added = api("POST", "beneficiaries", CASSEL)
    path, etag = f"beneficiaries/{added.get_json()['id']}", added.headers["ETag"]

    silent = api("PATCH", path, {"name": "Ville de Cassel"}, If_Match=etag)
    renamed = api("PATCH", path, {"name": "Ville de Cassel", "why": "nom complet"}, If_Match=etag)
    late = api("PATCH", path, {"siren": None, "why": "x"}, If_Match=etag)

    assert errors(silent)[0]["field"] == "why"
    assert renamed.get_json()["name"] == "Ville de Cassel"
    assert late.status_code == 412
    body = session.get_one(Beneficiary, added.get_json()["id"])
    assert body.normalised_name == "ville de cassel"


@pytest.mark.usefixtures("communes")
def test_a_token_of_a_department_adds_its_own(program: MakeProgram) -> None:
    """What has no place is for tokens without a territory."""
    nord = program(territory=("department:59",))

    own = nord("POST", "beneficiaries", CASSEL)
    foreign = nord("POST", "beneficiaries", {**CASSEL, "insee": "02564"})
    nowhere = nord("POST", "beneficiaries", {"kind": "sncf", "name": "SNCF"})

    assert (own.status_code, foreign.status_code, nowhere.status_code) == (201, 403, 403)
