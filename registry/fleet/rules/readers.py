"""Reads what one cell means by what its column expects, or says what was expected."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from probes.target import InvalidTarget, Target, is_host
from registry.clock import PARIS
from registry.fleet.rules.columns import Column
from registry.fleet.rules.power import parse_hours
from registry.fleet.rules.reach import Zones, may_be_dialled, parse_networks, write_networks
from registry.fleet.rules.vocabulary import TLS_CHECKS, meaning, meanings, offered
from registry.funding.rules import format_cents, parse_cents
from registry.sheets import Value, restored
from registry.territory.rules import (
    insee_from_number,
    is_insee,
    is_siren,
    is_uai,
    is_uic,
    normalise,
)

_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\Z")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?\Z")
_IN_WORDS = re.compile(r"(?:\w+ )?(\d{1,2})(?:er)? ([a-z]+) (\d{4})\Z")
_COUNT = re.compile(r"(\d{1,6})(?: cameras?)?\Z")
_PIN = re.compile(r"pin:[0-9a-fA-F]{64}\Z")
_WHOLE = re.compile(r"\d+\.0+\Z")
# Nothing that is funded is older than the century: 22 is 2022.
_CENTURY, _SHORT = 2000, 2
# The day before the first one of the spreadsheets' calendar, their false 29 February
# 1900 included; a date that lost its format reads as days since then.
_SHEET_EPOCH = date(1899, 12, 30)
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 1, 1)
_YEARS = range(2000, 2101)
_PORTS = range(1, 65_536)
_MOST_CAMERAS = 10_000
_MAC_DIGITS = 12
_PEOPLE_DIGITS = 8


@dataclass(slots=True)
class Cell:
    """One cell being read; `remarks` gathers what was repaired on the way."""

    column: Column
    value: Value
    zones: Zones = field(default_factory=Zones.only)
    remarks: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        """Write down what it says, as one line of text."""
        self.text = _line(self.value)


def _line(value: Value) -> str:
    """Return what a cell says, as one line of text; a whole number loses its `.0`."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")
    if value is None:
        return ""
    return restored(one_line(str(value)))


def one_line(text: str) -> str:
    """Return a text as it is compared: one line, single spaces, composed letters."""
    # A Mac's é is two characters, and would be another name.
    return " ".join(unicodedata.normalize("NFC", text).split())


class Unreadable(Exception):
    """A cell does not hold what its column asks for; `code` says what was expected."""

    def __init__(self, cell: Cell, code: str = "", **parameters: str) -> None:
        """Keep what the words about it need; by default the expectation of its column."""
        self.code = code or cell.column.expected
        super().__init__(self.code)
        self.parameters = parameters


def _text(cell: Cell) -> str:
    if len(cell.text) > cell.column.longest:
        raise Unreadable(cell, "text.long", longest=str(cell.column.longest))
    return cell.text


def _choice(cell: Cell) -> str:
    found = meaning(cell.column.choices, cell.text)
    if found is None:
        raise Unreadable(cell, choices=", ".join(offered(cell.column.choices)))
    return found


def _codes(cell: Cell) -> str:
    found = meanings(cell.column.choices, cell.text)
    if found is None:
        raise Unreadable(cell, choices="; ".join(offered(cell.column.choices)))
    return " ".join(found)


def _hours(cell: Cell) -> str:
    try:
        hours = str(parse_hours(cell.text))
    except ValueError:
        raise Unreadable(cell) from None
    if len(hours) > cell.column.longest:
        raise Unreadable(cell, "text.long", longest=str(cell.column.longest))
    return hours


def _tls(cell: Cell) -> str:
    if _PIN.match(cell.text):
        return cell.text.lower()
    found = meaning(TLS_CHECKS, cell.text)
    if found is None:
        raise Unreadable(cell)
    return found


def _date(cell: Cell) -> date:
    found = _read_date(cell)
    if found is None or not _EARLIEST <= found < _LATEST:
        raise Unreadable(cell)
    return found


def _read_date(cell: Cell) -> date | None:
    value = cell.value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float):
        if not 0 < value < (_LATEST - _SHEET_EPOCH).days:
            return None
        found = _SHEET_EPOCH + timedelta(days=int(value))
        cell.remarks.append(("date.number", {"read": found.strftime("%d/%m/%Y")}))
        return found
    try:
        return _date_in_text(cell.text)
    except ValueError:
        return None


def _date_in_text(text: str) -> date | None:
    if parts := _DAY_FIRST.match(text):
        day, month, year = (int(part) for part in parts.groups())
        return date(year + _CENTURY if len(parts[3]) == _SHORT else year, month, day)
    if parts := _YEAR_FIRST.match(text):
        year, month, day = (int(part) for part in parts.groups())
        return date(year, month, day)
    parts = _IN_WORDS.match(normalise(text))
    if parts and parts[2] in _MONTHS:
        return date(int(parts[3]), _MONTHS.index(parts[2]) + 1, int(parts[1]))
    return None


def _instant(cell: Cell) -> datetime:
    """Read an instant; without a zone it is of the clock in Paris, without a time its midnight."""
    value = cell.value
    if not isinstance(value, date):
        try:
            value = datetime.fromisoformat(cell.text)
        except ValueError:
            value = _date_and_time(cell)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    local = value if value.tzinfo else value.replace(tzinfo=PARIS)
    if not _EARLIEST <= local.date() < _LATEST:
        raise Unreadable(cell)
    return local.astimezone(UTC)


