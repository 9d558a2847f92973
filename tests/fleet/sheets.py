"""Sheets for tests of the import: one row that is right, and how to spoil it."""

import csv
import io

from registry.fleet.rules.columns import BY_KEY
from registry.sheets import Sheet, Value, read

GOOD: dict[str, Value] = {
    "file_number": "23-COM-001",
    "programme": "Vidéoprotection des communes",
    "year": "2023",
    "beneficiary": "Commune de Bavinchove",
    "voted_cents": "21 600,00 €",
    "cameras_funded": "4",
    "insee": "59054",
    "site_kind": "Commune",
    "site": "Place de l'Église",
    "label": "01 Église",
}


def row(**values: Value) -> dict[str, Value]:
    """Return a row that is right but for what is given."""
    return {**GOOD, **values}


def as_csv(*rows: dict[str, Value], encoding: str = "utf-8", delimiter: str = ";") -> bytes:
    """Return rows as the bytes of a town hall's CSV, with the headers that they need."""
    keys = list(dict.fromkeys(key for each in rows for key in each))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([BY_KEY[key].header for key in keys])
    writer.writerows([each.get(key, "") for key in keys] for each in rows)
    return text.getvalue().encode(encoding)


def as_sheets(*rows: dict[str, Value]) -> list[Sheet]:
    """Return rows as they are once read."""
    return read(as_csv(*rows), "feuille.csv")
