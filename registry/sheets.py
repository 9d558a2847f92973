"""
Rows from and to XLSX, ODS and CSV files, without a word on what they mean.

A file is judged by its content, never by its name alone, and measured before it
is unpacked. What is written cannot start a formula in the reader's spreadsheet.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, TypeAlias

import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineError, CalamineWorkbook

from registry.errors import Invalid, Problem

ErrorCell: TypeAlias = tuple[bytes, bytes, bytes]
Value: TypeAlias = str | float | int | bool | date | datetime | time | timedelta | None

SUFFIXES = (".xlsx", ".ods", ".csv")
LARGEST_BYTES = 40 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_CELLS = 5_000_000
MOST_COLUMNS = 1_000
DROP_DOWN_ROWS = 20_000
_ERROR_CELL = re.compile(
    rb'<c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?'
    rb"<v>([^<]*)</v>"
)
_ROWS_REPEATED = re.compile(rb'number-rows-repeated="(\d+)"')
_COLUMNS_REPEATED = re.compile(rb'number-columns-repeated="(\d+)"')
# What files of other kinds begin with; UTF-16 is what Excel calls Unicode text.
_KINDS = {
    b"\xd0\xcf\x11\xe0": ".xls",
    b"%PDF": "pdf",
    codecs.BOM_UTF16_LE: ".csv",
    codecs.BOM_UTF16_BE: ".csv",
}
_MACROS = ("vbaproject.bin", "vbadata.xml")
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PROLOGUE = 4096
_HEAD = 50_000
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# KeyError: a member that another one names is not there; RuntimeError: one is encrypted, or
# compressed in a way that the archive's reader does not know.
_DAMAGE = (CalamineError, zipfile.BadZipFile, zlib.error, KeyError, RuntimeError)
# A cell with content; a merely formatted one (`<c .../>`) takes no room when read.
_CELL = re.compile(rb'<c [^>]*?\br="([A-Z]{1,7})(\d{1,7})"[^>/]*>')


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet; `number` counts from 1, as the spreadsheet shows it."""

    number: int
    values: Sequence[Value]

    def reference(self, column: int) -> str:
        """Return the name of one of its cells (`B12`); `column` counts from 0."""
        return f"{column_letters(column)}{self.number}"

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in it, not even a space that cannot be seen."""
        return all(value is None or not str(value).strip() for value in self.values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, with all its rows from the first on."""

    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Page:
    """
    A sheet to be written: headers that stay in sight, rows, and what to choose from.

    `choices` and `notes` go by header: the drop-down list of a column, and the
    remark that its header shows.
    """

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Value]] = ()
    titles: Sequence[str] = ()
    widths: Sequence[int] = ()
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


def column_letters(column: int) -> str:
    """Return the letters over a column, which counts from 0 (27: AB)."""
    letters = ""
    rest = column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def check_size(size_bytes: int, name: str) -> None:
    """
    Refuse a file by its size alone, before it is read.

    Raises:
        Invalid: It is larger than any list that the register takes.
    """
    if size_bytes > LARGEST_BYTES:
        megabytes = {"size": f"{size_bytes / 1e6:.0f}", "most": f"{LARGEST_BYTES / 1e6:.0f}"}
        raise _refusal(name, "sheet.large", **megabytes)


def read(content: bytes, name: str) -> list[Sheet]:
    """
    Read a file's sheets; `name` gives the suffix it claims and its only sheet's name.

    Raises:
        Invalid: It is empty, of another type than it says, damaged, or too large.
    """
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix not in SUFFIXES:
        raise _refusal(name, "sheet.type", expected=", ".join(SUFFIXES))
    check_size(len(content), name)
    if not content.strip():
        raise _refusal(name, "sheet.empty")
    found = _kind(content)
    if found != suffix:
        raise _refusal(name, "sheet.content", expected=suffix, found=found or "?")
    sheets = _read_text(content, name) if found == ".csv" else _read_workbook(content, name)
    if not any(not row.is_blank for sheet in sheets for row in sheet.rows):
        raise _refusal(name, "sheet.empty")
    return sheets


