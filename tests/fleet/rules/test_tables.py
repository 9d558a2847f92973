"""The tables of the fleet say of each field what it is called, in one way."""

import pytest

from registry.fleet.models import Authorisation, Camera, Device, MaintenanceContract, Site
from registry.fleet.rules.tables import (
    AUTHORISATIONS,
    CAMERAS,
    CONTRACTS,
    DEVICES,
    SITES,
    TABLES,
    Table,
)
from registry.fleet.rules.wording import expectation
from registry.territory.rules import normalise

# Fields that stand elsewhere than on the row: the identifiers of other things.
ELSEWHERE = {
    "site",
    "label",
    "file_number",
    "sites",
    "power_from_on",
    "replacement_reason",
    "paper",
}


@pytest.mark.parametrize(
    ("table", "model"),
    [
        (SITES, Site),
        (CAMERAS, Camera),
        (DEVICES, Device),
        (CONTRACTS, MaintenanceContract),
        (AUTHORISATIONS, Authorisation),
    ],
    ids=lambda each: getattr(each, "key", ""),
)
def test_each_field_is_a_column_of_its_model(table: Table, model: type) -> None:
    """What a value is called by a program is what it is called in the register."""
    assert [
        column.key
        for column in table.columns
        if column.key not in ELSEWHERE and not hasattr(model, column.key)
    ] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_no_header_means_two_fields_of_one_table(table: Table) -> None:
    """A sheet's header leads to one column, whichever of its names is used."""
    names = [
        name
        for column in table.columns
        for name in {normalise(each) for each in (column.header, *column.also)}
    ]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_rows_are_found_by_fields_of_the_table(table: Table) -> None:
    """An identity names columns, and each column can say what it expects."""
    assert set(table.identity) <= set(table.by_key)
    assert all(expectation(column) for column in table.columns)
    assert table.column(table.identity[0]).key == table.identity[0]
