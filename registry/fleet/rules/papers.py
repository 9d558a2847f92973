"""Decides how long an authorisation may last, when it is to be renewed, when spans meet."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

YEARS = 5
PROVISIONAL_MONTHS = 4
_YEAR_MONTHS = 12


class Expiry(StrEnum):
    """How near the end of a paper is; the prefecture asks four months for a renewal."""

    AHEAD = "ahead"
    LATER = "later"
    WITHIN_180 = "within_180"
    WITHIN_120 = "within_120"
    WITHIN_60 = "within_60"
    LAST_DAY = "last_day"
    EXPIRED = "expired"
    FOLLOWED = "followed"


_WARNED: tuple[tuple[int, Expiry], ...] = (
    (-1, Expiry.EXPIRED),
    (0, Expiry.LAST_DAY),
    (60, Expiry.WITHIN_60),
    (120, Expiry.WITHIN_120),
    (180, Expiry.WITHIN_180),
)


def expiries(spans: Sequence[tuple[date, date | None]], *, today: date) -> list[Expiry]:
    """
    Tell how near the end of each paper of one site is, by its first and last day.

    Only the one that lasts longest is warned of: another has one that follows it. A
    paper without an end lasts.
    """
    longest = max((last or date.max for _, last in spans), default=date.max)
    told = []
    for first, last in spans:
        if first > today:
            told.append(Expiry.AHEAD)
        elif (last or date.max) < longest:
            told.append(Expiry.FOLLOWED)
        else:
            told.append(expiry(last, today=today))
    return told


def expiry(last_day: date | None, *, today: date) -> Expiry:
    """Tell the nearest of the warnings (180, 120, 60 and 0 days) that a last day has reached."""
    if last_day is None:
        return Expiry.LATER
    left = (last_day - today).days
    return next((told for most, told in _WARNED if left <= most), Expiry.LATER)


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
