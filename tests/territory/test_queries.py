"""Which commune a code or a name means."""

import pytest
from sqlalchemy.orm import Session

from registry.territory import queries
from registry.territory.models import FormerCommune
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


def test_codes_are_looked_up_together(places: Session) -> None:
    """Codes in use, former ones and unknown ones in one go."""
    found = queries.communes_by_code(places, {"59054", "59070", "59999"})

    assert {code: commune.insee for code, commune in found.items()} == {
        "59054": "59054",
        "59070": "59006",
    }


def test_a_search_ignores_accents_and_finds_inner_words(places: Session) -> None:
    """Whoever types "mormal" or "ARR" means a commune whose name holds it."""
    assert [each.insee for each in queries.search(places, "Mormal")] == ["59006"]
    assert [each.insee for each in queries.search(places, "ÀRR")] == ["62041"]
    assert [each.insee for each in queries.search(places, "59054")] == ["59054"]


def test_a_search_gives_the_largest_first(places: Session) -> None:
    """Of two namesakes the one that most people mean stands on top."""
    assert [each.insee for each in queries.search(places, "albert")] == ["80021", "62017"]


def test_a_search_takes_wildcards_literally(places: Session) -> None:
    """A percent sign finds nothing instead of everything."""
    assert queries.search(places, "%") == []
    assert queries.search(places, " ") == []


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
