"""Contracts and authorisations by the API."""

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_commune, make_site
from tests.web.programs import MakeProgram, Program, errors, items


@pytest.fixture
def site(session: Session) -> str:
    """Write a site in the Nord and return its identifier."""
    site = make_site(session)
    session.commit()
    return site.public_id


def contract(site: str, **other: object) -> dict[str, object]:
    """Return a contract that covers a site."""
    said = {"reference": "M-1", "contractor": "Nordcam", "starts_on": "2026-01-01", "sites": site}
    return {**said, **other}


def authorisation(site: str, **other: object) -> dict[str, object]:
    """Return an order that covers a site."""
    days = {"decided_on": "2024-03-01", "expires_on": "2029-03-01"}
    return {"department_code": "59", "act_number": "2024-7", **days, "sites": site, **other}


def test_a_contract_says_what_is_owed(api: Program, site: str) -> None:
    """Hours, target and sites come back as they were given."""
    body = contract(site, gti_hours=4, gtr_hours=24, target_availability="0.995")

    added = api("POST", "contracts", body)

    assert added.status_code == 201, added.text
    assert {name: added.get_json()[name] for name in body} == body


def test_an_authorisation_lasts_five_years_at_most(api: Program, site: str) -> None:
    """The law's limit is refused in words, and a day less is taken."""
    refused = api("POST", "authorisations", authorisation(site, expires_on="2029-03-02"))
    added = api("POST", "authorisations", authorisation(site))

    assert errors(refused)[0]["field"] == "expires_on"
    assert (added.status_code, added.get_json()["sites"]) == (201, site)


def test_papers_keep_to_a_territory_by_the_sites_they_cover(
    api: Program, program: MakeProgram, session: Session, site: str
) -> None:
    """A department's token sees what covers its own sites, and writes for no others."""
    make_commune(session, "02691", "Saint-Quentin", 53_000)
    elsewhere = make_site(session, insee="02691").public_id
    session.commit()
    api("POST", "contracts", contract(site))
    api("POST", "contracts", contract(elsewhere, reference="M-2"))
    nord = program(territory=("department:59",))

    assert [each["reference"] for each in items(nord("GET", "contracts"))] == ["M-1"]
    foreign = nord("POST", "contracts", contract(elsewhere, reference="M-3"))
    nowhere = nord("POST", "contracts", contract("", reference="M-4"))
    assert (foreign.status_code, nowhere.status_code) == (403, 403)
