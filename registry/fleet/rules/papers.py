"""Decides how long an authorisation may last, and when two spans of days meet."""

from datetime import date, timedelta

YEARS = 5
PROVISIONAL_MONTHS = 4
_YEAR_MONTHS = 12


def latest_expiry(kind: str, decided_on: date) -> date:
    """
    Return the last day on which an authorisation may expire.

    Five years after its date (CSI L252-4), four months for a provisional one (L252-7).
    """
    months = PROVISIONAL_MONTHS if kind == "provisional" else YEARS * _YEAR_MONTHS
    return add_months(decided_on, months)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or the last one where that month has none."""
    year, month = divmod(day.year * _YEAR_MONTHS + day.month - 1 + months, _YEAR_MONTHS)
    following = date(year + (month + 1) // _YEAR_MONTHS, (month + 1) % _YEAR_MONTHS + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def overlap(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Tell whether two half-open spans of days share one; an open end lasts for good."""
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])
