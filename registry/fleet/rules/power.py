"""
Reads weekly hours in local time, and turns them into stretches of UTC.

Cameras on lamp posts are fed when the lamps are; business hours of a contract are
written the same way: `mon-fri 08:00-18:00; sat 08:00-12:00`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from registry.clock import PARIS, paris_day

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FRENCH = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
_HOUR_MINUTES = 60
_DAY_MINUTES = 24 * _HOUR_MINUTES
_RANGE = re.compile(r"(\d{1,2})[:h](\d{2})?\s*(?:-|–|à)\s*(\d{1,2})[:h](\d{2})?\Z")
_NUMBERS = {word: number for days in (DAYS, _FRENCH) for number, word in enumerate(days)}

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """
    Stretches of minutes for each day of the week; one may run into the next day.

    `stretches` holds (weekday, first minute, minutes), Monday being 0, in order.
    """

    stretches: tuple[tuple[int, int, int], ...]

    def __str__(self) -> str:
        """Return the one form in which the register keeps them."""
        ranges: dict[int, list[str]] = {}
        for day, start, length in self.stretches:
            ranges.setdefault(day, []).append(f"{_clock(start)}-{_clock(start + length)}")
        groups: dict[str, list[int]] = {}
        for day, each in ranges.items():
            groups.setdefault(",".join(each), []).append(day)
        return "; ".join(f"{_day_words(days)} {each}" for each, days in groups.items())

    def between(self, begin: datetime, end: datetime) -> list[Span]:
        """Return the stretches of UTC inside a window, in order and without overlap."""
        return _cut(_merged(self._spans(paris_day(begin), paris_day(end))), begin, end)

    def outside(self, begin: datetime, end: datetime) -> list[Span]:
        """Return what the hours leave of a window: the planned darkness."""
        found, at = [], begin
        for start, stop in self.between(begin, end):
            if start > at:
                found.append((at, start))
            at = stop
        return [*found, (at, end)] if at < end else found

    def _spans(self, first: date, last: date) -> Iterator[Span]:
        # From the day before: its last stretch may run into the first day.
        day = first - timedelta(days=1)
        while day <= last:
            for weekday, start, length in self.stretches:
                if weekday == day.weekday():
                    yield _instant(day, start), _instant(day, start + length)
            day += timedelta(days=1)


def parse_hours(text: str) -> WeeklyHours:
    """
    Read weekly hours, in English or French: `lun-ven 17:00-07:00; sam,dim 0h-24h`.

    A stretch that ends before it starts runs into the next day; stretches may meet
    and overlap, the hours are all of them together.

    Raises:
        ValueError: Something else is written there.
    """
    stretches: list[tuple[int, int, int]] = []
    for part in filter(None, (each.strip().casefold() for each in text.split(";"))):
        words, _, ranges = part.partition(" ")
        days = [day for each in words.split(",") for day in _days(each)]
        for each in ranges.split(","):
            stretches += [(day, *_range(each.strip())) for day in days]
    if not stretches:
        raise ValueError(text)
    return WeeklyHours(tuple(sorted(set(stretches))))


def french_hours(hours: str) -> str:
    """Return weekly hours as kept, with the days in French (`lun-ven 08:00-18:00`)."""
    return re.sub("|".join(DAYS), lambda day: _FRENCH[DAYS.index(day[0])], hours)


def _days(words: str) -> list[int]:
    first, _, last = words.partition("-")
    try:
        start, stop = (_NUMBERS[each[:3]] for each in (first, last or first))
    except KeyError as error:
        raise ValueError(words) from error
    return [(start + step) % 7 for step in range((stop - start) % 7 + 1)]


def _range(text: str) -> tuple[int, int]:
    parts = _RANGE.match(text)
    if parts is None:
        raise ValueError(text)
    start, stop = (_minutes(parts[at], parts[at + 1]) for at in (1, 3))
    if start >= _DAY_MINUTES or stop > _DAY_MINUTES:
        raise ValueError(text)
    return start, (stop - start) if stop > start else stop - start + _DAY_MINUTES


def _minutes(hours: str, minutes: str | None) -> int:
    if int(minutes or 0) >= _HOUR_MINUTES:
        raise ValueError(minutes)
    return int(hours) * _HOUR_MINUTES + int(minutes or 0)


def _clock(minutes: int) -> str:
    # The end of a whole day is 24:00; later ones are of the next day.
    minutes = minutes if minutes <= _DAY_MINUTES else minutes - _DAY_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _day_words(days: list[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] + (f"-{DAYS[run[-1]]}" if run[1:] else "") for run in runs)


def _instant(day: date, minutes: int) -> datetime:
    # By the clock on the wall: a night in which it changes has 11 or 13 hours.
    days, rest = divmod(minutes, _DAY_MINUTES)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=PARIS)
    return local.astimezone(UTC)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    held: Span | None = None
    for start, stop in sorted(spans):
        if held is not None and start <= held[1]:
            held = (held[0], max(held[1], stop))
            continue
        if held is not None:
            yield held
        held = (start, stop)
    if held is not None:
        yield held


def _cut(spans: Iterable[Span], begin: datetime, end: datetime) -> list[Span]:
    cut = ((max(start, begin), min(stop, end)) for start, stop in spans)
    return [(start, stop) for start, stop in cut if start < stop]
