"""Sheets as town halls send them: read by content, measured first, written safely."""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import sheets
from registry.errors import Invalid
from registry.sheets import (
    LARGEST_BYTES,
    Page,
    Row,
    column_letters,
    neutral,
    read,
    write_text,
    write_workbook,
)

HEADERS = ("Commune", "Montant voté", "Date")
ROWS = (("Bavinchove", "21 600,00 €", "23/11/2022"), ("Étaples", "1 234,50", "01/02/2023"))
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ODS_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
ODS_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="Feuille1">
<table:table-row>
<table:table-cell office:value-type="string"><text:p>Commune</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2022-11-23"/>
<table:table-cell office:value-type="float" office:value="12.5"/>
</table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def as_csv(delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """Return the sample rows as a town hall's CSV."""
    lines = [delimiter.join(HEADERS), *(delimiter.join(row) for row in ROWS)]
    return "\r\n".join(lines).encode(encoding)


def as_xlsx(*pages: Page) -> bytes:
    """Return pages as the bytes of a workbook."""
    target = io.BytesIO()
    write_workbook(target, pages)
    return target.getvalue()


def zipped(members: Mapping[str, str]) -> bytes:
    """Return an archive of members by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def as_ods(content: str = ODS_CONTENT) -> bytes:
    """Return the least that an open document consists of."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": ODS_MANIFEST,
            # The reader expects none of the white space that people lay XML out with.
            "content.xml": content.replace("\n", ""),
        }
    )


def codes(content: bytes, name: str) -> list[str]:
    """Return the codes of what a file is refused for."""
    with pytest.raises(Invalid) as refused:
        read(content, name)
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_text_is_read_in_every_encoding_of_an_office(encoding: str, delimiter: str) -> None:
    """Excel writes cp1252 or UTF-8 with a mark, LibreOffice UTF-8 without."""
    (sheet,) = read(as_csv(delimiter, encoding), "communes.csv")

    assert sheet.name == "communes"
    assert [tuple(row.values) for row in sheet.rows] == [HEADERS, *ROWS]


def test_decimal_commas_are_not_taken_for_delimiters() -> None:
    """Two amounts on a line have more commas than the line has semicolons."""
    (sheet,) = read(b"a;b\n1,5,3;2,5,4\n", "x.csv")

    assert sheet.rows[1].values == ["1,5,3", "2,5,4"]


def test_commas_separate_where_nothing_else_does() -> None:
    """An export from another country is read as well."""
    (sheet,) = read(b'name,amount\n"Arras","1,5"\n', "x.csv")

    assert sheet.rows[1].values == ["Arras", "1,5"]


def test_the_line_that_declares_a_delimiter_is_obeyed() -> None:
    """Excel understands `sep=`; rows keep the numbers that it shows."""
    (sheet,) = read(b"sep=,\na,b;c\n", "x.csv")

    assert sheet.rows[0].is_blank
    assert (sheet.rows[1].number, sheet.rows[1].values) == (2, ["a", "b;c"])


def test_a_workbook_keeps_its_rows_and_types() -> None:
    """Numbers, dates and texts come back as they were, each in its own cell."""
    page = Page("Été", HEADERS, [("Arras", 21600.5, date(2022, 11, 23))], titles=("Titre",))

    (sheet,) = read(as_xlsx(page), "x.xlsx")

    assert sheet.name == "Été"
    assert sheet.rows[0].values[0] == "Titre"
    assert sheet.rows[2].values == ["Arras", 21600.5, date(2022, 11, 23)]
    assert sheet.rows[2].reference(1) == "B3"


def test_an_open_document_is_read() -> None:
    """LibreOffice's own format, dates and numbers included."""
    (sheet,) = read(as_ods(), "x.ods")

    assert sheet.rows[0].values == ["Commune", date(2022, 11, 23), 12.5]


