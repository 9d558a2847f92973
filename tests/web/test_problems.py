"""What goes wrong becomes an answer once, in words, and never a stack trace."""

import json

import pytest
from flask import Flask, abort, g
from flask.testing import FlaskClient

from registry.errors import Conflict, Invalid, NotFound, Problem, Refused, RegistryError
from tests.web.visitors import SignIn

ERRORS = [
    (NotFound("site 59054-01"), 404, "Rien à cette adresse"),
    (Conflict("acknowledged before"), 409, "pas possible en l’état"),
    (Refused("user:3"), 403, "Vous n’avez pas ce droit"),
    (Invalid([Problem("after_start", "ends_at", "12:00")]), 422, "ne convient pas"),
    (RegistryError("sealed secret"), 500, "Le service a échoué"),
    (ValueError("sealed secret"), 500, "Le service a échoué"),
]


def raising(app: Flask, error: Exception) -> Flask:
    """Give the application a page that fails."""

    def fail() -> str:
        raise error

    app.add_url_rule("/fails", view_func=fail)
    return app


@pytest.mark.parametrize(("error", "status", "words"), ERRORS)
def test_an_error_is_a_page_for_people(
    app: Flask, error: Exception, status: int, words: str
) -> None:
    """The page says what happened and leads back; what the error carries stays inside."""
    response = raising(app, error).test_client().get("/fails")

    assert response.status_code == status
    assert words in response.text
    assert "Retour à la vue d’ensemble" in response.text
    assert "Traceback" not in response.text
    assert "sealed secret" not in response.text


@pytest.mark.parametrize(("error", "status"), [each[:2] for each in ERRORS])
def test_an_error_is_a_problem_for_programs(app: Flask, error: Exception, status: int) -> None:
    """RFC 9457: type, title, status, and each field that was wrong."""
    client = raising(app, error).test_client()

    response = client.get("/fails", headers={"Accept": "application/json"})

    body = json.loads(response.text)
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, body["status"], body["type"]) == (status, status, "about:blank")
    assert "<" not in response.text
    assert "sealed secret" not in response.text
    if isinstance(error, Invalid):
        assert body["errors"] == [
            {
                "field": "ends_at",
                "pointer": "/ends_at",
                "value": "12:00",
                "code": "after_start",
                "message": "Une fin postérieure au début est attendue.",
            }
        ]


def test_the_trace_goes_to_the_log(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever runs the service finds what failed, and where."""
    raising(app, ValueError("sealed secret")).test_client().get("/fails")

    assert "ValueError" in capsys.readouterr().out


def test_a_failed_request_leaves_nothing_half_saved(app: Flask, sign_in: SignIn) -> None:
    """The session of a request that failed is rolled back before its page is made."""
    seen = []

    def fail() -> str:
        seen.append(g.session)
        raise ValueError

    app.add_url_rule("/fails", view_func=fail)

    assert sign_in("technician").get("/fails").status_code == 500
    assert not seen[0].in_transaction()


def test_a_form_sent_after_the_session_has_ended_leads_back_to_it(
    client: FlaskClient, sign_in: SignIn
) -> None:
    """Nothing is saved; the ways to sign in, or back to the form, are marked for kept.js."""
    out = client.post("/sites/59054-01/maintenance", data={"reason": "Élagage"})
    older = sign_in("technician").post("/sites/59054-01/maintenance", data={"reason": "Élagage"})

    assert (out.status_code, older.status_code) == (400, 400)
    assert '<a href="/login" data-sign-in>' in out.text
    assert "Ce que vous aviez saisi attend dans cet onglet" in out.text
    assert "data-back" not in out.text
    assert "<a data-back hidden>Retour au formulaire</a>" in older.text
    assert "data-sign-in" in client.get("/login").text


@pytest.mark.parametrize("status", [400, 405, 413, 418, 429, 503])
def test_every_status_of_http_has_a_page(app: Flask, status: int) -> None:
    """Statuses that nobody foresaw still come in our own frame."""
    app.add_url_rule("/stops", view_func=lambda: abort(status))

    response = app.test_client().get("/stops")

    assert response.status_code == status
    assert "VigiParc" in response.text


def test_a_redirect_stays_a_redirect(app: Flask) -> None:
    """Only errors become pages."""
    response = app.test_client().get("/assets//x")

    assert response.status_code in {308, 404}


def test_a_wrong_method_still_names_the_right_ones(app: Flask) -> None:
    """HTTP's own headers survive."""
    response = app.test_client().delete("/metrics", headers={"X-CSRFToken": "x"})

    assert response.status_code in {400, 405}
