"""Sheets that list one kind of thing: recognised, read, and refused cell by cell."""

import pytest

from registry.fleet.rules.cells import CellReader
from registry.fleet.rules.listed import Listing, read_listing, table_of
from registry.fleet.rules.reach import Zones
from registry.fleet.rules.tables import CONTRACTS, SITES
from registry.sheets import Row, Sheet, Value, read


def sheet(name: str, *rows: list[Value]) -> Sheet:
    """Return a sheet of these rows."""
    return Sheet(name, [Row(number, row) for number, row in enumerate(rows, start=1)])


@pytest.mark.parametrize(
    ("name", "headers", "kind", "found"),
    [
        ("Sites", ["Identifiant", "Site"], "", "sites"),
        ("sites", ["Code INSEE", "Type de site", "Site", "Caméra"], "", None),
        ("Feuil1", ["Identifiant", "Site"], "", None),
        ("Feuil1", ["x"], "contracts", "contracts"),
    ],
)
def test_a_sheet_is_known_by_its_name_and_identity(
    name: str, headers: list[Value], kind: str, found: str | None
) -> None:
    """A town hall's own sheet of that name is not one; whoever names the kind decides."""
    table = table_of(sheet(name, headers), kind)

    assert (table.key if table else None) == found


def test_cells_are_read_by_their_columns_and_blanks_are_left_out() -> None:
    """Values, remarks and errors, each at its cell; a row of totals is passed over."""
    listing = Listing()

    read_listing(
        sheet(
            "Contrats",
            ["Contrats de maintenance"],
            ["Référence", "GTI", "Taux de disponibilité", "Début"],
            ["M-1", "", "98,5 %", 45000.0],
            ["M-2", "vite", "200 %", ""],
            ["Total", "", "", ""],
        ),
        CONTRACTS,
        CellReader(Zones.only()),
        listing,
    )

    first, _ = listing.rows
    assert sorted(first.values) == ["reference", "starts_on", "target_availability"]
    assert [each.where for each in listing.problems] == ["Contrats!B4", "Contrats!C4"]
    assert [each.code for each in listing.notes] == ["date.number", "row.totals"]
    assert (first.cell("starts_on"), first.cell("sites")) == ("Contrats!D3", "Contrats!A3")


def test_a_sheet_without_headers_is_a_problem() -> None:
    """Named with its first filled row."""
    listing = Listing()

    read_listing(sheet("S", [], ["a", "b"]), SITES, CellReader(Zones.only()), listing)

    assert [(each.code, each.where) for each in listing.problems] == [("sheet.no_header", "S!A2")]


@pytest.mark.parametrize(
    ("kind", "lines", "rows", "totals"),
    [
        ("sites", ["Code INSEE;Type de site;Site", "02724;Commune;Sommeron"], 1, 0),
        ("lines", ["N° dossier;Cofinanceur;Nom du cofinanceur", "24-1;Département;Somme"], 1, 0),
        ("contracts", ["Référence;Titulaire", "M-1;Total Énergies"], 1, 0),
        ("grants", ["N° dossier;Montant voté", "TOTAL;54 000"], 0, 1),
        ("payments", ["N° dossier;Nature;Montant versé", "24-1;Avance;1", ";Sous-total;1"], 1, 1),
    ],
)
def test_a_row_that_names_its_thing_adds_nothing_up(
    kind: str, lines: list[str], rows: int, totals: int
) -> None:
    """The Somme is a department and Sommeron a commune; a line of totals names nothing."""
    (page,) = read("\n".join(lines).encode(), f"{kind}.csv")
    listing = Listing()
    table = table_of(page, kind)
    assert table is not None

    read_listing(page, table, CellReader(Zones.only()), listing)

    assert (len(listing.rows), [each.code for each in listing.notes]) == (
        rows, ["row.totals"] * totals,
    )  # fmt: skip
    assert listing.problems == []
