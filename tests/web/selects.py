"""Counts the statements that each page and each list of the API asks of the database."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.accounts.rules import Right, TokenOrder
from registry.accounts.service import make_token
from tests.web.visitors import counted_selects

# What is no page of the register: sign-in and out, files, the machine's own doors.
# An export is read in batches, whose number does grow.
DOORS = ("accounts", "security", "assets", "metrics", "static")
# Pages that hold a list of their own, of the site and the grant with most cameras.
CROWDED = {
    "/sites/<public_id>": "/sites/59054-00001",
    "/grants/<path:file_number>": "/grants/23-00001",
    "/cameras/<int:camera_id>": "/cameras/1",
    "/outages/<int:outage_id>": "/outages/1",
    "/contracts/<int:contract_id>": "/contracts/1",
    "/authorisations/<int:order_id>": "/authorisations/1",
}


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """Give the rule and the address of every page and of every list of the API."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        subject, _, view = rule.endpoint.partition(".")
        if "GET" not in (rule.methods or ()) or not view or subject in DOORS:
            continue
        if rule.rule in CROWDED:
            yield rule.rule, CROWDED[rule.rule]
        elif not rule.arguments and (view == "list" or not rule.rule.startswith(("/api/", "/exp"))):
            yield rule.rule, rule.rule


def counts(
    app: Flask, engine: Engine, browser: FlaskClient, token: Mapping[str, str]
) -> dict[str, int]:
    """Return how many statements each page takes, once it has been seen before."""
    found = {}
    for rule, address in pages(app):
        of_api = rule.startswith("/api/v1/")
        ask: dict[str, Any] = {"headers": token} if of_api else {"query_string": {"q": "place"}}
        browser.get(address, **ask)
        with counted_selects(engine) as statements:
            answer = browser.get(address, **ask)
        if answer.status_code == 200:
            found[rule] = len(statements)
    return found


def bearer(session: Session, *, now: datetime) -> dict[str, str]:
    """Make a token that may read everything, and return the header that shows it."""
    rights = tuple(Right)
    order = TokenOrder("selects", rights, now + timedelta(days=1), read_only=False)
    _token, secret = make_token(session, order, rights=rights, at=now, actor="selects")
    session.commit()
    return {"Authorization": f"Bearer {secret}"}
