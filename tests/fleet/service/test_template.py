"""The workbook to fill in: what we give is what we take."""

import io
import zipfile

from registry.fleet.rules import COLUMNS, Zones, parse
from registry.fleet.service import template
from registry.sheets import read


def content() -> bytes:
    """Return the template's bytes."""
    target = io.BytesIO()
    template(target)
    return target.getvalue()


def test_every_column_has_its_header_and_its_explanation() -> None:
    """Required ones with a star; the notice explains each, with the other names it has."""
    cameras, notice = read(content(), "cameras.xlsx")

    headers = [str(value).removesuffix(" *") for value in cameras.rows[0].values]
    assert headers == [column.header for column in COLUMNS]
    explained = {str(row.values[0]).removesuffix(" *"): row.values[1] for row in notice.rows}
    assert all(explained[column.header] for column in COLUMNS)


def test_the_template_sent_back_empty_has_no_rows_and_no_other_fault() -> None:
    """Its headers, stars included, are all recognised."""
    parsed = parse(read(content(), "cameras.xlsx"), zones=Zones.only())

    assert [problem.code for problem in parsed.problems] == ["sheet.no_rows"]


def test_columns_with_a_closed_set_offer_it() -> None:
    """A list to choose from on each, and none longer than a spreadsheet allows."""
    with zipfile.ZipFile(io.BytesIO(content())) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()

    assert sheet.count("<dataValidation ") == sum(bool(column.choices) for column in COLUMNS)
    assert "Commune,Gare,Lycée" in sheet
