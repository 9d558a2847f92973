"""
Reads the files that official bodies publish: stations, lycées, contours of communes.

They are not shipped, for their licences ask to name and share what is made of them;
whoever runs the service downloads them. Columns are found by their headers.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.errors import Invalid, Problem
from registry.territory.rules import is_insee, is_uai, is_uic, normalise
from registry.territory.rules.outline import Point, Ring, simplified

# A road's width: outlines of the size of a commune keep their shape, and a tenth of
# their points.
SIMPLIFIED_TO_METRES = 20.0

_STATION_COLUMNS = {
    "name": ("nom", "libelle", "nom gare"),
    "trigram": ("trigramme",),
    "segment": ("segment s drg", "segment drg", "segment"),
    "position": ("position geographique", "geo point 2d"),
    "insee": ("code commune", "code insee"),
    "uic": ("code s uic", "code uic", "uic"),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
}
_SCHOOL_COLUMNS = {
    "uai": ("identifiant de l etablissement", "numero uai", "code etablissement", "uai"),
    "name": ("nom etablissement", "appellation officielle", "nom"),
    "kind": ("type etablissement", "libelle nature", "nature uai libe"),
    "address": ("adresse 1", "adresse uai", "adresse"),
    "insee": ("code commune", "code insee"),
    "latitude": ("latitude", "coordonnee y"),
    "longitude": ("longitude", "coordonnee x"),
    "position": ("position", "geolocalisation"),
}
_ENCODINGS = ("utf-8-sig", "cp1252")
_DEGREES = 180.0


@dataclass(frozen=True, slots=True)
class StationRow:
    """A station as the file of SNCF Gares & Connexions lists it."""

    uic: str
    name: str
    trigram: str
    segment: str
    insee: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A lycée as the directory of the ministry of education lists it."""

    uai: str
    name: str
    address: str
    insee: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class ContourRow:
    """The rings of a commune, simplified; longitude before latitude."""

    insee: str
    rings: Sequence[Ring]


def stations(content: bytes, name: str) -> tuple[list[StationRow], list[Problem]]:
    """
    Read the official file of stations; a station of several UIC codes keeps the first.

    Raises:
        Invalid: It is no such file; rows that cannot be read come back as problems.
    """
    rows, problems = [], []
    for number, row in _table(content, name, _STATION_COLUMNS, required=("name", "uic")):
        uic = row["uic"].replace("|", ";").replace(",", ";").split(";")[0].strip().zfill(8)
        insee = row["insee"].strip().upper()
        if not is_uic(uic):
            problems.append(Problem("uic", f"{name}:{number}", row["uic"]))
            continue
        if insee and not is_insee(insee):
            problems.append(Problem("insee", f"{name}:{number}", insee))
            insee = ""
        latitude, longitude = _position(row)
        rows.append(
            StationRow(uic, row["name"], row["trigram"], row["segment"], insee, latitude, longitude)
        )
    return rows, problems


def schools(content: bytes, name: str) -> tuple[list[SchoolRow], list[Problem]]:
    """
    Read the directory of schools, of which only the lycées are kept.

    Raises:
        Invalid: It is no such file; rows that cannot be read come back as problems.
    """
    rows, problems = [], []
    for number, row in _table(content, name, _SCHOOL_COLUMNS, required=("uai", "name")):
        if row["kind"] and "lycee" not in normalise(row["kind"]):
            continue
        uai = row["uai"].strip().upper()
        if not is_uai(uai):
            problems.append(Problem("uai", f"{name}:{number}", row["uai"]))
            continue
        insee = row["insee"].strip().upper()
        latitude, longitude = _position(row)
        place = insee if is_insee(insee) else ""
        rows.append(SchoolRow(uai, row["name"], row["address"], place, latitude, longitude))
    return rows, problems


def contours(content: bytes, name: str) -> tuple[list[ContourRow], list[Problem]]:
    """
    Read contours of communes from GeoJSON, and simplify them.

    Raises:
        Invalid: It is no GeoJSON of features; features without a code are problems.
    """
    try:
        collection = json.loads(content)
        features = collection["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid([Problem("file.geojson", name)]) from None
    rows, problems = [], []
    for number, feature in enumerate(features, start=1):
        try:
            insee, rings = _code(feature), list(_rings(feature["geometry"]))
        except (KeyError, TypeError, ValueError, IndexError):
            problems.append(Problem("file.feature", f"{name}:{number}"))
            continue
        if is_insee(insee) and rings:
            rows.append(ContourRow(insee, rings))
        else:
            problems.append(Problem("file.feature", f"{name}:{number}", insee))
    return rows, problems


def _code(feature: Mapping[str, Any]) -> str:
    said = feature["properties"]
    keys = ("code", "code_insee", "insee", "INSEE_COM", "codgeo", "insee_com")
    return str(next((said[key] for key in keys if key in said), ""))


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[Point]]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    elif geometry["type"] != "MultiPolygon":
        raise ValueError(geometry["type"])
    for ring in (ring for polygon in polygons for ring in polygon):
        points = [(float(point[0]), float(point[1])) for point in ring]
        if any(abs(x) > _DEGREES or abs(y) > _DEGREES / 2 for x, y in points):
            raise ValueError(points[0])
        yield simplified(points, metres=SIMPLIFIED_TO_METRES)


def _table(
    content: bytes, name: str, columns: Mapping[str, Sequence[str]], *, required: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(content, name)
    head = text[: text.find("\n")]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=head.count))
    try:
        header = [normalise(each) for each in next(reader, [])]
        places = {
            key: next((header.index(each) for each in known if each in header), -1)
            for key, known in columns.items()
        }
        missing = [columns[key][0] for key in required if places[key] < 0]
        if missing:
            said = {"column": ", ".join(missing)}
            raise Invalid([Problem("column.missing", name, "", said)])
        for number, row in enumerate(reader, start=2):
            if any(row):
                yield (
                    number,
                    {
                        key: row[at].strip() if 0 <= at < len(row) else ""
                        for key, at in places.items()
                    },
                )
    except csv.Error:
        raise Invalid([Problem("sheet.damaged", name)]) from None


def _text(content: bytes, name: str) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid([Problem("sheet.encoding", name)])


def _position(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return latitude and longitude, from their columns or from one cell for both."""
    both = row["position"].split(",") if row["position"] else [row["latitude"], row["longitude"]]
    try:
        latitude, longitude = (float(each.replace(",", ".")) for each in both)
    except ValueError:
        return None, None
    if abs(latitude) > _DEGREES / 2 or abs(longitude) > _DEGREES:
        return None, None
    return latitude, longitude
