"""
Writes the workbook of the demonstration region, the same at every run.

    python -m tests.data.demo_workbook

Communes, INSEE and UIC codes are real, and so are the station projects that
the press has published (the sources stand in config/programmes). File numbers,
amounts, makes, serials and addresses are invented. The mess is that of real
sheets: titles above headers, dates and amounts typed in several ways, a code no
longer in use, a lost leading zero, a serial that stands under two files.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from registry.fleet.rules.columns import BY_KEY
from registry.sheets import Page, Value, write_workbook
from tests.data.demo_places import COMMUNES, HUBS, PHASE_3, Place, Town

WORKBOOK = Path(__file__).parents[2] / "config" / "demo" / "hauts-de-france.xlsx"
PORT = 8899
NO_BREAK, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
MAKES = (
    ("Optilys", "OL", ("Lys 40", "Lys 40 PTZ", "Lys 180")),
    ("Nordcam", "NC", ("NC-300", "NC-360D", "NC-300 LAPI")),
    ("Beffroi Vision", "BV", ("Carillon 4", "Carillon 8 dôme")),
)
STREET = ("Place", "Mairie", "École", "Entrée de ville", "Parking", "Salle des fêtes", "Carrefour")
STATION = ("Parvis", "Hall", "Quai 1", "Quai 2", "Souterrain", "Parking", "Abri vélos")
INSIDE = {"Hall": "Intérieur", "Souterrain": "Intérieur", "Parvis": "Extérieur"}
PURPOSE = "Prévention des atteintes à la sécurité des personnes et des biens"

DECLARED_TWICE = "OL009-4000"
NOTHING_YET: dict[str, Value] = dict.fromkeys(
    ("manufacturer", "model", "serial", "commissioned_on", "host", "port"), ""
)

BODY = (
    "file_number", "programme", "year", "beneficiary", "beneficiary_kind", "siren",
    "decision_number", "decided_on", "eligible_cents", "voted_cents", "paid_cents",
    "cameras_funded", "insee", "commune", "site_kind", "site",
)  # fmt: skip
UNIT = (
    "label", "camera_class", "purpose", "manufacturer", "model", "serial", "commissioned_on",
    "host", "port",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A grant as the sheet repeats it on each of its rows; amounts in euros, as typed."""

    number: str
    programme: str
    year: int
    beneficiary: str
    kind: str
    siren: str
    decided_on: Value
    eligible: Value
    voted: Value
    paid: Value
    places: Sequence[tuple[Place, int]]
    commissioned_on: Value
    rows: dict[int, dict[str, Value]] = field(default_factory=dict)

    @property
    def cameras(self) -> int:
        """The number of funded positions."""
        return sum(count for _, count in self.places)


def typed(euros: float, group: str = NO_BREAK) -> str:
    """Write an amount as people type it: `21 600,00 €`, spaces that do not break."""
    whole, cents = divmod(round(euros * 100), 100)
    return f"{whole:,}".replace(",", group) + f",{cents:02d}{group}€"


def rows_of(file: File, rank: int) -> Iterator[dict[str, Value]]:
    """Give one row for each camera of a file; `rank` sets its make and its addresses."""
    make, prefix, models = MAKES[rank % len(MAKES)]
    number = 0
    for place, count in file.places:
        words = STREET if place.kind in {"Commune", "Lycée"} else STATION
        for index in range(count):
            word = words[index % len(words)]
            row: dict[str, Value] = {
                "file_number": file.number,
                "programme": file.programme,
                "year": file.year,
                "beneficiary": file.beneficiary,
                "beneficiary_kind": file.kind,
                "siren": file.siren,
                "decision_number": f"{file.year}.{1000 + 7 * rank:05d}",
                "decided_on": file.decided_on,
                "eligible_cents": file.eligible,
                "voted_cents": file.voted,
                "paid_cents": file.paid,
                "cameras_funded": file.cameras,
                "insee": place.insee,
                "commune": place.commune,
                "site_kind": place.kind,
                "site": place.name,
                "uic": place.uic,
                "uai": place.uai,
                "label": f"{index + 1:02d} {word}",
                "camera_class": INSIDE.get(word, "Voie publique"),
                "purpose": PURPOSE,
                "manufacturer": make,
                "model": models[index % len(models)],
                "serial": f"{prefix}{rank:03d}-{4000 + 17 * number}",
                "commissioned_on": file.commissioned_on,
                "host": f"127.{int(place.insee[:2])}.{rank + 1}.{number + 1}",
                "port": PORT,
            }
            yield row | file.rows.get(number, {})
            number += 1


