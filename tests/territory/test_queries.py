"""Which commune a code or a name means."""

import pytest
from sqlalchemy.orm import Session

from registry.territory import queries
from registry.territory.models import (
    CommuneWord,
    Contour,
    FormerCommune,
    School,
    Station,
)
from registry.territory.rules.outline import pack
from tests.factories import make_commune


@pytest.fixture
def places(session: Session) -> Session:
    """Return a session with a few communes and one former code."""
    make_commune(session, "59054", "Bavinchove", 1045)
    make_commune(session, "59135", "Cassel", 2200)
    make_commune(session, "59006", "L Oree de Mormal", 619)
    make_commune(session, "62041", "Arras", 42875)
    make_commune(session, "80021", "Albert", 9521)
    make_commune(session, "62017", "Albert", 100)
    session.add(FormerCommune(insee="59070", successor_insee="59006"))
    session.flush()
    return session


def test_a_code_in_use_finds_its_commune(places: Session) -> None:
    """The code is the identity; nothing is derived from a name."""
    found = queries.commune(places, "59054")

    assert found is not None
    assert found.name == "Bavinchove"
    assert queries.commune(places, "59070") is None


def test_a_former_code_leads_to_the_commune_that_took_over(places: Session) -> None:
    """Old grants keep codes that mergers have ended."""
    found = queries.successor(places, "59070")

    assert found is not None
    assert found.insee == "59006"
    assert queries.successor(places, "59054") is None


def test_departments_are_listed_by_code(places: Session) -> None:
    """Each once, however many communes the register knows of it."""
    assert [code for code, _ in queries.departments(places)] == ["59", "62", "80"]


def test_codes_are_looked_up_together(places: Session) -> None:
    """Codes in use, former ones and unknown ones in one go."""
    found = queries.communes_by_code(places, {"59054", "59070", "59999"})

    assert {code: commune.insee for code, commune in found.items()} == {
        "59054": "59054",
        "59070": "59006",
    }


def test_a_search_ignores_accents_and_finds_inner_words(places: Session) -> None:
    """Whoever types "mormal" or "ARR" means a commune whose name holds it."""
    assert [each.code for each in queries.search(places, "Mormal")] == ["59006"]
    assert [each.code for each in queries.search(places, "ÀRR")] == ["62041"]
    assert [each.code for each in queries.search(places, "59054")] == ["59054"]


def test_a_search_gives_the_largest_first(places: Session) -> None:
    """Of two namesakes the one that most people mean stands on top."""
    assert [each.code for each in queries.search(places, "albert")] == ["80021", "62017"]


def test_a_search_takes_wildcards_literally(places: Session) -> None:
    """A percent sign finds nothing instead of everything."""
    assert queries.search(places, "%") == []
    assert queries.search(places, " ") == []


@pytest.mark.parametrize(
    "typed", ["st quentin", "Saint-Quentin", "quentin st", "SAINT QUEN", "02691"]
)
def test_a_commune_is_found_however_it_is_typed(places: Session, typed: str) -> None:
    """Abbreviated, out of order, begun, by its code with its zero."""
    make_commune(places, "02691", "Saint Quentin", 52813)

    assert [each.code for each in queries.search(places, typed)] == ["02691"]


def test_an_old_name_leads_to_the_commune_of_today(places: Session) -> None:
    """And the answer says under which name it was found; by its own name it does not."""
    commune = make_commune(places, "62447", "Hesdin la Foret", 4480)
    commune.former_names = "Hesdin|Marconne|Sainte-Austreberthe"
    places.add(CommuneWord(insee="62447", word="marconne", population=4480))
    places.flush()

    (found,) = queries.search(places, "marconne")
    (own,) = queries.search(places, "hesdin")

    assert (found.code, found.former) == ("62447", "Marconne")
    assert (own.code, own.former) == ("62447", "")


def test_the_very_name_comes_before_larger_communes(places: Session) -> None:
    """Who types the whole name of a village means the village."""
    make_commune(places, "80410", "Ham", 4600)
    make_commune(places, "57300", "Hambach", 90_000)

    assert [each.code for each in queries.search(places, "ham")] == ["80410", "57300"]


def test_a_name_is_found_by_its_beginning(places: Session) -> None:
    """However many larger communes have the same words in their names."""
    make_commune(places, "51513", "Saint Remy en Bouzemont", 490)
    for number in range(12):
        make_commune(places, f"130{number:02}", f"Ensoleille Saint Remy {number}", 10_000)
    places.flush()

    found = queries.search(places, "Saint-Rémy-en", limit=12)

    assert found[0].name == "Saint Remy en Bouzemont"
    assert len(found) == 12


def test_stations_and_schools_are_found_too(places: Session) -> None:
    """By name, also abbreviated in their own list, and by code."""
    station = Station(
        uic="87281139", name="Gare St Omer", search_name="gare st omer", insee="59054"
    )
    school = School(uai="0590001A", name="Lycée Faidherbe", search_name="lycee faidherbe")
    places.add_all([station, school])
    places.flush()

    found = [queries.search(places, typed)[0] for typed in ("saint omer", "87281", "faidh")]

    assert [(each.kind, each.code) for each in found] == [
        ("station", "87281139"), ("station", "87281139"), ("school", "0590001A"),
    ]  # fmt: skip
    assert (found[0].commune, found[0].department, found[2].commune) == (
        "Bavinchove", "Département 59", "",
    )  # fmt: skip


def test_a_point_is_in_the_commune_that_holds_it(places: Session) -> None:
    """By the loaded contours; without one nobody knows."""
    rings = [[(2.4, 50.7), (2.5, 50.7), (2.5, 50.8), (2.4, 50.8)]]
    places.add(
        Contour(
            insee="59054", south=50.7, north=50.8, west=2.4, east=2.5, latitude=50.75,
            longitude=2.45, rings=pack(rings),
        )
    )  # fmt: skip
    places.flush()

    assert queries.commune_at(places, latitude=50.75, longitude=2.45) == "59054"
    assert queries.commune_at(places, latitude=50.75, longitude=2.55) is None
    assert queries.lies_in(places, "59054", latitude=50.75, longitude=2.45) is True
    # Latitude and longitude swapped, as it happens.
    assert queries.lies_in(places, "59054", latitude=2.45, longitude=50.75) is False
    assert queries.lies_in(places, "59135", latitude=50.75, longitude=2.45) is None


def test_the_nearest_commune_is_the_one_with_the_name(places: Session) -> None:
    """The name beside an unknown code says what was meant."""
    found = queries.nearest(places, "59000", "CASSEL")

    assert found is not None
    assert found.insee == "59135"


def test_namesakes_are_told_apart_by_the_department(places: Session) -> None:
    """The first two digits are seldom the ones that are wrong."""
    found = queries.nearest(places, "62999", "Albert")

    assert found is not None
    assert found.insee == "62017"


def test_without_a_name_one_slip_of_the_finger_is_undone(places: Session) -> None:
    """Two digits swapped lead back to the commune."""
    found = queries.nearest(places, "59504")

    assert found is not None
    assert found.insee == "59054"
    assert queries.nearest(places, "13999") is None
