"""Official files as they are, and as they are not."""

import json

import pytest

from registry.errors import Invalid
from registry.territory.data.official import contours, schools, stations
from registry.territory.rules.outline import holds

HEADER = "Nom;Trigramme;Segment(s) DRG;Position géographique;Code commune;Code(s) UIC\n"
SQUARE = [[2.4, 50.7], [2.5, 50.7], [2.5, 50.8], [2.4, 50.8], [2.4, 50.7]]


def feature(geometry: object, **properties: str) -> bytes:
    """Return a collection of one feature."""
    return json.dumps({"features": [{"properties": properties, "geometry": geometry}]}).encode()


@pytest.mark.parametrize(
    ("row", "uic", "position"),
    [
        ("Cassel;CSL;C;50.79, 2.44;59054;87281139", "87281139", (50.79, 2.44)),
        ("Cassel;CSL;C;;59054;87281139;87999999", "87281139", (None, None)),
        ("Cassel;CSL;C;nord, sud;59054;0087281139"[:-10] + "87281139", "87281139", (None, None)),
        ("Cassel;CSL;C;150.79, 2.44;59054;87281139", "87281139", (None, None)),
    ],
)
def test_a_station_is_read_from_its_row(
    row: str, uic: str, position: tuple[float | None, float | None]
) -> None:
    """One cell holds latitude and longitude; a position that is none is left out."""
    (found,), problems = stations((HEADER + row).encode(), "gares.csv")

    assert (found.uic, found.insee, problems) == (uic, "59054", [])
    assert (found.latitude, found.longitude) == position


def test_a_wrong_commune_is_named_and_the_station_kept() -> None:
    """Its position is known all the same."""
    (found,), (problem,) = stations(f"{HEADER}A;B;C;;5905;87281139".encode(), "gares.csv")

    assert found.insee == ""
    assert (problem.code, problem.where, problem.value) == ("insee", "gares.csv:2", "5905")


def test_a_school_without_its_letter_is_named() -> None:
    """The key of a UAI code is checked."""
    text = "UAI,Nom,Latitude,Longitude\n0750653D,Lycée,1,2\n0750653C,Lycée,1,2\n"

    rows, (problem,) = schools(text.encode(), "a.csv")

    assert [row.uai for row in rows] == ["0750653C"]
    assert problem.code == "uai"


def test_an_enclave_is_a_hole() -> None:
    """Rings of several polygons and their holes come together."""
    hole = [[2.44, 50.74], [2.46, 50.74], [2.46, 50.76], [2.44, 50.76], [2.44, 50.74]]
    geometry = {"type": "MultiPolygon", "coordinates": [[SQUARE, hole]]}

    (found,), _ = contours(feature(geometry, INSEE_COM="59054"), "c.json")

    assert not holds(found.rings, (2.45, 50.75))
    assert holds(found.rings, (2.42, 50.75))


@pytest.mark.parametrize(
    "content",
    [
        feature({"type": "Point", "coordinates": [2, 50]}, code="59054"),
        feature({"type": "Polygon", "coordinates": [SQUARE]}, code="590"),
        feature({"type": "Polygon", "coordinates": [SQUARE]}),
        feature({"type": "Polygon", "coordinates": [[[200, 50]] * 4]}, code="59054"),
        feature({"type": "Polygon", "coordinates": [[["x", 50]] * 4]}, code="59054"),
        feature(None, code="59054"),
    ],
)
def test_a_feature_that_is_no_commune_is_named(content: bytes) -> None:
    """A point, a code that is none, degrees beyond the globe, words for numbers."""
    rows, problems = contours(content, "c.json")

    assert rows == []
    assert [(each.code, each.where) for each in problems] == [("file.feature", "c.json:1")]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_geojson_is_refused(content: bytes) -> None:
    """Empty, of another shape, not text, nested without end."""
    with pytest.raises(Invalid, match=r"file\.geojson"):
        contours(content, "c.json")


@pytest.mark.parametrize("read", [stations, schools])
def test_bytes_that_are_no_text_are_refused(read: object) -> None:
    """Neither UTF-8 nor Windows-1252."""
    with pytest.raises(Invalid, match=r"sheet\.encoding"):
        read(b"\x81\x8d\x8f", "x.csv")  # type: ignore[operator]  # either of two readers
