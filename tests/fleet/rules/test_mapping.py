"""Foreign headers: which are offered what, and what the choices make of a profile."""

import pytest

from registry.fleet.rules.columns import read_header
from registry.fleet.rules.mapping import MOST_OFFERED, PASSED, Headers, mapped, read_headers
from registry.fleet.rules.profiles import Profile, translated
from registry.sheets import Sheet, read

KNOWN = ("N° dossier", "Dispositif", "Année", "Bénéficiaire")
MAIRIE = Profile(
    name="Mairie",
    title="Mairie",
    kind="",
    source="https://mairie.example",
    columns={"Poteau": "Caméra", "Lieu-dit": "Site"},
    ignored=frozenset({"gid"}),
    words={"Classe": {"rue": "Voie publique"}},
)


def sheets(*headers: str, name: str = "feuille.csv") -> list[Sheet]:
    """Return a file with a title, these headers and one row of figures."""
    lines = ["Inventaire", ";".join(headers), ";".join("1" for _ in headers)]
    return read("\n".join(lines).encode(), name)


def offers(headers: Headers) -> dict[str, str]:
    """Return what is offered first for each foreign header."""
    return {each.typed: each.chosen for each in headers.foreign}


def test_an_unknown_header_is_offered_the_nearest_column() -> None:
    """What is known is left alone; where nothing comes near, nobody guesses."""
    headers = read_headers(sheets(*KNOWN, "Nom du site équipé", "Météo"), None, "")

    assert offers(headers) == {"Nom du site équipé": "Site", "Météo": ""}
    assert headers.known == {each: each for each in KNOWN}
    assert "N° de série" in headers.foreign[0].offered


def test_one_column_is_not_offered_twice() -> None:
    """A column that stands in the sheet already is not offered for another header."""
    headers = read_headers(sheets(*KNOWN, "Marqe", "Marques", "Dossier"), None, "")

    assert offers(headers) == {"Marqe": "Marque", "Marques": "", "Dossier": ""}


def test_a_file_without_any_known_header_is_offered_its_first_row_of_words() -> None:
    """A title above it, one cell wide, is passed over."""
    headers = read_headers(sheets("Ref", "Voie", "Fabriquant", "Num serie"), None, "")

    assert list(offers(headers)) == ["Ref", "Voie", "Fabriquant", "Num serie"]
    assert offers(headers)["Fabriquant"] == "Marque"
    assert headers.known == {}


def test_a_named_kind_offers_the_columns_of_its_table() -> None:
    """A list of sites is not offered the columns of cameras."""
    headers = read_headers(sheets("Identifiant", "Exploitants"), None, "sites")

    assert offers(headers) == {"Exploitants": "Exploitant"}
    assert "N° de série" not in headers.foreign[0].offered


def test_what_a_profile_chose_may_be_chosen_anew() -> None:
    """Its own headers are shown with its choice, those that it passes over too."""
    headers = read_headers(sheets(*KNOWN, "Poteau", "gid", "Lieu-dit"), MAIRIE, "")

    assert offers(headers) == {"Poteau": "Caméra", "gid": PASSED, "Lieu-dit": "Site"}


def test_remarks_of_a_workbook_and_pages_of_figures_offer_nothing() -> None:
    """A notice is no data; a sheet without a row of words has no headers."""
    assert read_headers(sheets("a", "b", "c", "d", name="notice.csv"), None, "") == Headers({}, ())
    assert read_headers(sheets("1", "2", "x"), None, "") == Headers({}, ())


def test_no_more_headers_are_offered_than_a_page_can_hold() -> None:
    """A sheet of a thousand columns is not a form of a thousand lists."""
    headers = read_headers(sheets(*KNOWN, *(f"q{n}" for n in range(300))), None, "")

    assert len(headers.foreign) == MOST_OFFERED


def test_choices_make_a_profile_by_which_the_file_is_read() -> None:
    """Chosen, passed over and left alone; the words of the profile before stay."""
    file = sheets(*KNOWN, "Poteau", "Lieu-dit", "gid", "Zone vue", "Météo")
    headers = read_headers(file, MAIRIE, "")

    profile = mapped("Mairie 2", headers, ["Libellé", PASSED, "Site", "Classe", PASSED], MAIRIE, "")
    kept = mapped("Mairie 2", headers, ["Caméra", "Site", PASSED, "Classe", PASSED], MAIRIE, "")

    # "Libellé" is no header that was offered: it is left unknown.
    assert "Poteau" not in profile.columns
    assert profile.columns["gid"] == "Site"
    assert profile.ignored == {"Lieu-dit", "Météo"}
    assert kept.columns == {
        **{each: each for each in KNOWN},
        "Lieu-dit": "Site",
        "Poteau": "Caméra",
        "Zone vue": "Classe",
    }
    assert (set(kept.ignored), kept.words, kept.source) == (
        {"gid", "Météo"},
        MAIRIE.words,
        MAIRIE.source,
    )


@pytest.mark.parametrize("foreign", ["Repère terrain", "REPÈRE  terrain", "repere terrain"])
def test_a_mapped_file_has_no_unknown_header_any_more(foreign: str) -> None:
    """Even where one single header was foreign, and however the next file writes it."""
    headers = read_headers(sheets(*KNOWN, "Repère terrain"), None, "")
    profile = mapped("x", headers, ["Caméra"], None, "")

    (sheet,) = sheets(*KNOWN, foreign)
    told = translated(sheet, profile, {})
    header, problems = read_header(told, told.rows[1])

    assert header.places["label"] == 4
    assert [each for each in problems if each.code == "column.unknown"] == []