def test_the_letters_of_a_column_go_past_z() -> None:
    """After Z comes AA, after AZ comes BA, after ZZ comes AAA."""
    assert [column_letters(column) for column in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


@given(st.integers(min_value=0, max_value=16_383))
def test_the_letters_of_a_column_lead_back_to_it(column: int) -> None:
    """Counted in base 26 without a zero, over the whole width of a sheet."""
    number = 0
    for letter in column_letters(column):
        number = number * 26 + ord(letter) - ord("A") + 1

    assert number == column + 1


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_as_text_is_read_back(rows: list[list[str]]) -> None:
    """Quotes, delimiters and line breaks inside a cell survive; formulas are disarmed."""
    text = write_text(Page("P", HEADERS, rows))

    (sheet,) = read(text.encode(), "x.csv")

    assert [list(row.values) for row in sheet.rows[1:]] == [
        [neutral(value) for value in row] for row in rows
    ]


def test_a_row_of_spaces_is_blank() -> None:
    """Non-breaking ones included: nobody sees them."""
    assert Row(1, ["", None, " \N{NO-BREAK SPACE}"]).is_blank
    assert not Row(1, ["", 0.0]).is_blank


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"%PDF-1.7", "x.pdf", "sheet.type"),
        (b"a;b", "noextension", "sheet.type"),
        (b"", "x.csv", "sheet.empty"),
        (b" \r\n\r\n", "x.csv", "sheet.empty"),
        (b";;\n;;\n", "x.csv", "sheet.empty"),
        (b"%PDF-1.7 and more", "x.csv", "sheet.content"),
        (b"\xd0\xcf\x11\xe0 old Excel", "x.xlsx", "sheet.content"),
        (as_csv(), "x.xlsx", "sheet.content"),
        (b"a\0b;c", "x.csv", "sheet.content"),
        (b"\x81;caf\xe9\n1;2\n", "x.csv", "sheet.encoding"),
        (zipped({"word/document.xml": "<w/>"}), "x.xlsx", "sheet.content"),
        (zipped({"xl/workbook.xml": "<nonsense"}), "x.xlsx", "sheet.damaged"),
        (b'a;b\n"' + b"x" * 200_000 + b"\n", "x.csv", "sheet.damaged"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else value,
)
def test_a_bad_file_is_refused_for_what_it_is(content: bytes, name: str, code: str) -> None:
    """Its name, its emptiness, its content or its damage: one clear reason."""
    assert codes(content, name) == [code]


def test_a_workbook_of_one_empty_sheet_is_empty() -> None:
    """Nothing to import is said, not passed over."""
    assert codes(as_xlsx(Page("Vide", ())), "x.xlsx") == ["sheet.empty"]


def test_a_truncated_workbook_is_damaged() -> None:
    """Half an upload is no archive any more."""
    content = as_xlsx(Page("P", HEADERS, ROWS))
    assert codes(content[:-30], "x.xlsx") in (["sheet.damaged"], ["sheet.content"])


def test_an_altered_member_is_damaged() -> None:
    """A member that does not match its own sum is not unpacked any further."""
    content = bytearray(as_xlsx(Page("P", HEADERS, [("A" * 50, index) for index in range(500)])))
    place = content.find(b"sheet1.xml") + 200
    content[place : place + 8] = b"\xff" * 8

    assert codes(bytes(content), "x.xlsx") == ["sheet.damaged"]


@pytest.mark.parametrize(("field", "value"), [(8, 1), (10, 99)], ids=["encrypted", "compressed"])
def test_a_member_that_cannot_be_unpacked_is_damaged(field: int, value: int) -> None:
    """A password, or a compression that nobody knows: told in words, not by an error page."""
    content = bytearray(as_xlsx(Page("P", HEADERS, ROWS)))
    for head in re.finditer(rb"PK(\x01\x02|\x03\x04)", bytes(content)):
        content[head.start() + (field if head[1] == b"\x01\x02" else field - 2)] = value
    assert codes(bytes(content), "x.xlsx") == ["sheet.damaged"]


def test_a_file_is_refused_by_its_size_before_it_is_looked_at() -> None:
    """One byte more than the most that is read, whatever it holds."""
    assert codes(bytes(LARGEST_BYTES + 1), "x.xlsx") == ["sheet.large"]


def test_a_zip_bomb_is_measured_before_it_is_unpacked() -> None:
    """A quarter of a megabyte that unpacks to a quarter of a gigabyte is refused at sight."""
    target = io.BytesIO(as_xlsx(Page("P", HEADERS, ROWS)))
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/media/big.bin", "w") as member,
    ):
        for _ in range(257):
            member.write(bytes(1 << 20))

    assert len(target.getvalue()) < 2_000_000
    assert codes(target.getvalue(), "x.xlsx") == ["sheet.too_large"]


def altered(content: bytes, rows: bytes) -> bytes:
    """Return a workbook with rows of raw XML at the end of its sheet."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            member = source.read(name)
            if name.startswith("xl/worksheets/"):
                member = member.replace(b"</sheetData>", rows + b"</sheetData>")
            archive.writestr(name, member)
    return target.getvalue()


def test_two_far_cells_do_not_allocate_what_lies_between() -> None:
    """A cell at XFD1048576 would make a dense reader ask for 17 billion cells."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    assert codes(altered(as_xlsx(Page("P", HEADERS, ROWS)), far), "x.xlsx") == ["sheet.too_large"]


def test_a_formula_that_failed_is_not_taken_for_a_blank() -> None:
    """What the spreadsheet shows stands in the cell: it must be refused, not passed over."""
    failed = (
        b'<row r="4"><c r="A4"><v>7</v></c>'
        b'<c r="B4" s="1" t="e"><f>A4/0</f><v>#DIV/0!</v></c></row>'
    )
    content = altered(as_xlsx(Page("P", HEADERS, ROWS)), failed)

    (sheet,) = read(content, "x.xlsx")

    assert list(sheet.rows[3].values[:2]) == [7.0, "#DIV/0!"]


