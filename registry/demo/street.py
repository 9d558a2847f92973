"""Writes an import sheet of simulated cameras, so that a service can be set upon them."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from probes.simulator import Device
from registry.demo.region import write_bytes_privately
from registry.fleet.rules import COLUMNS
from registry.sheets import Page, Value, write_text, write_workbook
from registry.territory import data

CAMERAS_A_SITE = 20
_GRANT_YEAR = 2024
_COMMISSIONED_ON = date(2026, 1, 1)
_VOTED_EUROS = 54_000
# Hauts-de-France, the Nord first: 3,700 communes hold 75,000 cameras.
_DEPARTMENTS = ("59", "62", "80", "60", "02")


def write_sheet(path: Path, devices: Sequence[Device]) -> None:
    """
    Write the cameras as a sheet that `vigiparc import` takes: XLSX, or CSV by its name.

    One grant and one site for every twenty cameras, in real communes of the
    Nord, then of its neighbours. The
    file holds the devices' password: only its owner may read it.

    Raises:
        ValueError: There are more sites to be made than communes to put them in.
        OSError: The file cannot be written.
    """
    page = Page("Caméras", [column.header for column in COLUMNS], _rows(devices))
    if path.suffix.lower() == ".csv":
        write_bytes_privately(path, write_text(page).encode())
        return
    content = io.BytesIO()
    write_workbook(content, [page])
    write_bytes_privately(path, content.getvalue())


def _rows(devices: Sequence[Device]) -> Iterator[list[Value]]:
    order = {department: place for place, department in enumerate(_DEPARTMENTS)}
    communes = [row for row in data.communes() if row["department"] in order]
    communes.sort(key=lambda row: order[row["department"]])
    if len(devices) > len(communes) * CAMERAS_A_SITE:
        most = len(communes) * CAMERAS_A_SITE
        raise ValueError(f"a sheet holds {most} simulated cameras at most, not {len(devices)}")
    for number, device in enumerate(devices):
        rank, index = divmod(number, CAMERAS_A_SITE)
        commune = communes[rank]
        at_site = min(CAMERAS_A_SITE, len(devices) - rank * CAMERAS_A_SITE)
        values: dict[str, Value] = {
            "file_number": f"SIM-{rank + 1:05d}",
            "programme": "hdf-communes",
            "year": _GRANT_YEAR,
            "beneficiary": f"Commune de {commune['name']}",
            "beneficiary_kind": "Commune",
            "voted_cents": _VOTED_EUROS,
            "cameras_funded": at_site,
            "insee": commune["insee"],
            "commune": commune["name"],
            "site_kind": "Commune",
            "site": "Caméras simulées",
            "label": f"CAM-{index + 1:02d}",
            "manufacturer": device.manufacturer,
            "model": device.model,
            "serial": device.serial,
            "mac": device.mac,
            "commissioned_on": _COMMISSIONED_ON,
            "host": device.host,
            "port": device.port,
        }
        if device.password:
            values |= {"username": device.username, "password": device.password}
        yield [values.get(column.key) for column in COLUMNS]
