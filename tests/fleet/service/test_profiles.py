"""Profiles of foreign inventories: those that are shipped or saved, and one's own."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.errors import Invalid, Misconfigured, NotFound
from registry.fleet.models import ImportProfile
from registry.fleet.rules.listed import headers_of
from registry.fleet.rules.mapping import Foreign, Headers
from registry.fleet.rules.profiles import Profile
from registry.fleet.rules.tables import TABLES
from registry.fleet.service import (
    delete_profile,
    file_headers,
    find_profile,
    read_profiles,
    rename_profile,
    save_profile,
    saved_profiles,
)
from registry.fleet.service.profiles import read_profile
from registry.journal import JournalEntry
from registry.settings import config_folder
from registry.signature import Signature
from registry.territory.rules import normalise

FOLDER = config_folder() / "profiles"
HEADERS = Headers(
    {"Site": "Site"},
    (
        Foreign("Feuille", "Repere terrain", "", ("Caméra", "Site", "Classe")),
        Foreign("Feuille", "Obs", "-", ("Caméra", "Site", "Classe")),
    ),
)


def save(
    session: Session,
    *choices: str,
    name: str = "Mairie",
    base: Profile | None = None,
    headers: Headers = HEADERS,
    now: datetime,
) -> Profile:
    """Keep choices for the two foreign headers under a name."""
    return save_profile(
        session,
        name,
        headers,
        choices,
        base=base,
        kind="cameras",
        shipped=["compiegne"],
        signed=Signature("user:1", now, "inventaire"),
    )


@pytest.mark.parametrize("profile", read_profiles(FOLDER).values(), ids=lambda each: each.name)
def test_a_shipped_profile_leads_to_headers_and_words_that_we_know(profile: object) -> None:
    """What it translates to is read by the table that it is for."""
    (table,) = [each for each in TABLES if each.key == profile.kind]  # type: ignore[attr-defined]
    known = headers_of(table)

    unknown = {h for h in profile.columns.values() if normalise(h) not in known}  # type: ignore[attr-defined]

    assert unknown == set()


def test_a_profile_of_one_s_own_is_found_by_its_path(session: Session, tmp_path: Path) -> None:
    """And named after its file."""
    path = tmp_path / "mairie.toml"
    path.write_text('title = "Mairie"\n[columns]\nNom = "Caméra"\n', encoding="utf-8")

    profile = find_profile(session, FOLDER, str(path))

    assert (profile.name, profile.columns) == ("mairie", {"Nom": "Caméra"})


def test_an_unknown_profile_is_told_with_those_that_there_are(
    session: Session, now: datetime
) -> None:
    """So that whoever mistypes reads what to type."""
    save(session, "Caméra", "-", now=now)

    with pytest.raises(NotFound, match="known: Mairie, compiegne"):
        find_profile(session, FOLDER, "compiègne")


@pytest.mark.parametrize("text", ["title = 1", "[columns", 'title="x"\n[columns]\na="b"\n[x]\n'])
def test_a_wrong_profile_is_named(tmp_path: Path, text: str) -> None:
    """No TOML, a key that is missing, a key that nobody knows."""
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Misconfigured, match=r"x\.toml"):
        read_profile(path)


def test_what_was_saved_is_found_by_its_name(session: Session, now: datetime) -> None:
    """With the headers that were known, by which the row of headers is found again."""
    save(session, "Caméra", "-", name="  Mairie  de Roubaix ", now=now)

    profile = find_profile(session, FOLDER, "Mairie de Roubaix")

    assert profile.columns == {"Site": "Site", "Repere terrain": "Caméra"}
    assert (profile.kind, set(profile.ignored)) == ("cameras", {"Obs"})
    assert saved_profiles(session) == {"Mairie de Roubaix": profile}


def test_a_profile_is_journaled_with_its_author_and_reason(session: Session, now: datetime) -> None:
    """What was chosen before and after; saving the same again tells nothing."""
    base = save(session, "Caméra", "-", now=now)
    save(session, "Classe", "-", base=base, now=now)
    save(session, "Classe", "-", base=base, now=now)

    first, second = session.scalars(
        select(JournalEntry).filter_by(action="profile.save").order_by(JournalEntry.id)
    )
    assert (first.subject, first.actor, first.reason) == ("profile:Mairie", "user:1", "inventaire")
    assert json.loads(second.before)["columns"]["Repere terrain"] == "Caméra"
    assert json.loads(second.after)["columns"]["Repere terrain"] == "Classe"
    assert session.scalar(select(func.count()).select_from(ImportProfile)) == 1


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", "mairie.toml", "x" * 61])
def test_a_name_that_would_be_a_path_or_no_name_is_refused(
    session: Session, now: datetime, name: str
) -> None:
    """The command line takes names and paths in one place: they must not be confused."""
    with pytest.raises(Invalid, match=r"profile\.name"):
        save(session, "Caméra", "-", name=name, now=now)


def test_nobody_s_profile_is_written_over_by_chance(session: Session, now: datetime) -> None:
    """Neither a shipped one, nor a saved one that the file was not read by."""
    save(session, "Caméra", "-", now=now)

    for name in ("Mairie", "compiegne"):
        with pytest.raises(Invalid, match=r"profile\.known"):
            save(session, "Classe", "-", name=name, now=now)


def test_choices_that_cannot_be_are_refused(session: Session, now: datetime) -> None:
    """A column that was not offered, two headers for one, and one choice too few."""
    for choices, code in (
        (("Prix", "-"), r"profile\.choice \(Prix\)"),
        (("Caméra", "Caméra"), r"profile\.twice"),
        (("Caméra",), r"profile\.choice \(1\)"),
    ):
        with pytest.raises(Invalid, match=code):
            save(session, *choices, now=now)


def test_the_headers_of_a_file_are_read_by_a_profile_s_kind() -> None:
    """A list of sites under a name of its own is asked for the columns of sites."""
    profile = Profile("x", "x", "sites", "", {"Nom du lieu": "Nom"})

    headers = file_headers(b"Nom du lieu;Patron\nMairie;Roubaix\n", "a.csv", profile, "")

    assert [each.typed for each in headers.foreign] == ["Nom du lieu", "Patron"]
    assert "Alimentation" in headers.foreign[0].offered


def test_the_database_holds_one_profile_of_a_name(session: Session, now: datetime) -> None:
    """Two officers who save at once do not both win."""
    save(session, "Caméra", "-", now=now)

    session.add(ImportProfile(name="Mairie", content="{}"))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_profile_is_renamed_and_deleted_with_an_entry_each(
    session: Session, now: datetime
) -> None:
    """The same name is no change; a name that is taken, or the service's own, is refused."""
    save(session, "Caméra", "-", now=now)
    save(session, "Site", "-", name="Autre", now=now)
    row = session.scalars(select(ImportProfile).filter_by(name="Mairie")).one()
    signed = Signature("user:1", now)

    assert rename_profile(session, row, "Mairie ", shipped=["compiegne"], signed=signed) is False
    for taken, code in (("Autre", "profile.taken"), ("compiegne", "profile.known")):
        with pytest.raises(Invalid, match=code):
            rename_profile(session, row, taken, shipped=["compiegne"], signed=signed)
    assert rename_profile(session, row, "Ville", shipped=["compiegne"], signed=signed)
    assert set(saved_profiles(session)) == {"Autre", "Ville"}
    delete_profile(session, row, signed=signed)

    assert set(saved_profiles(session)) == {"Autre"}
    entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()[2:]
    assert [(each.action, each.subject) for each in entries] == [
        ("profile.rename", "profile:Ville"),
        ("profile.delete", "profile:Ville"),
    ]