def town_file(town: Town, rank: int, *, year: int, typing: str) -> File:
    """Return the grant of one commune under the rules of a year's campaign."""
    count = 3 + rank * 2 % 5
    eligible = count * (8_400 + rank * 370 % 2_300) + (rank % 4) * 0.25
    # Three tenths, and never a cent more than the rate allows.
    voted = round(eligible * 100) * 3 // 10 / 100
    if year == 2023:
        voted = min(voted, 30_000.0)
    paid = voted if rank % 3 else 0.0
    day = date(year, 11, 22) if rank % 2 else date(year, 9, 27)
    begun = date(year + 1, 3 + rank % 8, 1 + rank % 27)
    amounts: tuple[Value, Value, Value] = (eligible, voted, paid)
    days: tuple[Value, Value] = (day, begun)
    if typing == "text":
        amounts = (typed(eligible), typed(voted), typed(paid, THIN))
        days = (day.strftime("%d/%m/%Y"), begun.strftime("%d/%m/%Y"))
    place = Place(town.insee, town.name, "Commune", "Centre-bourg" if rank % 2 else "Centre-ville")
    return File(
        number=f"{year % 100}-COM-{rank:03d}",
        programme="Communes de moins de 20 000 habitants",
        year=year,
        beneficiary=f"Commune de {town.name}" if rank % 5 else town.name,
        kind="Commune",
        siren=town.siren,
        decided_on=days[0],
        eligible=amounts[0],
        voted=amounts[1],
        paid=amounts[2],
        places=[(place, count)],
        commissioned_on=days[1],
    )


def station_files() -> list[File]:
    """Return the files of the station programme: published facts, invented numbers."""
    later = date(2023, 5, 15)
    sncf = File("", "gares", 2022, "SNCF Gares & Connexions", "SNCF", "",
                date(2022, 3, 24), "", "", "", (), "")  # fmt: skip
    grouping = replace(sncf, programme="Gares et pôles d'échanges", kind="EPCI")
    maubeuge = replace(grouping, beneficiary="CA Maubeuge Val de Sambre", siren="200043396")
    return [
        replace(sncf, number="19-GAR-001", year=2019, decided_on="14/03/2019",
                voted=typed(62_500), paid=typed(62_500), places=[(HUBS["libercourt"], 15)],
                commissioned_on="02/03/2020"),
        replace(sncf, number="19-GAR-002", year=2019, decided_on="14 mars 2019",
                eligible=typed(170_000), voted=typed(85_000), paid=typed(85_000),
                places=[(HUBS["crepy"], 17)], commissioned_on="02/03/2020"),
        replace(grouping, number="22-GAR-001", beneficiary="Communauté urbaine d'Arras",
                siren="200033579", decided_on=date(2022, 5, 19), eligible=95_000, voted=47_500,
                paid=47_500, places=[(HUBS["arras"], 9)], commissioned_on=later),
        replace(grouping, number="22-GAR-002", beneficiary="CA Cœur de Flandre",
                siren="200040947", decided_on=date(2022, 5, 19), eligible="30249",
                voted="15124,50", paid="15124,50", places=[(HUBS["cassel"], 3)],
                commissioned_on=later),
        replace(maubeuge, number="22-GAR-003", eligible=66_000, voted=33_000, paid=9_900,
                places=[(HUBS["maubeuge"], 7)], commissioned_on=later),
        replace(maubeuge, number="22-GAR-004", eligible=84_600, voted=42_300, paid=42_300,
                places=[(HUBS["jeumont"], 9)], commissioned_on=later),
        replace(sncf, number="22-GAR-010", eligible=2_410_000, voted=1_205_000, paid=964_000,
                places=[(place, 15) for place in PHASE_3], commissioned_on=date(2024, 3, 28)),
        # Under study: funded, and nothing stands there yet.
        replace(sncf, number="22-GAR-011", decided_on=date(2022, 11, 22), eligible=72_000,
                voted=36_000, paid=0, places=[(HUBS["ham"], 4)],
                rows=dict.fromkeys(range(4), NOTHING_YET)),
    ]  # fmt: skip


