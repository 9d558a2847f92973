"""What keeps pages from being turned against their readers."""

import re

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient

from registry.app import create_app
from registry.db import SessionFactory
from registry.settings import Settings
from registry.web.security import derive_key
from tests.web.visitors import SignIn, send


def test_every_page_carries_the_protective_headers(client: FlaskClient) -> None:
    """No script, style or frame from elsewhere, no sniffing, no page in a cache."""
    response = client.get("/login")

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/sites", "/grants", "/account", "/nowhere"])
def test_no_page_needs_what_the_policy_forbids(sign_in: SignIn, address: str) -> None:
    """No inline script, style or handler stands in a page, and nothing comes from afar."""
    page = sign_in("administrator").get(address).text

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize(
    "address", ["/login", "/logout", "/language", "/sites/x/probe", "/outages/1/acknowledge"]
)
def test_a_post_without_a_token_is_refused(client: FlaskClient, address: str) -> None:
    """Another site cannot make a reader's browser change anything, signed in or not."""
    response = client.post(address, data={"email": "a@b"})

    assert response.status_code == 400
    assert "formulaire" in response.text


def test_a_signed_in_post_without_a_token_is_refused(sign_in: SignIn) -> None:
    """A session cookie alone proves nothing: the browser sends it from any page."""
    response = sign_in("administrator").post("/grants/23-1", data={"status": "settled"})

    assert response.status_code == 400


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    """The session cookie is out of reach of scripts and of other sites' posts."""
    cookie = client.get("/login").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_cookies_travel_over_https_only_when_set_so(
    settings: Settings, sessions: SessionFactory
) -> None:
    """Behind a TLS proxy the cookie never goes out in clear."""
    web = settings.web.model_copy(update={"secure_cookies": True})
    app = create_app(settings.model_copy(update={"web": web}), sessions=sessions)

    cookie = app.test_client().get("/login").headers["Set-Cookie"]

    assert "Secure" in cookie


def test_guessing_passwords_is_slowed_down(client: FlaskClient) -> None:
    """After ten attempts in a minute from one address comes a refusal that says so."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login").text)
    assert token is not None
    form = {"csrf_token": token.group(1), "email": "nobody@vigiparc.test", "password": "x"}

    statuses = [client.post("/login", data=form).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


def test_derived_keys_differ_by_purpose_and_do_not_show_their_source() -> None:
    """One file of keys serves several purposes, and none of them opens another."""
    source = Fernet.generate_key()

    cookies, passwords = derive_key(source, "cookies"), derive_key(source, "passwords")

    assert cookies != passwords
    assert derive_key(source, "cookies") == cookies
    assert source.decode() not in {cookies, passwords}


def test_a_rotated_key_still_reads_older_cookies(
    app: Flask, settings: Settings, sessions: SessionFactory
) -> None:
    """A new key on top of the file signs nobody out."""
    old = app.config["SECRET_KEY"]
    keys = settings.key_file.read_text(encoding="ascii")
    settings.key_file.write_text(f"{Fernet.generate_key().decode()}\n{keys}", encoding="ascii")

    rotated = create_app(settings, sessions=sessions)

    assert rotated.config["SECRET_KEY"] != old
    assert rotated.config["SECRET_KEY_FALLBACKS"] == [old]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/search?q=a%00b", 422),
        ("/outages?department=%00", 422),
        ("/journal?subject=%00", 422),
        ("/sites/%00", 404),
        ("/grants/a%00", 404),
        ("/api/v1/cameras/%00", 404),
    ],
)
def test_a_nul_character_is_refused_at_the_door(sign_in: SignIn, address: str, status: int) -> None:
    """PostgreSQL holds none in a text: what cannot be kept is not asked for either."""
    response = sign_in("administrator").get(address)

    assert response.status_code == status


def test_a_nul_character_in_a_form_is_shown_where_it_stands(sign_in: SignIn) -> None:
    """The field and what stood there are named, and what was expected instead."""
    browser = sign_in("administrator")

    response = send(browser, "/language", page="/", language="a\0b")

    assert response.status_code == 422
    assert "language – a\N{SYMBOL FOR NULL}b – Attendu" in response.text


@pytest.mark.parametrize(
    "address",
    ["/cameras/{}", "/outages/{}", "/funding/papers/{}", "/contracts/{}"],
)
def test_a_number_that_no_column_holds_is_nobodys(sign_in: SignIn, address: str) -> None:
    """Nothing is there, and the service has not failed."""
    browser = sign_in("administrator")

    assert browser.get(address.format(10**20)).status_code == 404
    assert browser.get(f"/journal?before={10**20}").status_code == 200
    assert browser.get(f"/grants?year={10**20}").status_code == 200
