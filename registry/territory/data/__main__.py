"""
Rebuilds communes.csv.xz and edition.toml from the npm package of Etalab.

    npm pack @etalab/decoupage-administratif@6.0.0
    npm pack @etalab/decoupage-administratif@2.3.1
    python -m registry.territory.data etalab-decoupage-administratif-6.0.0.tgz OLDER.tgz

The same packages give the same bytes. Communes of today only; delegated and
associated communes appear as the former codes and names of the commune that took
over. Older packages, if any, tell the names of communes that no longer exist.
"""

import csv
import io
import json
import lzma
import sys
import tarfile
from pathlib import Path
from typing import Any

from registry.territory.data import COLUMNS, Edition
from registry.territory.rules import normalise

FOLDER = Path(__file__).parent
_MAYOTTE, _MAYOTTE_YEAR = "976", 2017
_YEARS_OF_DELAY = 3
_FIRST_EDITION = 2020


def main(arguments: list[str]) -> int:
    """Write both files beside this one and say what they hold."""
    if not arguments:
        sys.stderr.write("usage: python -m registry.territory.data PACKAGE.tgz [OLDER.tgz ...]\n")
        return 2
    packed, edition = build(*map(Path, arguments))
    (FOLDER / "communes.csv.xz").write_bytes(packed)
    (FOLDER / "edition.toml").write_text(describe(edition), encoding="utf-8")
    sys.stdout.write(f"{edition.name}: {edition.communes} communes, {len(packed)} bytes\n")
    return 0


def build(package: Path, *older: Path) -> tuple[bytes, Edition]:
    """Turn the package into the compressed CSV, and say what it holds."""
    with tarfile.open(package) as archive:
        tables = {
            name: _read(archive, f"data/{name}.json")
            for name in ("communes", "departements", "regions", "epci")
        }
        version = _read(archive, "package.json")["version"]
    year = _FIRST_EDITION + int(version.split(".")[0])
    rows = _rows(tables, year, _names([tables["communes"], *map(_communes, older)]))
    edition = Edition(
        name=f"COG {year}",
        communes=len(rows),
        former_codes=sum(len(row["former_codes"].split()) for row in rows),
        population=sum(int(row["population"] or 0) for row in rows),
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME), edition


def describe(edition: Edition) -> str:
    """Return the edition as the TOML that travels with the data."""
    return (
        "# What communes.csv.xz holds; written by python -m registry.territory.data.\n"
        f'name = "{edition.name}"\n'
        f"communes = {edition.communes}\n"
        f"former_codes = {edition.former_codes}\n"
        f"population = {edition.population}\n"
    )


def _read(archive: tarfile.TarFile, name: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise FileNotFoundError(name)
    return json.load(member)


def _communes(package: Path) -> list[dict[str, Any]]:
    with tarfile.open(package) as archive:
        found: list[dict[str, Any]] = _read(archive, "data/communes.json")
    return found


def _names(editions: list[list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return every name that a code was ever borne under, communes and parts of communes."""
    names: dict[str, list[str]] = {}
    for each in (commune for edition in editions for commune in edition):
        borne = names.setdefault(each["code"], [])
        if each["nom"] not in borne:
            borne.append(each["nom"])
    return names


def _former_names(commune: dict[str, Any], names: dict[str, list[str]]) -> str:
    seen = {normalise(commune["nom"])}
    former = []
    for name in (
        n for c in (commune["code"], *commune.get("anciensCodes", [])) for n in names.get(c, [])
    ):
        if normalise(name) not in seen:
            seen.add(normalise(name))
            former.append(name)
    return "|".join(former)


def _rows(tables: dict[str, Any], year: int, names: dict[str, list[str]]) -> list[dict[str, str]]:
    departments = {each["code"]: each["nom"] for each in tables["departements"]}
    regions = {each["code"]: each["nom"] for each in tables["regions"]}
    groupings = {
        member["code"]: (each["code"], each["nom"])
        for each in tables["epci"]
        for member in each["membres"]
    }
    rows = []
    for each in tables["communes"]:
        if each["type"] != "commune-actuelle":
            continue
        siren, grouping = groupings.get(each["code"], ("", ""))
        values = (
            each["code"],
            each["nom"],
            each["departement"],
            departments[each["departement"]],
            each["region"],
            regions[each["region"]],
            siren,
            grouping,
            str(each.get("population", "")),
            _population_year(each, year),
            " ".join(each.get("anciensCodes", [])),
            " ".join(each.get("codesPostaux", [])),
            _former_names(each, names),
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return sorted(rows, key=lambda row: row["insee"])


def _population_year(commune: dict[str, Any], year: int) -> str:
    # The package does not say it: see LICENCE.md for how it was found. Overseas
    # collectivities are counted on dates of their own, which it does not say either.
    if "population" not in commune or commune["zone"] == "com":
        return ""
    if commune["departement"] == _MAYOTTE:
        return str(_MAYOTTE_YEAR)
    return str(year - _YEARS_OF_DELAY)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
