"""Sites by the API."""

from sqlalchemy.orm import Session

from registry.fleet.models import Site
from tests.factories import make_commune
from tests.web.programs import Program, errors

LYCEE = {"insee": "59054", "kind": "lycee", "name": "Lycée Faidherbe"}


def test_a_site_gets_its_public_identifier_once(api: Program, session: Session) -> None:
    """It is given by the register, and a client cannot choose it."""
    make_commune(session)
    session.commit()

    added = api(
        "POST", "sites", {**LYCEE, "power_hours": "mon-fri 17:00-07:00", "why": "lampadaires"}
    )
    chosen = api("POST", "sites", {**LYCEE, "name": "Autre", "public_id": "59054-77"})

    assert added.get_json()["public_id"] == "59054-01"
    assert errors(chosen)[0]["field"] == "public_id"
    assert session.get_one(Site, added.get_json()["id"]).power_hours[0].hours


def test_the_services_refusals_come_in_the_readers_language(api: Program, session: Session) -> None:
    """A code of no commune is refused with the value and what was expected."""
    make_commune(session)
    session.commit()

    refused = api("POST", "sites", {**LYCEE, "insee": "59999"}, Accept_Language="fr")

    (said,) = errors(refused)
    assert (said["field"], said["value"]) == ("insee", "59999")
    assert "59999" in said["message"]
    assert "commune" in said["message"]
