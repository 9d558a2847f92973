"""
Rebuilds communes.csv.xz and edition.toml from the npm package of Etalab.

    npm pack @etalab/decoupage-administratif@6.0.0
    python -m registry.territory.data etalab-decoupage-administratif-6.0.0.tgz

The same package gives the same bytes. Communes of today only; delegated and
associated communes appear as the former codes of the commune that took over.
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

FOLDER = Path(__file__).parent
_MAYOTTE, _MAYOTTE_YEAR = "976", 2017
_YEARS_OF_DELAY = 3
_FIRST_EDITION = 2020


def main(arguments: list[str]) -> int:
    """Write both files beside this one and say what they hold."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m registry.territory.data PACKAGE.tgz\n")
        return 2
    packed, edition = build(Path(arguments[0]))
    (FOLDER / "communes.csv.xz").write_bytes(packed)
    (FOLDER / "edition.toml").write_text(describe(edition), encoding="utf-8")
    sys.stdout.write(f"{edition.name}: {edition.communes} communes, {len(packed)} bytes\n")
    return 0


def build(package: Path) -> tuple[bytes, Edition]:
    """Turn the package into the compressed CSV, and say what it holds."""
    with tarfile.open(package) as archive:
        tables = {
            name: _read(archive, f"data/{name}.json")
            for name in ("communes", "departements", "regions", "epci")
        }
        version = _read(archive, "package.json")["version"]
    year = _FIRST_EDITION + int(version.split(".")[0])
    rows = _rows(tables, year)
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


def _rows(tables: dict[str, Any], year: int) -> list[dict[str, str]]:
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
