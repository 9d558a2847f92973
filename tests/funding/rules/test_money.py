"""Amounts as people type them, and the arithmetic of grants."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.funding.rules import format_cents, parse_cents, share_cents

NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("21 600,00 €", 2_160_000),
        (f"21{NARROW}600,00{WIDE}€", 2_160_000),
        (f"1{WIDE}234{WIDE}567,5", 123_456_750),
        ("21600", 2_160_000),
        ("15124.50", 1_512_450),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("30 249,00 EUR HT", 3_024_900),
        ("12 euros", 1_200),
        ("0", 0),
        ("-3,50", -350),
        ("\N{MINUS SIGN}3,50", -350),
        ("21'600", 2_160_000),
    ],
)
def test_an_amount_is_read_as_typed(typed: str, cents: int) -> None:
    """Spaces of every kind, comma or dot, with or without the currency."""
    assert parse_cents(typed) == cents


@pytest.mark.parametrize("typed", ["", "abc", "12 k€", "1,234", "1.234", "3,005", "1 2,3,4", "€"])
def test_what_can_be_read_in_two_ways_is_refused(typed: str) -> None:
    """1.234 may be one euro or a thousand: nobody but its author knows."""
    with pytest.raises(ValueError, match=r".*"):
        parse_cents(typed)


@pytest.mark.parametrize(
    ("number", "cents"), [(21_600, 2_160_000), (15124.5, 1_512_450), (0.1 + 0.2, 30), (9.995, 1000)]
)
def test_a_number_is_rounded_to_the_cent(number: float, cents: int) -> None:
    """A spreadsheet's number carries binary noise behind its cents."""
    assert parse_cents(number) == cents


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_what_is_written_can_be_read_back(cents: int) -> None:
    """The French form of an amount is one of those that are understood."""
    assert parse_cents(format_cents(cents)) == cents


def test_an_amount_is_written_as_french_readers_expect() -> None:
    """Thin spaces between thousands, a comma, and the euro behind a space."""
    assert format_cents(2_160_000) == f"21{NARROW}600,00{WIDE}€"


@pytest.mark.parametrize(
    ("cents", "share", "expected"),
    [
        (5_000_000, Decimal("0.30"), 1_500_000),
        (99, Decimal("0.30"), 29),
        (100, Fraction(1, 3), 33),
        (0, Decimal("0.30"), 0),
    ],
)
def test_a_share_is_never_a_cent_too_much(
    cents: int, share: Decimal | Fraction, expected: int
) -> None:
    """30 % of 0.99 euro is 29.7 cents: 29 are allowed."""
    assert share_cents(cents, share) == expected
