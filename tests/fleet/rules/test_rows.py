"""Rows of a workbook: read as a whole, with every problem that they have."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from registry.fleet.rules import Parsed, Zones, parse
from registry.fleet.rules.columns import BY_KEY
from registry.sheets import Row, Sheet, Value
from tests.fleet.sheets import GOOD, as_sheets, row

ZONES = Zones.only(ip_network("10.0.0.0/8"))
HEADERS = [BY_KEY[key].header for key in GOOD]


def parsed(*sheets: Sheet) -> Parsed:
    """Parse sheets under the usual networks."""
    return parse(sheets, zones=ZONES)


def numbered(name: str, *rows: Sequence[Value]) -> Sheet:
    """Return a sheet of plain rows."""
    return Sheet(name, [Row(number, values) for number, values in enumerate(rows, start=1)])


def test_a_right_row_is_what_it_declares() -> None:
    """Amounts in cents, codes as the register keeps them, blanks as nothing said."""
    found = parsed(*as_sheets(row(host="10.0.0.1", commissioned_on="01/02/2024", serial="")))

    (one,) = found.rows
    assert (found.problems, found.notes) == ([], [])
    assert (one.voted_cents, one.cameras_funded, one.year) == (2_160_000, 4, 2023)
    assert (one.host, one.serial, one.retired_on) == ("10.0.0.1", None, None)
    assert one.unread == frozenset()


def test_a_row_knows_its_cells() -> None:
    """Sheet, letter and number, for whoever has to correct it."""
    (one, two) = parsed(*as_sheets(row(), row(label="02"))).rows

    assert one.cell("file_number") == "feuille!A2"
    assert two.cell("label") == "feuille!J3"


def test_every_problem_of_every_row_is_found_at_once() -> None:
    """Two wrong cells in one row, one in the next: three problems, each in its cell."""
    found = parsed(
        *as_sheets(
            row(voted_cents="-1", insee="abc"),
            row(label="02", year="23"),
        )
    )

    assert [(each.code, each.where, each.value) for each in found.problems] == [
        ("money.negative", "feuille!E2", "-1"),
        ("insee", "feuille!G2", "abc"),
        ("year", "feuille!C3", "23"),
    ]


def test_a_row_with_a_wrong_cell_is_still_there_for_other_checks() -> None:
    """What could not be read is named, the rest can be compared."""
    (one,) = parsed(*as_sheets(row(voted_cents="?"))).rows

    assert one.unread == {"voted_cents"}
    assert one.insee == "59054"


def test_a_required_blank_is_a_problem() -> None:
    """It names its column, because there is no value to show."""
    (problem,) = parsed(*as_sheets(row(label=" "))).problems

    assert (problem.code, problem.where) == ("cell.required", "feuille!J2")
    assert problem.parameters == {"column": "Caméra"}


def test_titles_blank_rows_and_short_rows_are_passed_over() -> None:
    """A title above, an empty row between, a row that ends early."""
    values = list(GOOD.values())
    sheet = numbered("F", ["SUBVENTIONS"], [], HEADERS, values, [], [*values[:-1], "02"])

    found = parsed(sheet)

    assert [one.number for one in found.rows] == [4, 6]
    assert found.problems == []


def test_a_row_of_totals_is_said_and_not_imported() -> None:
    """It names no camera; one that does is a camera called Total."""
    sheet = numbered("F", HEADERS, list(GOOD.values()), ["TOTAL", "", "", "", "21 600"])

    found = parsed(sheet)

    assert [(each.code, each.where) for each in found.notes] == [("row.totals", "F!A3")]
    assert len(found.rows) == 1
    assert len(parsed(*as_sheets(row(label="Total sud"))).rows) == 1


def test_every_sheet_with_a_header_is_read() -> None:
    """One a campaign; the notice is passed over, other sheets are mentioned."""
    values = list(GOOD.values())
    found = parsed(
        numbered("2022", HEADERS, values),
        numbered("2023", HEADERS, values),
        numbered("Notice", ["Colonne", "Explication"]),
        numbered("Brouillon", ["à faire"]),
        numbered("Vide"),
    )

    assert [one.sheet for one in found.rows] == ["2022", "2023"]
    assert [(each.code, each.where) for each in found.notes] == [
        ("sheet.no_header", "Brouillon!A1")
    ]
    assert found.problems == []


def test_a_workbook_without_any_header_is_a_problem() -> None:
    """A letter pasted into a sheet is no import."""
    found = parsed(numbered("Lettre", ["Madame,"], ["veuillez"]))

    assert [each.code for each in found.problems] == ["sheet.no_header"]


def test_a_header_without_rows_is_a_problem() -> None:
    """The template sent back empty."""
    assert [each.code for each in parsed(numbered("F", HEADERS)).problems] == ["sheet.no_rows"]


def test_a_retirement_before_the_commissioning_is_a_problem() -> None:
    """A camera cannot leave before it came."""
    wrong = row(commissioned_on="02/02/2024", retired_on="01/02/2024")

    (problem,) = parsed(*as_sheets(wrong)).problems

    assert (problem.code, problem.value) == ("date.order", "01/02/2024")
    assert problem.parameters["first"] == "02/02/2024"


def test_a_password_needs_its_account() -> None:
    """And is never quoted."""
    (problem,) = parsed(*as_sheets(row(username="", password="Hirondelle-59"))).problems

    assert problem.code == "username.required"
    assert "Hirondelle-59" not in repr(problem)


def test_a_password_is_not_in_the_repr_of_a_row() -> None:
    """Rows travel through tracebacks."""
    (one,) = parsed(*as_sheets(row(username="onvif", password="Hirondelle-59"))).rows

    assert one.password == "Hirondelle-59"
    assert "Hirondelle-59" not in repr(one)


@pytest.mark.parametrize("site", ["PLACE DE L'EGLISE", "place de l’église", "Place-de-l Église"])
def test_a_site_is_known_by_commune_kind_and_name(site: str) -> None:
    """However its name is spelt."""
    (one, two) = parsed(*as_sheets(row(), row(site=site, label="02"))).rows

    assert one.site_key == two.site_key == ("59054", "commune", "place de l eglise")
