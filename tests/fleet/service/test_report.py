"""Remarks said once, problems in the order of a reader's eye."""

from registry.errors import Problem
from registry.fleet.service.report import gathered, in_order


def test_a_remark_is_said_once_with_its_rows() -> None:
    """The same thing about the same value; what is about a row stays one by one."""
    notes = [
        Problem("insee.former", "S!A2", "59070"),
        Problem("insee.former", "S!A9", "59070"),
        Problem("row.totals", "S!A3"),
        Problem("row.totals", "S!A4"),
    ]

    assert [(each.where, each.parameters["rows"]) for each in gathered(notes)] == [
        ("S!A2", "2"), ("S!A3", "1"), ("S!A4", "1"),
    ]  # fmt: skip


def test_problems_come_as_they_are_read() -> None:
    """By sheet, row and column: AA comes after B."""
    cells = ["T!A2", "S!B10", "S!AA2", "S!B2"]

    ordered = in_order([Problem("x", cell) for cell in cells], ["S", "T"])

    assert [each.where for each in ordered] == ["S!B2", "S!AA2", "S!B10", "T!A2"]
