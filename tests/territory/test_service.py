"""Loading the reference data: whole, once, and again when something is missing."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from registry.db import open_engine, session_factory, session_scope
from registry.errors import Invalid
from registry.models import metadata
from registry.territory import data, queries
from registry.territory.models import Commune, CommuneWord, Contour, FormerCommune, School, Station
from registry.territory.service import (
    load_contours,
    load_reference,
    load_schools,
    load_stations,
)
from tests.conftest import ON_POSTGRESQL, fresh_database
from tests.factories import make_commune


@pytest.fixture(scope="module")
def france(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Engine]:
    """Load the reference into a database of its own, once: 35,000 communes take seconds."""
    url = f"sqlite:///{tmp_path_factory.mktemp('france') / 'vigiparc.db'}"
    if ON_POSTGRESQL:
        url = fresh_database(request.getfixturevalue("postgresql_url"), "france")
    engine = open_engine(url)
    metadata.create_all(engine)
    with session_scope(session_factory(engine)) as session:
        load_reference(session)
    yield engine
    engine.dispose()


@pytest.fixture
def loaded(france: Engine) -> Iterator[Session]:
    """Open a session on the reference; what a test changes in it is rolled back."""
    with session_factory(france)() as session:
        yield session


def test_the_whole_of_france_is_loaded_once(loaded: Session) -> None:
    """Communes and former codes are those of the edition; a second load writes nothing."""
    edition = data.edition()

    assert loaded.scalar(select(func.count()).select_from(Commune)) == edition.communes
    assert loaded.scalar(select(func.count()).select_from(FormerCommune)) == edition.former_codes
    assert load_reference(loaded) == 0


def test_a_commune_is_complete(loaded: Session) -> None:
    """Name, department, region, grouping and population with its year."""
    commune = loaded.get_one(Commune, "59054")

    assert (commune.name, commune.department.name) == ("Bavinchove", "Nord")
    assert commune.department.region.name == "Hauts-de-France"
    assert commune.epci is not None
    assert (commune.epci.siren, commune.epci.name) == ("200040947", "CA Coeur de Flandre")
    assert (commune.population, commune.population_year) == (1045, 2023)


def test_what_differs_from_the_edition_is_brought_back(loaded: Session) -> None:
    """A missing former code and an altered population are the two rows written."""
    loaded.execute(delete(FormerCommune).where(FormerCommune.insee == "59070"))
    loaded.get_one(Commune, "59054").population = 1
    loaded.flush()

    assert load_reference(loaded) == 2

    loaded.expire_all()
    assert loaded.get_one(Commune, "59054").population == 1045
    assert loaded.get_one(FormerCommune, "59070").successor_insee == "59006"


def test_words_of_an_older_version_are_filled_in(loaded: Session) -> None:
    """A database that has communes and no words yet gets them, and is searched."""
    loaded.execute(delete(CommuneWord))

    assert load_reference(loaded) > 90_000

    found = [queries.search(loaded, each)[0] for each in ("st quentin", "59070", "marconne")]
    assert [(each.code, each.former) for each in found] == [
        ("02691", ""), ("59006", ""), ("62447", "Marconne"),
    ]  # fmt: skip


def test_the_threshold_of_the_region_can_be_counted(loaded: Session) -> None:
    """3,742 of the region's 3,782 communes have fewer than 20,000 inhabitants."""
    region = (
        select(func.count())
        .select_from(Commune)
        .where(Commune.department_code.in_(("02", "59", "60", "62", "80")))
    )

    assert loaded.scalar(region) == 3782
    assert loaded.scalar(region.where(Commune.population < 20_000)) == 3742


STATIONS = (
    "\ufeffNom;Trigramme;Segment(s) DRG;Position géographique;Code commune;Code(s) UIC\r\n"
    "Cassel;CSL;C;50.7930, 2.4410;59054;87281139\r\n"
    "Nulle part;NLP;C;;59054;12345678\r\n"
)


