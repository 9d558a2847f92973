"""Headers: recognised however they are written, found below titles, missed by name."""

from collections.abc import Sequence

import pytest

from registry.fleet.rules.columns import (
    COLUMNS,
    find_header,
    nearest,
    nearest_column,
    read_header,
    recognise,
)
from registry.sheets import Row, Sheet, Value

REQUIRED = [column.header for column in COLUMNS if column.required]


def sheet(*rows: Sequence[Value]) -> Sheet:
    """Return a sheet with these rows."""
    return Sheet("Feuille", [Row(number, row) for number, row in enumerate(rows, start=1)])


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_every_name_of_a_column_is_its_own(column: object) -> None:
    """Header and synonyms lead to the one column, in any case and with any mark."""
    assert isinstance(column, type(COLUMNS[0]))
    for name in (column.header, *column.also):
        assert recognise(name) is column
        assert recognise(f" {name.upper()} * ") is column
        assert recognise(f"{name} (€)") is column


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("N° DOSSIER", "file_number"),
        ("Date de la\ndélibération", "decided_on"),
        ("Montant voté (€ TTC)", "voted_cents"),
        ("Dépense subventionnable HT [€]", "eligible_cents"),
        ("caméras  financées*", "cameras_funded"),
        ("N° de serie", "serial"),
    ],
)
def test_headers_are_recognised_as_town_halls_write_them(typed: str, key: str) -> None:
    """Line breaks, units in brackets, stars and lost accents."""
    column = recognise(typed)

    assert column is not None
    assert column.key == key


def test_the_header_is_found_below_titles() -> None:
    """Merged titles, a date, a blank row: the header is the first row of known headers."""
    found = find_header(sheet(["SUBVENTIONS 2023"], [None], ["Commune", "le 3 mars"], REQUIRED))

    assert found is not None
    assert found.number == 4
    assert find_header(sheet(["a", "b"], ["Commune", "Site"])) is None


def test_a_right_header_has_no_problem() -> None:
    """Every column in its place, in whatever order."""
    line = sheet(list(reversed(REQUIRED)))

    header, problems = read_header(line, line.rows[0])

    assert problems == []
    assert header.places["label"] == 0
    assert header.places["file_number"] == len(REQUIRED) - 1


def test_an_unknown_column_names_the_nearest() -> None:
    """Nothing is passed over in silence: a column with a slip in it is data lost."""
    line = sheet([*REQUIRED, "Numéro de sérei"])

    _, (problem,) = read_header(line, line.rows[0])

    assert (problem.code, problem.value) == ("column.unknown", "Numéro de sérei")
    assert problem.where == f"Feuille!{line.rows[0].reference(len(REQUIRED))}"
    assert problem.parameters["nearest"] == "N° de série"


@pytest.mark.parametrize(
    ("typed", "header"),
    [("Subvention votee HT", "Montant voté"), ("Adresse I.P. caméra", "Adresse IP")],
)
def test_the_nearest_column_is_a_helpful_one(typed: str, header: str) -> None:
    """By likeness of the whole, else by a word in common."""
    assert nearest(typed) == header


def test_a_doubled_column_names_the_first() -> None:
    """Which of the two is meant, nobody can tell."""
    line = sheet([*REQUIRED, "Emplacement"])

    _, (problem,) = read_header(line, line.rows[0])

    assert problem.code == "column.twice"
    assert problem.parameters["first"] == line.rows[0].reference(REQUIRED.index("Site"))


def test_a_missing_column_is_named() -> None:
    """Each one that is required and absent."""
    line = sheet(REQUIRED[2:])

    _, problems = read_header(line, line.rows[0])

    assert [(each.code, each.parameters["column"]) for each in problems] == [
        ("column.missing", header) for header in REQUIRED[:2]
    ]


def test_a_filled_column_without_a_header_is_said() -> None:
    """A blank header over blank cells is nothing; over a value it is a value lost."""
    blank = sheet([*REQUIRED, None], [*REQUIRED, None])
    filled = sheet([*REQUIRED, None], [], [*REQUIRED, "x"])

    assert read_header(blank, blank.rows[0])[1] == []
    _, (problem,) = read_header(filled, filled.rows[0])
    assert problem.code == "column.unnamed"
    assert problem.parameters["cell"] == filled.rows[2].reference(len(REQUIRED))


@pytest.mark.parametrize(
    ("typed", "key"),
    [("Marqe", "manufacturer"), ("Numéro de la caméra", "label"), ("Météo", None), ("", None)],
)
def test_a_column_is_offered_only_for_a_header_that_comes_near(typed: str, key: str | None) -> None:
    """A slip of the pen, or a word in common; where nothing is near, nothing is offered."""
    column = nearest_column(typed)

    assert (column.key if column else None) == key
