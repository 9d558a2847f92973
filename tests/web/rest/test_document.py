"""The description of the API: complete, valid, and readable without a network."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.web.visitors import ENGLISH


def test_every_address_of_the_api_is_described(app: Flask, client: FlaskClient) -> None:
    """Nothing is served that the description does not know, and the other way round."""
    document = client.get("/api/v1/openapi.json").get_json()

    served = {
        re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }
    assert set(document["paths"]) == served
    assert document["openapi"] == "3.1.0"
    assert len(served) >= 40


def test_every_operation_asks_for_a_token_and_says_what_may_go_wrong(client: FlaskClient) -> None:
    """Each has a name of its own, and its refusals are RFC 9457."""
    document = client.get("/api/v1/openapi.json").get_json()
    operations = [
        each
        for path in document["paths"].values()
        for method, each in path.items()
        if method != "parameters"
    ]

    assert all(each["security"] == [{"token": []}] for each in operations)
    assert len({each["operationId"] for each in operations}) == len(operations)
    for each in operations:
        assert {"401", "403", "429"} <= set(each["responses"])
        assert "application/problem+json" in each["responses"]["401"]["content"]


def test_the_page_shows_every_operation_without_a_script(client: FlaskClient) -> None:
    """It is read on a network that reaches nothing else, by whoever has no account yet."""
    document = client.get("/api/v1/openapi.json").get_json()

    page = client.get("/api", headers=ENGLISH)

    assert page.status_code == 200
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert "https://" not in page.text.replace("http://localhost", "")
    assert 'id="SiteGiven"' in page.text
