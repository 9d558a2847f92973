"""The application as a whole: it starts from settings alone and keeps to its process."""

import os
import stat
from datetime import datetime

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.app import SessionsPerProcess, create_app
from registry.db import SessionFactory
from registry.errors import Misconfigured
from registry.fleet.models import Site
from registry.settings import Settings
from tests.web.visitors import SignIn


def test_it_starts_from_settings_alone(settings: Settings, database_url: str) -> None:
    """The database is opened at the first request, by the process that serves it."""
    storage = settings.storage.model_copy(update={"database_url": database_url})

    app = create_app(settings.model_copy(update={"storage": storage}))

    assert app.test_client().get("/healthz").text == "ok\n"
    app.extensions["vigiparc.sessions"].close()


def test_the_key_file_is_made_at_first_start(app: Flask, settings: Settings) -> None:
    """Nobody has to invent a secret, and nobody else can read it."""
    assert app.config["SECRET_KEY"]
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600


def test_a_key_file_that_others_may_read_is_refused(
    app: Flask, settings: Settings, sessions: SessionFactory
) -> None:
    """A start with a leaking key fails, and names the setting."""
    assert app.config["SECRET_KEY"]
    settings.key_file.chmod(0o644)

    with pytest.raises(Misconfigured, match="key_file"):
        create_app(settings, sessions=sessions)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_demonstration_says_so_on_every_page(
    settings: Settings, sessions: SessionFactory, *, enabled: bool
) -> None:
    """Simulated figures are never taken for real ones, not even on the sign-in page."""
    demo = settings.demo.model_copy(update={"enabled": enabled})
    client = create_app(settings.model_copy(update={"demo": demo}), sessions=sessions).test_client()

    pages = [client.get(address).text for address in ("/login", "/nowhere")]

    assert [("Démonstration\N{NO-BREAK SPACE}: données simulées" in page) for page in pages] == [
        enabled
    ] * 2


def test_each_request_has_a_session_of_its_own(sign_in: SignIn, app: Flask, now: datetime) -> None:
    """What one request did not commit is not there for the next."""

    def leave() -> str:
        g.session.add(Site(public_id="x", insee="59054", kind="hub", name="x", normalised_name="x"))
        return str(g.now == now)

    def look() -> str:
        return str(len(g.session.scalars(select(Site)).all()))

    app.add_url_rule("/leave", view_func=leave)
    app.add_url_rule("/look", view_func=look)
    browser = sign_in("technician")

    assert browser.get("/leave").text == "True"
    assert browser.get("/look").text == "0"


def test_a_file_beyond_the_limit_is_refused_with_words(client: FlaskClient, app: Flask) -> None:
    """The limit of uploads is the one that is set."""
    app.config["MAX_CONTENT_LENGTH"] = 100

    response = client.post("/login", data={"email": "x" * 1_000})

    assert response.status_code == 413
    assert "trop grand" in response.text


def test_a_forked_process_opens_the_database_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes never share a connection, whichever of them was first."""
    sessions = SessionsPerProcess(f"sqlite:///{settings.storage.folder / 'vigiparc.db'}")
    with sessions() as first, sessions() as second:
        assert first.get_bind() is second.get_bind()
    parent = first.get_bind()

    monkeypatch.setattr(os, "getpid", lambda: -1)
    with sessions() as third:
        assert third.get_bind() is not parent
    sessions.close()
