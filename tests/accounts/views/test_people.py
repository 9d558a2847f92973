"""Signing in and out, the page of one's account, another password, another language."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.models import User
from registry.db import SessionFactory
from tests.web.visitors import PASSWORD, SignIn, make_person, send

OTHER = "Huit autres mots pour une nouvelle phrase 8"


def sign_in_by_form(
    client: FlaskClient, password: str = PASSWORD, address: str = "/login"
) -> tuple[int, str]:
    """Fill the sign-in form; return the status, and where it leads or what it says."""
    fields = {"email": " Officer@vigiparc.test", "password": password}
    response = send(client, address, page="/login", **fields)
    return response.status_code, response.location or response.text


def test_the_right_password_opens_the_pages(
    client: FlaskClient, sessions: SessionFactory, now: datetime
) -> None:
    """Capitals in the address do not matter; the name stands on every page."""
    make_person(sessions, "officer", at=now)

    assert sign_in_by_form(client) == (302, "/")
    assert "Personne officer" in client.get("/").text


@pytest.mark.parametrize("known", [True, False])
def test_a_refusal_does_not_tell_which_accounts_exist(
    client: FlaskClient, sessions: SessionFactory, now: datetime, *, known: bool
) -> None:
    """The same words for a wrong password and for an unknown address."""
    if known:
        make_person(sessions, "officer", at=now)

    status, text = sign_in_by_form(client, "not the password")

    assert status == 200
    assert "L’adresse ou le mot de passe n’est pas le bon." in text
    assert "not the password" not in text


def test_sign_in_leads_back_to_where_one_was_going(
    client: FlaskClient, sessions: SessionFactory, now: datetime
) -> None:
    """A link in a mail survives the sign-in page."""
    make_person(sessions, "officer", at=now)

    _, location = sign_in_by_form(client, address="/login?next=/grants")

    assert location == "/grants"


@pytest.mark.parametrize("trap", ["https://evil.test/", "//evil.test", "/\\evil.test"])
def test_sign_in_never_leads_to_a_strangers_page(
    client: FlaskClient, sessions: SessionFactory, now: datetime, trap: str
) -> None:
    """An address in the link cannot send the reader elsewhere."""
    make_person(sessions, "officer", at=now)

    _, answer = sign_in_by_form(client, address=f"/login?next={trap}")

    assert "evil.test" not in client.get("/").text
    assert not answer.startswith(("http", "//", "/\\"))


def test_an_account_that_was_closed_opens_nothing(
    client: FlaskClient, session: Session, sessions: SessionFactory, now: datetime
) -> None:
    """A person who has left cannot come back in."""
    person = make_person(sessions, "officer", at=now)
    found = session.get(User, person.id)
    assert found is not None
    found.active = False
    session.commit()

    status, _ = sign_in_by_form(client)

    assert status == 200
    assert client.get("/").status_code == 302


def test_signing_out_closes_the_pages(sign_in: SignIn) -> None:
    """After "Se déconnecter" the overview asks to sign in again."""
    browser = sign_in("technician")

    response = send(browser, "/logout", page="/")

    assert response.location == "/login"
    assert browser.get("/").status_code == 302


def test_the_account_page_names_its_roles(sign_in: SignIn) -> None:
    """Who one is here, in words."""
    page = sign_in("administrator").get("/account").text

    assert "administrator@vigiparc.test" in page
    assert "Administrateur" in page


def test_a_password_is_changed_with_the_old_one(
    sign_in: SignIn, session: Session, client: FlaskClient
) -> None:
    """The new password signs in from then on, and the old one does not."""
    browser, page = sign_in("officer"), "/account/password"
    before = session.scalars(select(User.password)).one()

    response = send(
        browser, page, page=page, password=PASSWORD, new_password=OTHER, new_password_confirm=OTHER
    )

    assert response.location == "/account"
    session.rollback()
    assert session.scalars(select(User.password)).one() != before
    assert sign_in_by_form(client, OTHER)[0] == 302


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"new_password": "short", "new_password_confirm": "short"}, "au moins 12 caractères"),
        (
            {"new_password": "a" * 20, "new_password_confirm": "a" * 20},
            "Trop facile à deviner",
        ),
        ({"new_password": OTHER, "new_password_confirm": "other"}, "correspond"),
        (
            {"password": "wrong", "new_password": OTHER, "new_password_confirm": OTHER},
            "non valide",
        ),
    ],
)
def test_a_refused_password_is_explained(
    sign_in: SignIn, session: Session, fields: dict[str, str], words: str
) -> None:
    """Too short, too easy, two different ones, or the old one is wrong."""
    browser, page = sign_in("officer"), "/account/password"
    before = session.scalars(select(User.password)).one()

    response = send(browser, page, page=page, **{"password": PASSWORD, **fields})

    assert words in response.text
    session.rollback()
    assert session.scalars(select(User.password)).one() == before


def test_a_chosen_language_wins_over_the_browsers(client: FlaskClient) -> None:
    """One button turns every page to English, and back."""
    headers = {"Accept-Language": "fr"}

    send(client, "/language", page="/login", language="en", back="/login")
    english = client.get("/login", headers=headers).text
    send(client, "/language", page="/login", language="xx", back="/login")
    still = client.get("/login", headers=headers).text

    assert '<html lang="en">' in english
    assert '<html lang="en">' in still


@pytest.mark.parametrize("back", ["https://evil.test", "//evil.test", "/\\evil.test", ""])
def test_choosing_a_language_stays_on_this_site(client: FlaskClient, back: str) -> None:
    """A forged form cannot lead elsewhere."""
    response = send(client, "/language", page="/login", language="en", back=back)

    assert response.location == "/"
