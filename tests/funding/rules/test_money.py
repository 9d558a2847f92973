"""Amounts as people type them, and the arithmetic of grants."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.funding.rules import (
    eligible_base,
    format_cents,
    grant_ceiling,
    parse_cents,
    remaining_cents,
)

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


def test_each_camera_counts_up_to_its_cap() -> None:
    """One dear camera does not raise the base of the others."""
    assert eligible_base([1_000_000, 2_000_000], cap_per_camera_cents=1_500_000) == 2_500_000
    assert eligible_base([1_000_000, 2_000_000], cap_per_camera_cents=None) == 3_000_000


def test_a_grant_is_limited_by_rate_and_cap() -> None:
    """30 % up to 30,000 euros, as in the campaign of 2023."""
    rate, cap = Decimal("0.30"), 3_000_000

    assert grant_ceiling(5_000_000, rate=rate, cap_cents=cap) == 1_500_000
    assert grant_ceiling(20_000_000, rate=rate, cap_cents=cap) == cap
    assert grant_ceiling(5_000_000, rate=None, cap_cents=None) is None


def test_a_grant_never_exceeds_its_rate_by_a_cent() -> None:
    """30 % of 0.99 euro is 29.7 cents: 29 are allowed."""
    assert grant_ceiling(99, rate=Decimal("0.30"), cap_cents=None) == 29


def test_an_envelope_can_be_overspent() -> None:
    """What is left is a difference, and may be negative: that is a finding, not an error."""
    assert remaining_cents([200, 250], [100, 400]) == -50
