"""Reads amounts as people type them, and does the arithmetic of grants in whole cents."""

import re
from decimal import Decimal
from fractions import Fraction
from math import floor

# Digits, then groups of three behind one kind of separator, then at most two
# decimals. "1.234" and "1,234" fit neither way: they may mean 1 or 1,234 euros.
_PLAIN = re.compile(r"([+-]?)(\d+)(?:[.,](\d{1,2}))?\Z")
_DOTTED = re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+),(\d{1,2})\Z")
_COMMAED = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+)\.(\d{1,2})\Z")
# Python's \s knows the non-breaking spaces, narrow ones included; an apostrophe
# groups thousands in exports of accounting software.
_GROUPING = re.compile(r"[\s']+")
_CURRENCY = re.compile(r"(?:€|euros?|eur)(?:\s*(?:ht|ttc))?\Z", re.IGNORECASE)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})


def parse_cents(typed: str | float | Decimal) -> int:
    """
    Read an amount in euros (`21 600,00 €`, `21600.5`, 21600.0) as whole cents.

    A number from a spreadsheet is rounded to the cent, because it carries binary
    noise; a text with a third decimal is refused, because somebody typed it. May
    be negative: whether that makes sense is for the caller to say.

    Raises:
        ValueError: It is no amount, or one that can be read in two ways.
    """
    if not isinstance(typed, str):
        return int((Decimal(str(typed)) * 100).to_integral_value())
    text = _CURRENCY.sub("", typed.strip().translate(_MINUS))
    text = _GROUPING.sub("", text)
    for pattern in (_PLAIN, _DOTTED, _COMMAED):
        if parts := pattern.match(text):
            sign, whole, decimals = parts.groups()
            euros = int(re.sub(r"\D", "", whole))
            cents = euros * 100 + int((decimals or "0").ljust(2, "0"))
            return -cents if sign == "-" else cents
    raise ValueError(typed)


def format_cents(cents: int) -> str:
    """Write an amount as French readers expect it: `21 600,00 €`, thin spaces included."""
    sign = "\u2212" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    return f"{sign}{euros:,}".replace(",", "\u202f") + f",{rest:02d}\u00a0€"


def share_cents(cents: int, share: Decimal | Fraction) -> int:
    """Return a share of an amount, rounded down to the cent: no grant exceeds its rate."""
    return floor(Fraction(share) * cents)
