"""Every page of a list asks the database the same number of questions, however long it is."""

import tomllib
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.factories import make_camera, make_grant, make_papers, make_site
from tests.web.scenes import watch
from tests.web.visitors import SignIn, counted_selects

BASELINE = Path(__file__).with_name("selects.toml")
FEW, MANY = 3, 60
# What is no page of the register: sign-in and out, files, the machine's own doors.
# An export is read in batches, whose number does grow.
DOORS = ("accounts", "security", "assets", "metrics", "static")


def pages(app: Flask) -> list[str]:
    """Return the address of every page that needs no word of its own."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and rule.endpoint.partition(".")[0] not in DOORS
        and "." in rule.endpoint
        and not rule.rule.startswith(("/api/", "/export"))
    )


def fill(session: Session, rows: int, *, now: datetime) -> None:
    """Add some sites, each with a watched camera, papers and a grant of its own."""
    for _ in range(rows):
        camera = make_camera(session, site=make_site(session), grant=make_grant(session))
        watch(session, camera, now=now)
        make_papers(session, camera.site)
    session.commit()


def counts(app: Flask, engine: Engine, browser: FlaskClient) -> dict[str, int]:
    """Return how many statements each page takes, once it has been seen before."""
    found = {}
    for page in pages(app):
        browser.get(page)
        with counted_selects(engine) as statements:
            answer = browser.get(page, query_string={"q": "place"})
        if answer.status_code == 200:
            found[page] = len(statements)
    return found


def test_pages_take_the_statements_of_the_baseline_whatever_their_length(
    app: Flask, engine: Engine, session: Session, sign_in: SignIn, now: datetime
) -> None:
    """A new page, or one more statement, is seen in the diff of selects.toml."""
    browser = sign_in("administrator")
    fill(session, FEW, now=now)
    few = counts(app, engine, browser)
    fill(session, MANY, now=now)

    many = counts(app, engine, browser)

    assert many == few
    assert few == tomllib.loads(BASELINE.read_text(encoding="utf-8"))["selects"]