def special_files(first: int) -> list[File]:
    """Return the files of 2024 that are not those of one commune and its centre."""
    several = [
        (Place("62080", "Bapaume", "Commune", "Zone d'activités"), 5),
        (Place("62259", "Croisilles", "Commune", "Aire de covoiturage"), 3),
    ]
    merville = Place("59400", "Merville", "LYCÉE", "Abords du lycée de la Lys", uai="0599901S")
    hirson = Place("02381", "Hirson", "lycée", "Abords du lycée de Thiérache", uai="0029901B")
    mormal = Place("59070", "Bermeries", "commune", "Centre-bourg")
    synthe = Place("59271", "Grande-Synthe", "Commune", "Quartier du Courghain")
    town = File("", "communes de moins de 20 000 habitants", 2024, "", "commune", "",
                date(2024, 11, 21), "", "", 0, (), date(2025, 6, 16))  # fmt: skip
    files = [
        replace(town, beneficiary="CC du Sud Artois", kind="Interco", siren="200035442",
                eligible="78 400,00", voted="23 520,00", paid="0", places=several),
        replace(town, beneficiary="Ville de Merville", siren="215904004", eligible=52_000,
                voted=15_600, places=[(merville, 5)]),
        replace(town, beneficiary="Commune d'Hirson", siren="210203618", eligible=41_200,
                voted=12_360, places=[(hirson, 4)], rows={3: {"commissioned_on": ""}}),
        replace(town, beneficiary="L'Orée de Mormal", eligible=27_500, voted=8_250,
                places=[(mormal, 3)]),
        replace(town, beneficiary="Ville de Grande-Synthe", siren="215902719", eligible=61_000,
                voted=18_300, places=[(synthe, 6)]),
    ]  # fmt: skip
    return [
        replace(file, number=f"24-COM-{rank:03d}") for rank, file in enumerate(files, start=first)
    ]


def town_files() -> dict[int, list[File]]:
    """Return the communes' files by campaign: none is aided in 2022 and again in 2023."""
    files: dict[int, list[File]] = {2022: [], 2023: [], 2024: []}
    for rank, town in enumerate(COMMUNES, start=1):
        year = 2022 + rank % 3
        typing = "text" if year == 2022 else "cells"
        files[year].append(town_file(town, rank, year=year, typing=typing))
    # The unit that stands under two files: sold once, declared twice.
    files[2022][0].rows[0] = {"serial": DECLARED_TWICE}
    files[2023][0].rows[1] = {"serial": DECLARED_TWICE}
    # A funded position where nothing has been mounted yet.
    files[2024][1].rows[2] = NOTHING_YET
    files[2024] += special_files(len(COMMUNES) + 1)
    return files


def pages() -> Iterator[Page]:
    """Give the sheets of the workbook, one campaign a sheet, each typed by another hand."""
    towns = town_files()
    ranks = iter(range(1, 200))
    made_up = "Démonstration : dossiers, montants et matériels inventés ; communes et gares réelles"
    canonical = {key: BY_KEY[key].header for key in (*BODY, "uic", *UNIT)}
    yield sheet("Gares", ("Vidéoprotection des gares et pôles d'échanges", made_up),
                canonical, station_files(), ranks)  # fmt: skip
    yield sheet(
        "Communes 2022",
        ("SUBVENTIONS 2022 - COMMUNES", made_up, ""),
        {key: BY_KEY[key].header for key in (*BODY, *UNIT)}
        | {
            "file_number": "N° de dossier",
            "eligible_cents": "Assiette (HT)",
            "cameras_funded": "Nb caméras",
            "decided_on": "Date de la délibération",
        },
        towns[2022],
        ranks,
    )
    yield sheet("Communes 2023", (made_up,), {key: BY_KEY[key].header for key in (*BODY, *UNIT)},
                towns[2023], ranks)  # fmt: skip
    yield sheet(
        "Communes 2024",
        (f"Campagne{NO_BREAK}2024", made_up),
        {key: BY_KEY[key].header.upper() for key in (*BODY, "uai", *UNIT)},
        towns[2024],
        ranks,
        total=True,
    )
    yield Page("Lisez-moi", (made_up,), [("Une ligne par caméra financée.",)], widths=(90,))


def sheet(  # noqa: PLR0913 - what makes one hand's sheet
    name: str,
    titles: tuple[str, ...],
    headers: dict[str, str],
    files: list[File],
    ranks: Iterator[int],
    *,
    total: bool = False,
) -> Page:
    """Lay out one campaign: a blank row between two files, as people leave it."""
    rows: list[list[Value]] = []
    count = 0
    for file in files:
        for row in rows_of(file, next(ranks)):
            rows.append([as_typed(key, row[key], row) for key in headers])
            count += 1
        rows.append([])
    if total:
        rows.append(["TOTAL", *[""] * 10, count])
    widths = [max(14, len(header) + 2) for header in headers.values()]
    return Page(name, tuple(headers.values()), rows, titles=titles, widths=widths)


def as_typed(key: str, value: Value, row: dict[str, Value]) -> Value:
    """Bring a value to what its author's spreadsheet made of it."""
    if key == "insee" and value == "02361":
        return 2361  # typed as a number: the zero is gone
    if key == "camera_class" and row["year"] == 2024:
        return str(value).upper()
    return value


def main() -> int:
    """Write the workbook to its place in config/."""
    WORKBOOK.parent.mkdir(parents=True, exist_ok=True)
    with WORKBOOK.open("wb") as target:
        write_workbook(target, pages())
    sys.stdout.write(f"{WORKBOOK}: {WORKBOOK.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
