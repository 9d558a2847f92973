"""An operation is served under its right, and a POST under its key gets one answer."""

from flask import Flask
from sqlalchemy.orm import Session

from registry.fleet.api.places import SITES
from registry.web.rest.routing import answer, key_path, shown_by, with_etag
from tests.factories import make_commune
from tests.web.programs import Program

LYCEE = {"insee": "59054", "kind": "lycee", "name": "Lycée Faidherbe"}


def test_an_answer_carries_its_version(app: Flask) -> None:
    """As JSON, and as the ETag that a change sends back."""
    with app.test_request_context():
        response = with_etag(answer({"name": "Cassel"}), {"etag": "f1a4"})

    assert (response.get_json(), response.headers["ETag"]) == ({"name": "Cassel"}, '"f1a4"')


def test_a_thing_is_addressed_by_its_number() -> None:
    """And shown with its version beside its fields."""
    assert key_path(SITES) == "/<int:key>"
    assert set(shown_by(SITES)().fields) == {*SITES.columns, "etag"}


def test_what_an_address_asks_belongs_to_the_request(api: Program, session: Session) -> None:
    """One key for two addresses is refused; for the same one it is answered again."""
    make_commune(session)
    session.commit()
    first, again = (api("POST", "sites", LYCEE, Idempotency_Key="lycees-2026") for _ in range(2))

    other = api("POST", "sites?x=1", LYCEE, Idempotency_Key="lycees-2026")

    assert first.get_json() == again.get_json()
    assert other.status_code == 422
