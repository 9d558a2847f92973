"""Profiles of foreign inventories: those that are shipped, and one's own."""

from pathlib import Path

import pytest

from registry.errors import Misconfigured, NotFound
from registry.fleet.rules.listed import headers_of
from registry.fleet.rules.tables import TABLES
from registry.fleet.service import find_profile, read_profiles
from registry.settings import config_folder
from registry.territory.rules import normalise

FOLDER = config_folder() / "profiles"


@pytest.mark.parametrize("profile", read_profiles(FOLDER).values(), ids=lambda each: each.name)
def test_a_shipped_profile_leads_to_headers_and_words_that_we_know(profile: object) -> None:
    """What it translates to is read by the table that it is for."""
    (table,) = [each for each in TABLES if each.key == profile.kind]  # type: ignore[attr-defined]
    known = headers_of(table)

    unknown = {h for h in profile.columns.values() if normalise(h) not in known}  # type: ignore[attr-defined]

    assert unknown == set()


def test_a_profile_of_one_s_own_is_found_by_its_path(tmp_path: Path) -> None:
    """And named after its file."""
    path = tmp_path / "mairie.toml"
    path.write_text('title = "Mairie"\n[columns]\nNom = "Caméra"\n', encoding="utf-8")

    profile = find_profile(FOLDER, str(path))

    assert (profile.name, profile.columns) == ("mairie", {"Nom": "Caméra"})


def test_an_unknown_profile_is_told_with_those_that_there_are() -> None:
    """So that whoever mistypes reads what to type."""
    with pytest.raises(NotFound, match="known: compiegne"):
        find_profile(FOLDER, "compiègne")


@pytest.mark.parametrize("text", ["title = 1", "[columns", 'title="x"\n[columns]\na="b"\n[x]\n'])
def test_a_wrong_profile_is_named(tmp_path: Path, text: str) -> None:
    """No TOML, a key that is missing, a key that nobody knows."""
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Misconfigured, match=r"x\.toml"):
        find_profile(FOLDER, str(path))
