"""Rebuilding the shipped communes from the npm package."""

import csv
import io
import json
import lzma
import tarfile
from pathlib import Path
from typing import Any

import pytest

from registry.territory import data
from registry.territory.data.__main__ import build, describe, main
from registry.territory.rules import is_insee, is_siren

TABLES: dict[str, Any] = {
    "package.json": {"version": "6.0.0"},
    "data/departements.json": [{"code": "59", "nom": "Nord"}, {"code": "987", "nom": "Polynésie"}],
    "data/regions.json": [{"code": "32", "nom": "Hauts-de-France"}, {"code": "987", "nom": "P"}],
    "data/epci.json": [{"code": "200040947", "nom": "CA", "membres": [{"code": "59054"}]}],
    "data/communes.json": [
        {
            "code": "59054",
            "nom": "Bavinchove",
            "departement": "59",
            "region": "32",
            "zone": "metro",
            "type": "commune-actuelle",
            "population": 1045,
            "anciensCodes": ["59998", "59999"],
            "codesPostaux": ["59670", "59671"],
        },
        {
            "code": "59998",
            "nom": "Ancienne",
            "departement": "59",
            "region": "32",
            "zone": "metro",
            "type": "commune-deleguee",
        },
        {
            "code": "98735",
            "nom": "Papeete",
            "departement": "987",
            "region": "987",
            "zone": "com",
            "type": "commune-actuelle",
            "population": 26654,
        },
    ],
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a package of the same shape as Etalab's, with two communes."""
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, table in TABLES.items():
            content = json.dumps(table).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_a_package_becomes_one_row_for_each_commune_of_today(package: Path) -> None:
    """Delegated communes are former codes of the one that took over."""
    packed, edition = build(package)
    rows = list(csv.DictReader(io.StringIO(lzma.decompress(packed).decode())))

    assert [row["insee"] for row in rows] == ["59054", "98735"]
    assert rows[0]["former_codes"] == "59998 59999"
    assert (rows[0]["postal_codes"], rows[0]["former_names"]) == ("59670 59671", "Ancienne")
    assert (rows[0]["epci"], rows[0]["department_name"]) == ("200040947", "Nord")
    assert (edition.name, edition.communes, edition.former_codes) == ("COG 2026", 2, 2)


def test_an_older_package_tells_names_that_are_gone(package: Path, tmp_path: Path) -> None:
    """A commune that vanished in a merger is found under the name that it had."""
    older = tmp_path / "older.tgz"
    gone = [{"code": "59999", "nom": "Disparue"}, {"code": "59054", "nom": "BAVINCHOVE"}]
    with tarfile.open(older, "w:gz") as archive:
        content = json.dumps(gone).encode()
        member = tarfile.TarInfo("package/data/communes.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))

    packed, _ = build(package, older)

    (first, *_) = csv.DictReader(io.StringIO(lzma.decompress(packed).decode()))
    assert first["former_names"] == "Ancienne|Disparue"


def test_the_year_of_the_population_is_said_only_where_it_is_known(package: Path) -> None:
    """INSEE's are three years old; the collectivities of the Pacific count on their own."""
    packed, _ = build(package)
    rows = list(csv.DictReader(io.StringIO(lzma.decompress(packed).decode())))

    assert [row["population_year"] for row in rows] == ["2023", ""]


def test_the_same_package_gives_the_same_bytes(package: Path) -> None:
    """A rebuild that changes nothing shows no difference."""
    assert build(package) == build(package)


def test_the_edition_is_written_as_it_is_read() -> None:
    """edition.toml is what `describe` gives for the shipped edition."""
    path = Path(data.__file__).with_name("edition.toml")

    assert path.read_text(encoding="utf-8") == describe(data.edition())


def test_the_command_wants_one_package(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an argument it says how it is used, and fails as a wrong use."""
    assert main([]) == 2
    assert "usage:" in capsys.readouterr().err


def test_every_shipped_row_is_well_formed() -> None:
    """Codes have their form, groupings their check digit, sums agree with the edition."""
    rows = list(data.communes())
    edition = data.edition()

    assert [row["insee"] for row in rows if not is_insee(row["insee"])] == []
    assert {row["epci"] for row in rows if row["epci"] and not is_siren(row["epci"])} == set()
    assert sum(int(row["population"] or 0) for row in rows) == edition.population
    assert len(rows) == edition.communes


def test_shipped_communes_agree_with_the_reference_of_the_region(shared: Path) -> None:
    """Names, groupings and populations are those of the region's own reference file."""
    with (shared / "data" / "hauts_de_france_communes.csv").open(encoding="utf-8-sig") as file:
        reference = {row["code_insee"]: row for row in csv.DictReader(file)}
    shipped = {row["insee"]: row for row in data.communes() if row["region"] == "32"}

    assert shipped.keys() == reference.keys()
    assert [
        code
        for code, row in shipped.items()
        if (row["name"], row["epci"], row["population"])
        != (
            reference[code]["nom"],
            reference[code]["epci_siren"],
            reference[code]["population_municipale_ref"],
        )
    ] == []
