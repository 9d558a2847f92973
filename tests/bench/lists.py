"""
Sheets of 10,000 rows for the bench of imports: one for each list that may be exported.

A list that hangs on another has that one imported before, unmeasured. `changed` sheets
say one cell of each row anew.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from registry.fleet.rules.tables import TABLES, Table
from registry.sheets import Page, Value, write_workbook
from registry.territory import data

ROWS = 10_000
SITES = 500
AT_EACH = ROWS // SITES
FIRST_DAY = date(2020, 1, 1)
TABLE: Mapping[str, Table] = MappingProxyType({table.key: table for table in TABLES})
# What must be there before, and how many rows of it.
NEEDS: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        "grants": (),
        "lines": (("grants", ROWS // 2),),
        "payments": (("grants", ROWS // 2),),
        "sites": (),
        "cameras": (("grants", SITES), ("sites", SITES)),
        "devices": (("grants", SITES), ("sites", SITES), ("cameras", ROWS)),
        "contracts": (("sites", SITES),),
        "authorisations": (("sites", SITES),),
    }
)
# The cell that another sheet says otherwise.
CHANGED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "grants": ("purpose", "Parvis et halle"),
        "lines": ("reference", "Convention 2"),
        "payments": ("reference", "Mandat 2"),
        "sites": ("address", "2 Grand'Place"),
        "cameras": ("expected_view", "Quai 2"),
        "devices": ("firmware", "7.1"),
        "contracts": ("contractor", "Nordmaint SAS"),
        "authorisations": ("holder", "Maire"),
    }
)


def workbook(key: str, count: int = ROWS, *, changed: bool = False) -> bytes:
    """Write a list of so many rows."""
    table = TABLE[key]
    name, value = CHANGED[key] if changed else ("", "")
    rows = (
        [{**row, name: value}.get(column.key) for column in table.columns]
        for row in _ROWS[key](count)
    )
    target = io.BytesIO()
    write_workbook(target, [Page(table.sheet, [each.header for each in table.columns], rows)])
    return target.getvalue()


def _places() -> list[tuple[str, str]]:
    return [
        (row["insee"], row["name"]) for row in data.communes() if row["department"] in {"59", "62"}
    ]


def _site(rank: int, places: list[tuple[str, str]]) -> str:
    turn, place = divmod(rank, len(places))
    return f"{places[place][0]}-{turn + 1:02d}"


def _grants(count: int) -> Iterator[dict[str, Value]]:
    places = _places()
    for rank in range(count):
        insee, name = places[rank % len(places)]
        yield {
            "file_number": f"24-{rank:05d}",
            "programme": "hdf-communes",
            "year": 2024,
            "beneficiary": f"Commune de {name}",
            "beneficiary_kind": "Commune",
            "beneficiary_insee": insee,
            "decision_number": f"2024.{rank:05d}",
            "decided_on": date(2024, 3, 5),
            "purpose": "Parvis",
            "project_cents": 250_000,
            "eligible_cents": 180_000,
            "rate": "30,00 %",
            "voted_cents": 54_000,
            "cameras_funded": 20,
        }


def _lines(count: int) -> Iterator[dict[str, Value]]:
    for rank in range(count):
        yield {
            "file_number": f"24-{rank // 2:05d}",
            "funder": ("DETR", "FIPD")[rank % 2],
            "state": "Accordé",
            "asked_cents": 20_000,
            "granted_cents": 10_000,
            "asked_on": date(2024, 1, 5),
            "decided_on": date(2024, 6, 1),
            "reference": f"DETR-{rank}",
        }


def _payments(count: int) -> Iterator[dict[str, Value]]:
    for rank in range(count):
        yield {
            "file_number": f"24-{rank // 2:05d}",
            "kind": ("Avance", "Acompte")[rank % 2],
            "rank": 1,
            "asked_on": date(2024, 5, 1),
            "asked_cents": 10_000,
            "certified_on": date(2024, 6, 1),
            "paid_on": date(2024, 7, 1),
            "paid_cents": 10_000,
            "reference": f"MD-{rank}-0",
        }


def _sites(count: int) -> Iterator[dict[str, Value]]:
    places = _places()
    for rank in range(count):
        turn, place = divmod(rank, len(places))
        yield {
            "public_id": _site(rank, places),
            "insee": places[place][0],
            "kind": "Commune",
            "name": f"Place {turn + 1}",
            "address": "1 Grand'Place",
            "gateway_host": f"10.{rank >> 8}.{rank & 255}.1",
            "power_hours": "lun-dim 18:00-07:00",
            "power_from_on": FIRST_DAY,
        }


def _cameras(count: int) -> Iterator[dict[str, Value]]:
    places = _places()
    for number in range(count):
        rank, index = divmod(number, AT_EACH)
        yield {
            "site": _site(rank, places),
            "label": f"CAM-{index:02d}",
            "file_number": f"24-{rank:05d}",
            "camera_class": "Voie publique",
            "mount": "Façade",
            "purpose": "Protection des bâtiments",
            "commissioned_on": date(2024, 9, 1),
            "host": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            "port": 80,
        }


def _devices(count: int) -> Iterator[dict[str, Value]]:
    places = _places()
    for number in range(count):
        rank, index = divmod(number, AT_EACH)
        yield {
            "site": _site(rank, places),
            "label": f"CAM-{index:02d}",
            "serial": f"NC{number:08d}",
            "manufacturer": "Nordcam",
            "model": "NC-300",
            "firmware": "7.0",
            "mounted_at": "01/09/2024 10:00",
        }


def _contracts(count: int) -> Iterator[dict[str, Value]]:
    places = _places()
    for number in range(count):
        turn, rank = divmod(number, SITES)
        begun = FIRST_DAY + timedelta(days=100 * turn)
        yield {
            "reference": f"M-{number:05d}",
            "contractor": "Nordmaint",
            "gti_hours": 4,
            "gtr_hours": 24,
            "target_availability": "98,50 %",
            "exclusions": "Vandalisme",
            "starts_on": begun,
            "ends_on": begun + timedelta(days=100),
            "sites": _site(rank, places),
        }


def _authorisations(count: int) -> Iterator[dict[str, Value]]:
    places = _places()
    for number in range(count):
        yield {
            "department_code": "59",
            "act_number": f"2024-{number:05d}",
            "decided_on": date(2024, 1, 5),
            "expires_on": date(2029, 1, 5),
            "public_road_cameras": 4,
            "retention_days": 30,
            "holder": "Le maire",
            "sites": _site(number % SITES, places),
        }


_ROWS = {
    "grants": _grants,
    "lines": _lines,
    "payments": _payments,
    "sites": _sites,
    "cameras": _cameras,
    "devices": _devices,
    "contracts": _contracts,
    "authorisations": _authorisations,
}