def test_stations_come_from_the_official_file(session: Session) -> None:
    """Once; twice changes nothing; what cannot be read is named with its line."""
    make_commune(session)

    first = load_stations(session, STATIONS.encode(), "gares.csv")
    again = load_stations(session, STATIONS.encode(), "gares.csv")

    assert [(each.written, each.unchanged) for each in (first, again)] == [(1, 0), (0, 1)]
    assert [(each.code, each.where, each.value) for each in first.problems] == [
        ("uic", "gares.csv:3", "12345678")
    ]
    station = session.get_one(Station, "87281139")
    assert (station.name, station.insee, station.latitude) == ("Cassel", "59054", 50.793)


def test_only_lycees_come_from_the_directory(session: Session) -> None:
    """An école is left out, a former code of the commune is followed."""
    make_commune(session, "59006", "L Oree de Mormal")
    session.add(FormerCommune(insee="59070", successor_insee="59006"))
    session.flush()
    text = (
        "Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Adresse_1;"
        "Code_commune;latitude;longitude\n"
        "0750653C;Lycée Faidherbe;Lycée;9 rue A;59070;50,1;3,2\n"
        "0010001W;École Jules Ferry;Ecole;1 rue B;59070;50.1;3.2\n"
    )

    loaded = load_schools(session, text.encode("cp1252"), "annuaire.csv")

    assert (loaded.written, loaded.problems) == (1, ())
    school = session.scalars(select(School)).one()
    assert (school.uai, school.insee, school.longitude) == ("0750653C", "59006", 3.2)


def test_contours_are_kept_with_a_point_inside(session: Session) -> None:
    """A commune that nobody knows is named and left out."""
    make_commune(session)
    square = [[2.4, 50.7], [2.5, 50.7], [2.5, 50.8], [2.4, 50.8], [2.4, 50.7]]
    features = [
        {"properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [square]}}
        for code in ("59054", "59999")
    ]

    loaded = load_contours(session, json.dumps({"features": features}).encode(), "c.geojson")

    assert [(each.code, each.value) for each in loaded.problems] == [("insee.unknown", "59999")]
    contour = session.scalars(select(Contour)).one()
    assert queries.commune_at(
        session, latitude=contour.latitude, longitude=contour.longitude
    ) == "59054"  # fmt: skip


def test_the_region_s_own_files_are_read_whole(loaded: Session, shared: Path) -> None:
    """330 stations, 3,782 contours; each station lies in its commune or within its edge."""
    with (shared / "data" / "hauts_de_france_stations.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["Nom", "Trigramme", "Segment(s) DRG", "Position géographique",
        "Code commune", "Code(s) UIC"])  # fmt: skip
    writer.writerows(
        [row["nom"], row["trigramme"], row["segment_drg"],
         f"{row['latitude']}, {row['longitude']}", row["code_insee"], row["code_uic"]]
        for row in rows
    )  # fmt: skip
    contours = (shared / "data" / "hauts_de_france_communes_simplified.geojson").read_bytes()

    stations = load_stations(loaded, f"\ufeff{text.getvalue()}".encode(), "gares.csv")
    outlines = load_contours(loaded, contours, "communes.geojson")

    assert (stations.written, stations.problems) == (330, ())
    assert (outlines.written, outlines.problems) == (3782, ())
    inside = [
        queries.lies_in(
            loaded, row["code_insee"], latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
        )
        for row in rows
    ]  # fmt: skip
    assert None not in inside
    assert sum(bool(each) for each in inside) > 300


def test_a_file_of_another_kind_is_refused(session: Session) -> None:
    """With the columns that it lacks, or as no GeoJSON."""
    with pytest.raises(Invalid, match=r"column\.missing"):
        load_stations(session, b"a;b\n1;2\n", "gares.csv")
    with pytest.raises(Invalid, match=r"file\.geojson"):
        load_contours(session, b"<kml/>", "contours.kml")