def _date_and_time(cell: Cell) -> datetime:
    day, _, hour = cell.text.partition(" ")
    try:
        found = _date_in_text(day)
        at = time.fromisoformat(hour) if hour else time()
    except ValueError:
        found = None
    if found is None:
        raise Unreadable(cell)
    return datetime.combine(found, at)


def _percent(cell: Cell) -> Decimal:
    """Read a share: `98,5 %` or 98.5, or a fraction of one; two decimals of a percent."""
    text = cell.text.removesuffix("%").strip().replace(",", ".")
    try:
        number = Decimal(str(cell.value)) if isinstance(cell.value, int | float) else Decimal(text)
    except InvalidOperation:
        raise Unreadable(cell) from None
    share = number if number <= 1 and not cell.text.endswith("%") else number / 100
    if not 0 < share <= 1 or share != share.quantize(Decimal("0.0001")):
        raise Unreadable(cell)
    return share


def _places(cell: Cell) -> str:
    found = re.split(r"[\s;,]+", cell.text.upper())
    if not all(re.fullmatch(r"[0-9AB]{5}-\d{2,6}", each) for each in found):
        raise Unreadable(cell)
    return " ".join(sorted(set(found)))


def _money(cell: Cell) -> int:
    value = cell.value
    if isinstance(value, bool | date | timedelta):
        raise Unreadable(cell)
    try:
        cents = parse_cents(value if isinstance(value, int | float) else cell.text)
    except (ValueError, ArithmeticError):
        raise Unreadable(cell) from None
    if cents < 0:
        raise Unreadable(cell, "money.negative")
    return cents


def _count(cell: Cell) -> int:
    parts = _COUNT.match(normalise(cell.text)) if "-" not in cell.text else None
    if parts is None or int(parts[1]) > _MOST_CAMERAS:
        raise Unreadable(cell)
    return int(parts[1])


def _people(cell: Cell) -> int:
    digits = "".join(cell.text.split())
    if not digits.isdecimal() or len(digits) > _PEOPLE_DIGITS:
        raise Unreadable(cell, "count")
    return int(digits)


def _year(cell: Cell) -> int:
    found = re.findall(r"\b\d{4}\b", cell.text)
    if len(found) != 1 or int(found[0]) not in _YEARS:
        raise Unreadable(cell)
    return int(found[0])


def _insee(cell: Cell) -> str:
    compact = "".join(cell.text.split()).upper()
    if _WHOLE.match(compact):
        compact = compact.split(".")[0]
    code = insee_from_number(int(compact)) if compact.isdecimal() else compact
    if not is_insee(code):
        raise Unreadable(cell)
    if code != cell.text:
        cell.remarks.append(("insee.repaired", {"read": code}))
    return code


def _checked(holds: Callable[[str], bool]) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        compact = "".join(cell.text.split()).upper()
        if not holds(compact):
            raise Unreadable(cell)
        return compact

    return read


def _mac(cell: Cell) -> str:
    digits = re.sub(r"[\s:.\-]", "", cell.text).upper()
    if len(digits) != _MAC_DIGITS or not re.fullmatch(r"[0-9A-F]+", digits):
        raise Unreadable(cell)
    return ":".join(digits[index : index + 2] for index in range(0, _MAC_DIGITS, 2))


def _port(cell: Cell) -> int:
    if not cell.text.isdecimal() or int(cell.text) not in _PORTS:
        raise Unreadable(cell)
    return int(cell.text)


def _host(cell: Cell) -> str:
    host = cell.text.lower()
    if not is_host(host):
        raise Unreadable(cell)
    networks = cell.zones.everywhere
    if not may_be_dialled(host, networks):
        raise Unreadable(cell, "host.blocked", networks=write_networks(networks))
    return host


def _path(cell: Cell) -> str:
    try:
        Target(key=0, host="localhost", path=cell.text)
    except InvalidTarget:
        raise Unreadable(cell) from None
    return _text(cell)


def _zone(cell: Cell) -> str:
    known = {normalise(name): name for name in cell.zones.networks}
    found = known.get(normalise(cell.text))
    if found is None:
        raise Unreadable(cell, "zone.unknown", known=", ".join(cell.zones.networks))
    return found


def _networks(cell: Cell) -> str:
    try:
        written = write_networks(parse_networks(cell.text))
    except ValueError:
        raise Unreadable(cell) from None
    if len(written) > cell.column.longest:
        raise Unreadable(cell, "text.long", longest=str(cell.column.longest))
    return written


READERS: dict[str, Callable[[Cell], Any]] = {
    "text": _text,
    "choice": _choice,
    "codes": _codes,
    "hours": _hours,
    "instant": _instant,
    "percent": _percent,
    "places": _places,
    "tls": _tls,
    "date": _date,
    "money": _money,
    "count": _count,
    "people": _people,
    "year": _year,
    "insee": _insee,
    "siren": _checked(is_siren),
    "uic": _checked(is_uic),
    "uai": _checked(is_uai),
    "mac": _mac,
    "port": _port,
    "host": _host,
    "path": _path,
    "zone": _zone,
    "networks": _networks,
}


def shown(value: object, column: Column) -> str:
    """Write a value that was read the way its column's cells are written."""
    if column.expected == "codes":
        return "; ".join(column.choices[code][0] for code in str(value).split())
    if column.choices and value in column.choices:
        return column.choices[str(value)][0]
    writer = _WRITERS.get(column.expected, str)
    return str(writer(value))


_WRITERS: dict[str, Callable[[Any], str]] = {
    "date": lambda day: day.strftime("%d/%m/%Y"),
    "instant": lambda instant: instant.astimezone(PARIS).isoformat(),
    "money": format_cents,
    "percent": lambda share: f"{share * 100:.2f} %".replace(".", ","),
}
