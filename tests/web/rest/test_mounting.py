"""Who may call the API: a token with the right, from its network, before it expires."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.db import SessionFactory
from registry.settings import Settings
from tests.conftest import NOON
from tests.factories import make_commune, make_site
from tests.web.programs import MakeProgram, Program, items
from tests.web.visitors import SignIn

LYCEE = {"insee": "59054", "kind": "lycee", "name": "Lycée Faidherbe"}


def test_no_operation_answers_without_a_token(app: Flask, client: FlaskClient) -> None:
    """Neither a read nor a write: 401 comes before anything is looked at."""
    answers = set()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or rule.rule.endswith("openapi.json"):
            continue
        address = rule.rule.replace("<int:key>", "1").replace("<string(maxlength=60):key>", "x")
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            response = client.open(address, method=method, json={})
            answers.add((response.status_code, response.headers.get("WWW-Authenticate")))

    assert answers == {(401, "Bearer")}


def test_a_browser_that_has_signed_in_is_nobody_here(sign_in: SignIn, session: Session) -> None:
    """Another site can make a browser send a POST, and its cookie comes along: 401 all the same."""
    make_commune(session)
    session.commit()
    browser = sign_in("administrator")

    posted = browser.post("/api/v1/sites", json=LYCEE)
    read = browser.get("/api/v1/sites")

    assert (posted.status_code, read.status_code) == (401, 401)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic dTpw", "Bearer vgp_abcdefgh_" + "A" * 43]
)
def test_what_is_no_token_is_nobodys(client: FlaskClient, header: str) -> None:
    """One answer, whatever is wrong with it."""
    assert client.get("/api/v1/sites", headers={"Authorization": header}).status_code == 401


def test_a_token_does_what_its_rights_say_and_no_more(
    program: MakeProgram, session: Session
) -> None:
    """403 for what it may not do; a token that only reads writes nothing."""
    make_commune(session)
    site = make_site(session)
    session.commit()
    reader = program(("sites.read",), read_only=True)
    auditor = program(("audit.read",))

    assert len(items(reader("GET", "sites"))) == 1
    assert reader("POST", "sites", LYCEE).status_code == 403
    assert reader("PATCH", f"sites/{site.id}", {"owner": "x"}).status_code == 403
    assert auditor("GET", "sites").status_code == 403
    assert items(auditor("GET", "journal"))[0]["action"] == "token.make"


def test_a_token_is_used_from_its_networks_only(program: MakeProgram) -> None:
    """A token that was stolen is worth nothing elsewhere."""
    bound = program(networks=("192.0.2.0/24", "2001:db8::/32"), address="192.0.2.9")

    answers = {
        address: Program(bound.client, bound.token, address)("GET", "sites").status_code
        for address in ("192.0.2.9", "192.0.3.9", "2001:db8::7", "::ffff:192.0.2.9", "")
    }

    assert answers == {
        "192.0.2.9": 200, "192.0.3.9": 401, "2001:db8::7": 200, "::ffff:192.0.2.9": 200, "": 401,
    }  # fmt: skip


def test_a_token_ends(
    api: Program, settings: Settings, sessions: SessionFactory, program: MakeProgram
) -> None:
    """On its day, or when somebody revokes it."""
    later = create_app(settings, sessions=sessions, clock=lambda: NOON + timedelta(days=10))
    other = program()
    number = next(each for each in items(api("GET", "tokens")) if each["prefix"] in other.token)

    assert Program(later.test_client(), api.token)("GET", "sites").status_code == 401
    ended = api("DELETE", f"tokens/{number['id']}", If_Match=f'"{number["etag"]}"')
    assert ended.status_code == 204
    assert other("GET", "sites").status_code == 401


def test_what_has_no_place_is_not_for_who_is_bound_to_one(program: MakeProgram) -> None:
    """A department's token reads neither the journal nor the people of the whole region."""
    bound = program(territory=("department:59",))

    answers = {
        path: bound("GET", path).status_code for path in ("journal", "users", "tokens", "sites")
    }
    order = {"name": "x", "rights": ["sites.read"], "expires_at": "2026-12-01T00:00:00Z"}

    assert answers == {"journal": 403, "users": 403, "tokens": 403, "sites": 200}
    assert bound("POST", "tokens", order).status_code == 403


def test_whoever_guesses_tokens_is_slowed_down(client: FlaskClient) -> None:
    """429 after some requests without a token from one address."""
    answers = {client.get("/api/v1/sites").status_code for _ in range(70)}

    assert answers == {401, 429}


def test_one_token_does_not_starve_another(
    settings: Settings, sessions: SessionFactory, program: MakeProgram
) -> None:
    """Each has its own measure, and 429 says when it is full."""
    web = settings.web.model_copy(update={"api_requests_per_minute": 2})
    slow = create_app(
        settings.model_copy(update={"web": web}), sessions=sessions, clock=lambda: NOON
    ).test_client()
    greedy, modest = Program(slow, program().token), Program(slow, program().token)

    answers = [greedy("GET", "sites").status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert modest("GET", "sites").status_code == 200