def neutral(value: Value) -> Value:
    """
    Return a value that no spreadsheet takes for a formula: such a text gets an apostrophe.

    So does a text that has one before what would start a formula: `restored` takes
    exactly one away again.
    """
    if isinstance(value, str) and value.lstrip("'").startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value


def restored(text: str) -> str:
    """Return a text without the apostrophe that made it no formula."""
    bare = text.lstrip("'")
    return text[1:] if len(bare) < len(text) and bare.startswith(_STARTS_A_FORMULA) else text


def write_workbook(target: BinaryIO, pages: Iterable[Page]) -> None:
    """Write an XLSX workbook row by row: memory does not grow with its length."""
    options = {
        "constant_memory": True,
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - the library's
        for page in pages:
            _write_page(book, page)


def write_text(page: Page) -> str:
    """Write a page's headers and rows as CSV the way Excel reads it in French."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([neutral(value) for value in row] for row in (page.headers, *page.rows))
    return f"\ufeff{text.getvalue()}"


def _refusal(name: str, code: str, **parameters: str) -> Invalid:
    return Invalid([Problem(code, where=name, parameters=parameters)])


def _kind(content: bytes) -> str:
    """Return the suffix that suits a content, or a word for what it is instead."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _kind_of_archive(content)
    for start, kind in _KINDS.items():
        if content.startswith(start):
            return kind
    return "" if b"\0" in content else ".csv"


def _kind_of_archive(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            return ".xlsx"
        if {"content.xml", "mimetype"} <= names:
            with archive.open("mimetype") as member:
                if b"opendocument.spreadsheet" in member.read(100):
                    return ".ods"
    return "zip"


def _read_workbook(content: bytes, name: str) -> list[Sheet]:
    try:
        errors = _measure(content, name)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [
                _sheet(book, each, errors.get(index, []))
                for index, each in enumerate(book.sheet_names)
            ]
    except _DAMAGE as error:
        raise _refusal(name, "sheet.damaged") from error


def _measure(content: bytes, name: str) -> dict[int, list[ErrorCell]]:
    """Refuse what is too large to unpack; return the broken formulas of each sheet."""
    # A few kilobytes can unpack to gigabytes, and two cells in opposite corners
    # make a reader allocate everything between them: both are counted first.
    errors: dict[str, list[ErrorCell]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(each.file_size for each in archive.infolist()) > LARGEST_UNPACKED_BYTES:
            raise _refusal(name, "sheet.too_large")
        for each in archive.namelist():
            # Nothing here would run them; whoever is asked to keep such a file may.
            if each.lower().endswith(_MACROS):
                raise _refusal(name, "sheet.macros")
            # Reading a member checks its size and sum against what it declares.
            unpacked = archive.read(each)
            # The reader expands none, but no spreadsheet writes any either.
            if _DECLARES.search(unpacked[:_PROLOGUE]):
                raise _refusal(name, "sheet.entities")
            height, width = _extent(each, unpacked)
            if height * width > MOST_CELLS:
                raise _refusal(name, "sheet.too_large")
            if width > MOST_COLUMNS:
                raise _refusal(name, "sheet.too_wide", most=str(MOST_COLUMNS))
            if b't="e"' in unpacked:
                errors[each] = _ERROR_CELL.findall(unpacked)
        # Only then is it known which member is which sheet.
        members = _worksheets(archive) if errors else []
    return {index: errors[each] for index, each in enumerate(members) if each in errors}


def _worksheets(archive: zipfile.ZipFile) -> list[str]:
    """Return the members that hold the sheets of an XLSX workbook, in its own order."""
    links = archive.read("xl/_rels/workbook.xml.rels")
    targets = {
        identifier[1]: target[1].decode().removeprefix("/xl/")
        for link in re.findall(rb"<Relationship [^>]*>", links)
        if (identifier := re.search(rb'\bId="([^"]*)"', link))
        if (target := re.search(rb'\bTarget="([^"]*)"', link))
    }
    named = re.findall(rb'<sheet [^>]*\br:id="([^"]*)"', archive.read("xl/workbook.xml"))
    return [f"xl/{targets.get(each, '')}" for each in named]


def _extent(member: str, unpacked: bytes) -> tuple[int, int]:
    """Return the rows and columns that a reader makes room for in one sheet."""
    if member.startswith("xl/worksheets/"):
        cells = _CELL.findall(unpacked)
        columns = {letters for letters, _ in cells}
        height = max(map(int, {row for _, row in cells}), default=0)
        return height, max((_column_number(each) for each in columns), default=0)
    return _open_extent(unpacked) if member == "content.xml" else (0, 0)


def _open_extent(content: bytes) -> tuple[int, int]:
    # An open document writes a value once and says how often it is repeated.
    height = width = pending = 0
    for row in content.split(b"<table:table-row")[1:]:
        repeated = _ROWS_REPEATED.search(row[: row.find(b">")])
        pending += int(repeated[1]) if repeated else 1
        filled = row[: row.rfind(b"value-type") + 1]
        if filled:
            tail = row[len(filled) : row.find(b">", len(filled))]
            repeats = sum(map(int, _COLUMNS_REPEATED.findall(filled + tail)))
            width = max(width, filled.count(b"<table:table-cell") + repeats)
            height, pending = height + pending, 0
    return height, width


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _sheet(book: CalamineWorkbook, name: str, errors: Iterable[ErrorCell]) -> Sheet:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    # The reader makes a blank of a formula that failed: what it shows is put back,
    # so that it is refused as such and not taken for nothing said.
    for letters, number, shown in errors:
        row, column = int(number) - 1, _column_number(letters) - 1
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown.decode()
    return Sheet(name, [Row(number, values) for number, values in enumerate(rows, start=1)])


def _read_text(content: bytes, name: str) -> list[Sheet]:
    text = _decode(content, name)
    first, _, rest = text.partition("\n")
    declared = first.strip().lower()
    try:
        if declared.startswith("sep=") and len(declared) == len("sep=;"):
            delimiter, text = declared[-1], f"\n{rest}"
        else:
            delimiter = _delimiter(text)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise _refusal(name, "sheet.damaged") from error
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        raise _refusal(name, "sheet.too_wide", most=str(MOST_COLUMNS))
    title = name[: name.rfind(".")]
    return [Sheet(title, [Row(number, values) for number, values in enumerate(rows, start=1)])]


def _decode(content: bytes, name: str) -> str:
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # Any byte string but a few is valid cp1252, so UTF-8 has to be tried first.
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refusal(name, "sheet.encoding")


def _delimiter(text: str) -> str:
    # The one that cuts most lines alike: a decimal comma stands in many lines, but
    # not as often in each. Of two that cut as many, the one that makes more columns.
    head = [line[:_HEAD] for line in text.splitlines()[:30]]

    def regularity(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(head, delimiter=delimiter))
        return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))

    return max(";\t,", key=regularity)


def _write_page(book: xlsxwriter.Workbook, page: Page) -> None:
    sheet = book.add_worksheet(page.name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    title = book.add_format({"bold": True, "font_size": 14})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for column, width in enumerate(page.widths):
        sheet.set_column(column, column, width)
    for number, words in enumerate(page.titles):
        if len(page.headers) > 1:
            sheet.merge_range(number, 0, number, len(page.headers) - 1, words, title)
        else:
            sheet.write_string(number, 0, words, title)
    top = len(page.titles)
    for column, header in enumerate(page.headers):
        sheet.write_string(top, column, header, bold)
        if header in page.notes:
            sheet.write_comment(top, column, page.notes[header], {"x_scale": 2})
        if header in page.choices:
            choose = {
                "validate": "list",
                "source": list(page.choices[header]),
                "error_type": "warning",
            }
            sheet.data_validation(top + 1, column, top + DROP_DOWN_ROWS, column, choose)
    sheet.freeze_panes(top + 1, 0)
    for number, row in enumerate(page.rows, start=top + 1):
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value, day)


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: Value,
    day: xlsxwriter.format.Format,
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(neutral(value)))
