"""Who may see what: every page names a right, and the right decides."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.rules import RIGHTS, RoleName
from registry.web.access import VISITOR, Actor, needs
from tests.web.visitors import SignIn

DESCRIPTION = "api-docs.openapi_json"
OPEN = {"security.login", "security.logout", "security.verify", "accounts.choose_language"}
MACHINES = {
    "assets.serve",
    "metrics.alive",
    "metrics.cameras",
    "metrics.discover",
    "metrics.ready",
    "metrics.sites",
    "api.read_document",
    DESCRIPTION,
}


def test_every_page_asks_for_sign_in(app: Flask) -> None:
    """A page that forgets its right is found here: only a named few are open."""
    client = app.test_client()
    open_pages = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "security.static":
            continue
        if rule.rule.startswith("/api/v1/") and rule.endpoint != DESCRIPTION:
            continue  # those ask for a token: tests/web/rest/test_mounting.py tries each
        _, address = rule.build(dict.fromkeys(rule.arguments, "1")) or ("", "")
        response = client.get(address)
        if not (response.status_code == 302 and "/login" in response.location):
            open_pages.add(rule.endpoint)

    assert open_pages <= OPEN | MACHINES


@pytest.mark.parametrize("role", list(RoleName))
def test_a_role_sees_the_menu_that_it_may_use(sign_in: SignIn, role: RoleName) -> None:
    """Nobody is offered a link that would refuse them."""
    page = sign_in(role).get("/", headers={"Accept-Language": "en"}).text

    assert ">Sites</a>" in page
    assert ">Grants</a>" in page
    assert (">Import</a>" in page) == ("fleet.import" in RIGHTS[role])


def test_a_missing_right_is_refused_with_words(app: Flask, sign_in: SignIn) -> None:
    """The refusal says that an administrator can give the right."""

    @needs("accounts.manage")
    def show_keys() -> str:
        return "keys"

    app.add_url_rule("/keys", view_func=show_keys)

    response = sign_in("technician").get("/keys")

    assert response.status_code == 403
    assert "administrateur" in response.text


def test_htmx_is_told_to_load_the_whole_page_when_nobody_is_signed_in(app: Flask) -> None:
    """A list that refreshes itself never swallows the sign-in page."""
    response = app.test_client().get("/", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.headers["HX-Refresh"] == "true"


def test_a_visitor_may_do_nothing() -> None:
    """Without an account there is no right at all."""
    actor = Actor("user:3", "Camille", frozenset({"technician"}), frozenset({"sites.read"}))

    assert not VISITOR.signed_in
    assert not VISITOR.may("sites.read")
    assert actor.signed_in
    assert actor.may("sites.read")
    assert not actor.may("grants.edit")


@pytest.mark.parametrize(
    ("given", "kept"), [("proxy-0123456789", True), ("short", False), ("a b\tc d e f g", False)]
)
def test_a_request_has_a_word_for_the_log_and_the_journal(
    client: FlaskClient, given: str, *, kept: bool
) -> None:
    """A proxy's own word is kept where it is one, so that two logs tell of one request."""
    answer = client.get("/login", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is kept
    assert len(answer.headers["X-Request-ID"]) >= 8


def test_a_page_tells_whose_it_is_and_whether_it_can_be_opened_again(sign_in: SignIn) -> None:
    """What was typed is kept for the same person, and comes back where the form is found."""
    browser = sign_in("technician")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert token is not None

    opened = browser.get("/").text
    refused = browser.post("/outages/1/acknowledge", data={"csrf_token": token.group(1)})
    visitor = browser.application.test_client().get("/login").text

    assert '<body data-person="user:1" data-page>' in opened
    assert refused.status_code == 404
    assert '<body data-person="user:1">' in refused.text
    assert "<body>" in visitor
