"""The rules of a campaign as data: which hold on a day, and what each of them says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from registry.errors import Problem


class RuleCode(StrEnum):
    """What a campaign may rule on; one that it leaves out is a rule it does not have."""

    RATE = "rate"
    CAP = "cap"
    CAP_PER_CAMERA = "cap_per_camera"
    LEAST_PROJECT = "least_project"
    PUBLIC_SHARE = "public_share"
    POPULATION_BELOW = "population_below"
    POPULATION_YEAR = "population_year"
    FIRST_EQUIPMENT_ONLY = "first_equipment_only"
    NOT_AIDED_BEFORE = "not_aided_before"
    GROUPINGS_ELIGIBLE = "groupings_eligible"
    ELIGIBLE_EXPENSES = "eligible_expenses"
    EXCLUDED_EXPENSES = "excluded_expenses"
    CONDITIONS = "conditions"
    PERIMETER_METRES = "perimeter_metres"
    OPENS_ON = "opens_on"
    CLOSES_ON = "closes_on"
    KEEP_IN_PLACE_YEARS = "keep_in_place_years"
    ADVANCE_SHARE = "advance_share"
    INTERIM_SHARE = "interim_share"
    PAPERS = "papers"


class Measure(StrEnum):
    """What the value of a rule is, in a file and in the register."""

    PROPORTION = "proportion"
    MONEY = "money"
    NUMBER = "number"
    YES_OR_NO = "yes_or_no"
    DAY = "day"
    WORDS = "words"


_PROPORTIONS = {
    RuleCode.RATE,
    RuleCode.PUBLIC_SHARE,
    RuleCode.ADVANCE_SHARE,
    RuleCode.INTERIM_SHARE,
}
_MONEY = {RuleCode.CAP, RuleCode.CAP_PER_CAMERA, RuleCode.LEAST_PROJECT}
_DAYS = {RuleCode.OPENS_ON, RuleCode.CLOSES_ON}
_YES_OR_NO = {
    RuleCode.FIRST_EQUIPMENT_ONLY,
    RuleCode.NOT_AIDED_BEFORE,
    RuleCode.GROUPINGS_ELIGIBLE,
}
_WORDS = {
    RuleCode.ELIGIBLE_EXPENSES,
    RuleCode.EXCLUDED_EXPENSES,
    RuleCode.CONDITIONS,
    RuleCode.PAPERS,
}
_YES_OR_NO_WORDS = {"yes": True, "no": False}
_GROUPS = (
    (Measure.PROPORTION, _PROPORTIONS),
    (Measure.MONEY, _MONEY),
    (Measure.DAY, _DAYS),
    (Measure.YES_OR_NO, _YES_OR_NO),
    (Measure.WORDS, _WORDS),
)
MEASURES: Mapping[RuleCode, Measure] = MappingProxyType(
    {
        code: next((measure for measure, codes in _GROUPS if code in codes), Measure.NUMBER)
        for code in RuleCode
    }
)


class Impossible(ValueError):
    """
    A rule that cannot be.

    The message is for whoever wrote a file; `problem` says the same as a code, for the
    edges that put it into words.
    """

    def __init__(self, message: str, problem: Problem) -> None:
        """Keep both."""
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    The rules in force on one day; None or empty where the campaign has no such rule.

    Rates and shares are exact, amounts whole cents before tax. `cap_cents` is the
    most that one grant may be, `cap_per_camera_cents` the most of one camera's cost
    that counts. `population_below` is compared with the population of
    `population_year`. `advance_share` and `interim_share` are what may be paid, of
    the amount voted, in advance and in all before the balance. `public_share` is the
    most that public money may pay of a project. `papers` pairs a step of a grant's
    life with the papers that it asks for.
    """

    rate: Decimal | None = None
    cap_cents: int | None = None
    cap_per_camera_cents: int | None = None
    least_project_cents: int | None = None
    public_share: Decimal | None = None
    population_below: int | None = None
    population_year: int | None = None
    first_equipment_only: bool = False
    not_aided_before: bool = False
    groupings_eligible: bool = True
    eligible_expenses: tuple[str, ...] = ()
    excluded_expenses: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    perimeter_metres: int | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    keep_in_place_years: int | None = None
    advance_share: Decimal | None = None
    interim_share: Decimal | None = None
    papers: tuple[str, ...] = ()
    sources: Mapping[RuleCode, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One rule as it is kept: its value as text, from which day until which it holds.

    Both days are included; None is open on that side.
    """

    code: RuleCode
    value: str
    valid_from: date | None = None
    valid_until: date | None = None
    source: str = ""

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)


def terms_on(rules: Iterable[Rule], day: date) -> Terms:
    """Put together what the rules in force on a day say."""
    held = [rule for rule in rules if rule.holds_on(day)]
    values: dict[str, Any] = {_field(rule.code): read_value(rule.code, rule.value) for rule in held}
    return Terms(**values, sources={rule.code: rule.source for rule in held})


def overlapping(rules: Iterable[Rule]) -> tuple[Rule, Rule] | None:
    """Return two rules of one code that are in force on the same day, if there are any."""
    last: dict[RuleCode, Rule] = {}
    for rule in sorted(rules, key=lambda each: (each.code, each.valid_from or date.min)):
        before = last.get(rule.code)
        if before and (before.valid_until or date.max) >= (rule.valid_from or date.min):
            return before, rule
        last[rule.code] = rule
    return None


def write_value(code: RuleCode, value: object) -> str:
    """
    Return the text under which a rule's value is kept; amounts are given in euros.

    Raises:
        Impossible: The value is not what this rule takes; the message says what is.
    """
    try:
        return _WRITERS[MEASURES[code]][0](value)
    except (ValueError, TypeError, InvalidOperation):
        raise _unfit(code, value) from None


def read_value(code: RuleCode, text: str) -> Decimal | int | bool | date | tuple[str, ...]:
    """Return what a text that `write_value` made stands for; amounts are cents."""
    measure = MEASURES[code]
    if measure is Measure.PROPORTION:
        return Decimal(text)
    if measure is Measure.DAY:
        return date.fromisoformat(text)
    if measure is Measure.YES_OR_NO:
        return text == "yes"
    if measure is Measure.WORDS:
        return tuple(text.splitlines())
    return int(text)


def spelled_value(code: RuleCode, text: str) -> Decimal | int | bool | date | tuple[str, ...]:
    """
    Return what a file would say for a text of the register's own spelling: `write_value` undone.

    Raises:
        Impossible: It is no such text; the message says what this rule takes.
    """
    measure = MEASURES[code]
    try:
        if measure is Measure.YES_OR_NO:
            return _YES_OR_NO_WORDS[text]
        if measure is Measure.MONEY:
            return Decimal(int(text)) / 100
        return read_value(code, text)
    except (ValueError, KeyError, InvalidOperation):
        raise _unfit(code, text) from None


def _unfit(code: RuleCode, value: object) -> Impossible:
    measure = MEASURES[code]
    message = f"{code}: expected {_WRITERS[measure][1]}, found {value!r}"
    return Impossible(message, Problem(f"rule.{measure}", "value", str(value)))


def _field(code: RuleCode) -> str:
    return f"{code}_cents" if MEASURES[code] is Measure.MONEY else str(code)


def _proportion(value: object) -> str:
    share = _decimal(value)
    if not 0 < share <= 1 or share != round(share, 4):
        raise ValueError
    return str(share.normalize())


def _cents(value: object) -> str:
    cents = _decimal(value) * 100
    if cents <= 0 or cents != int(cents):
        raise ValueError
    return str(int(cents))


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError
    return Decimal(value)


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return str(value)


def _yes_or_no(value: object) -> str:
    if not isinstance(value, bool):
        raise TypeError
    return "yes" if value else "no"


def _day(value: object) -> str:
    if type(value) is not date:
        raise TypeError
    return value.isoformat()


def _words(value: object) -> str:
    if not isinstance(value, list | tuple) or not value:
        raise TypeError
    lines = [str(each).strip() for each in value]
    if any(not line or "\n" in line for line in lines):
        raise ValueError
    return "\n".join(lines)


_WRITERS = {
    Measure.PROPORTION: (_proportion, "a share above 0 and up to 1, of at most four decimals"),
    Measure.MONEY: (_cents, "an amount in euros above 0, of at most two decimals"),
    Measure.NUMBER: (_number, "a whole number of 1 or more"),
    Measure.YES_OR_NO: (_yes_or_no, "true or false"),
    Measure.DAY: (_day, "a date"),
    Measure.WORDS: (_words, "a list of texts"),
}