def test_an_open_document_that_repeats_a_value_a_billion_times_is_too_large() -> None:
    """One cell says how often it stands there: 16,384 columns, 60,000 rows."""
    content = ODS_CONTENT.replace(
        "<table:table-row>", '<table:table-row table:number-rows-repeated="60000">'
    ).replace('office:value="12.5"', 'office:value="12.5" table:number-columns-repeated="16384"')

    assert codes(as_ods(content), "x.ods") == ["sheet.too_large"]


def test_the_blank_rest_of_an_open_document_takes_no_room() -> None:
    """LibreOffice declares the whole blank sheet behind the last row."""
    blank = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )

    (sheet,) = read(
        as_ods(ODS_CONTENT.replace("</table:table>", f"{blank}</table:table>")), "x.ods"
    )

    assert len(sheet.rows) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_starts_a_formula(start: str) -> None:
    """What a stranger typed does not run in the spreadsheet of whoever opens the export."""
    text = f"{start}HYPERLINK(1)"

    assert neutral(text) == f"'{text}"
    assert f"'{text}" in write_text(Page("P", ("a",), [(text,)]))
    (sheet,) = read(as_xlsx(Page("P", ("a",), [(f"{start}1+1",)])), "x.xlsx")
    assert str(sheet.rows[1].values[0]).startswith("'")


def test_numbers_stay_numbers() -> None:
    """A negative amount is no formula."""
    assert neutral(-3.5) == -3.5
    assert neutral("Arras") == "Arras"


def test_a_written_text_opens_in_a_french_spreadsheet() -> None:
    """Mark, semicolons and Windows line ends; reading it back gives the same."""
    text = write_text(Page("P", HEADERS, ROWS))

    (sheet,) = read(text.encode(), "x.csv")

    assert text.startswith("\ufeffCommune;Montant voté;Date\r\n")
    assert [tuple(row.values) for row in sheet.rows] == [HEADERS, *ROWS]


def test_a_page_offers_its_lists_and_keeps_its_headers_in_sight() -> None:
    """Drop-down lists warn instead of forbidding; the header row is frozen."""
    page = Page("P", ("Type",), choices={"Type": ("Gare", "Lycée")}, notes={"Type": "Choisir"})

    with zipfile.ZipFile(io.BytesIO(as_xlsx(page))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        comments = archive.read("xl/comments1.xml").decode()

    assert '"Gare,Lycée"' in sheet
    assert 'errorStyle="warning"' in sheet
    assert 'state="frozen"' in sheet
    assert "Choisir" in comments


def test_a_workbook_is_the_same_at_every_writing() -> None:
    """No clock is written into it: a shipped file changes only with its content."""
    assert as_xlsx(Page("P", HEADERS, ROWS)) == as_xlsx(Page("P", HEADERS, ROWS))


@given(st.text(alphabet="'=+-@ab", max_size=6))
def test_what_was_neutralised_is_restored(text: str) -> None:
    """Whatever apostrophes a text had of its own; and nothing that leaves starts a formula."""
    told = sheets.neutral(text)

    assert sheets.restored(str(told)) == text
    assert not str(told).startswith(("=", "+", "-", "@"))


def with_member(content: bytes, name: str, member: bytes) -> bytes:
    """Return a workbook with one more member, or one that takes the place of another."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, member)
    return target.getvalue()


def a_workbook() -> bytes:
    """Return a workbook of one row."""
    target = io.BytesIO()
    sheets.write_workbook(target, [sheets.Page("A", ("x",), [("y",)])])
    return target.getvalue()


@pytest.mark.parametrize(
    ("member", "content", "code"),
    [
        ("xl/vbaProject.bin", b"\xd0\xcf", "sheet.macros"),
        (
            "xl/sharedStrings.xml",
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "&#97;"><!ENTITY b "&a;&a;">]><sst/>',
            "sheet.entities",
        ),
        (
            "xl/worksheets/sheet1.xml",
            b'<worksheet><row r="1"><c r="EQXD1" t="str"><v>x</v></c></row></worksheet>',
            "sheet.too_wide",
        ),
    ],
)
def test_a_workbook_with_a_trick_inside_is_refused(member: str, content: bytes, code: str) -> None:
    """Macros under an innocent name, entities that multiply, a cell in column 100,000."""
    with pytest.raises(Invalid) as refused:
        sheets.read(with_member(a_workbook(), member, content), "a.xlsx")

    assert [each.code for each in refused.value.problems] == [code]


def test_a_text_of_a_hundred_thousand_columns_is_refused() -> None:
    """Before anybody compares its headers with ours."""
    with pytest.raises(Invalid) as refused:
        sheets.read(b";".join([b"x"] * 100_000), "a.csv")

    assert [each.code for each in refused.value.problems] == ["sheet.too_wide"]
