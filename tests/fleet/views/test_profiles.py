"""The saved profiles on their pages: what there is, another name, an end."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import ImportProfile
from registry.journal import JournalEntry
from tests.web.visitors import ENGLISH, SignIn, hidden, read, send

CONTENT = {
    "kind": "cameras", "source": "", "columns": {"Repère <b>": "Caméra"}, "ignored": ["Obs"],
    "words": {},
}  # fmt: skip


@pytest.fixture
def profile(session: Session) -> ImportProfile:
    """Add a saved profile."""
    row = ImportProfile(name="Mairie", content=json.dumps(CONTENT))
    session.add(row)
    session.commit()
    return row


def address(profile: ImportProfile) -> str:
    """Return the address of a profile's page."""
    return f"/import/profiles/{profile.id}"


def names(session: Session) -> list[str]:
    """Return the names that the register holds."""
    session.expire_all()
    return [*session.scalars(select(ImportProfile.name).order_by(ImportProfile.name))]


def actions(session: Session) -> list[str]:
    """Return what was done to profiles, by the journal."""
    found = session.scalars(select(JournalEntry.action).order_by(JournalEntry.id))
    return [each for each in found if each.startswith("profile.")]


def test_saved_and_shipped_profiles_are_listed(sign_in: SignIn, profile: ImportProfile) -> None:
    """The import page leads there; what a header means is shown as text."""
    officer = sign_in("officer")

    assert 'href="/import/profiles"' in read(officer, "/import")
    listed = read(officer, "/import/profiles")
    assert address(profile) in listed
    assert "livré avec VigiParc" in listed
    assert "comes with VigiParc" in read(officer, "/import/profiles", **ENGLISH)
    shown = read(officer, address(profile))
    assert "Repère &lt;b&gt;" in shown
    assert "laisser" in shown or "passer" in shown.lower()


def test_a_profile_gets_another_name(
    session: Session, sign_in: SignIn, profile: ImportProfile
) -> None:
    """And is offered under it on the import page."""
    officer, page = sign_in("officer"), address(profile)

    done = send(officer, page, page=page, name=" Ville  de X ", version=hidden(officer, page))

    assert done.status_code == 302
    assert names(session) == ["Ville de X"]
    assert actions(session) == ["profile.rename"]
    assert "Ville de X" in read(officer, "/import")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "un nom d’au plus 60 caractères"),
        ("a/b", "« a/b » : attendu : un nom"),
        ("Autre", "un profil porte déjà le nom « Autre »"),
        ("compiegne", "un profil porte déjà ce nom"),
    ],
)
def test_a_name_that_will_not_do_is_refused(
    session: Session, sign_in: SignIn, profile: ImportProfile, name: str, words: str
) -> None:
    """Below its field, with what was expected; the profile keeps its name."""
    session.add(ImportProfile(name="Autre", content=json.dumps(CONTENT)))
    session.commit()
    officer, page = sign_in("officer"), address(profile)

    answer = send(officer, page, page=page, name=name, version=hidden(officer, page))

    told = answer.text.split('id="name-error">')[1].partition("</p>")[0]
    assert answer.status_code == 422
    assert words in told.replace("\N{NO-BREAK SPACE}", " ")
    assert names(session) == ["Autre", "Mairie"]
    assert actions(session) == []


def test_a_profile_is_deleted(session: Session, sign_in: SignIn, profile: ImportProfile) -> None:
    """The journal keeps what it said."""
    officer, page = sign_in("officer"), address(profile)

    done = send(officer, page, page=page, name="Mairie", delete="1", version=hidden(officer, page))

    assert done.headers["Location"] == "/import/profiles"
    assert "est supprimé" in read(officer, "/import/profiles")
    assert names(session) == []
    (entry,) = session.scalars(select(JournalEntry).filter_by(action="profile.delete"))
    assert "Caméra" in (entry.before or "")
    assert officer.get(page).status_code == 404


def test_of_two_who_rename_one_is_told(
    session: Session, sign_in: SignIn, profile: ImportProfile
) -> None:
    """Nor is a profile deleted by somebody who has not seen its new name."""
    first, second, page = sign_in("officer"), sign_in("administrator"), address(profile)
    seen = hidden(first, page)

    won = send(first, page, page=page, name="A", version=seen)
    told = send(second, page, page=page, name="B", version=seen)
    kept = send(second, page, page=page, name="B", delete="1", version=seen)

    assert (won.status_code, told.status_code, kept.status_code) == (302, 409, 409)
    assert "Quelqu’un d’autre" in told.text
    assert names(session) == ["A"]


def test_profiles_are_for_who_may_import(sign_in: SignIn, profile: ImportProfile) -> None:
    """A technician is refused."""
    technician = sign_in("technician")

    assert technician.get("/import/profiles").status_code == 403
    assert technician.get(address(profile)).status_code == 403
