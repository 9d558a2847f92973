"""Reference data on French territory, shipped with its licence (LICENCE.md)."""

import csv
import lzma
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

COLUMNS = (
    "insee",
    "name",
    "department",
    "department_name",
    "region",
    "region_name",
    "epci",
    "epci_name",
    "population",
    "population_year",
    "former_codes",
    "postal_codes",
    "former_names",
)


@dataclass(frozen=True, slots=True)
class Edition:
    """
    What the shipped file holds, so that a database can tell whether it has it.

    `population` is the sum over all communes: it changes with every edition.
    """

    name: str
    communes: int
    former_codes: int
    population: int


def edition() -> Edition:
    """Return the edition of the official geographic code that is shipped."""
    text = resources.files(__name__).joinpath("edition.toml").read_text(encoding="utf-8")
    return Edition(**tomllib.loads(text))


def communes() -> Iterator[dict[str, str]]:
    """Give every commune of the shipped file, as texts by column name."""
    packed = resources.files(__name__).joinpath("communes.csv.xz").read_bytes()
    yield from csv.DictReader(lzma.decompress(packed).decode().splitlines())
