"""Rules of campaigns as data: kept as text, read back exactly, in force on their days."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.funding.rules import (
    MEASURES,
    Impossible,
    Measure,
    Rule,
    RuleCode,
    Terms,
    overlapping,
    read_value,
    spelled_value,
    terms_on,
    write_value,
)

MAY, JUNE, JULY = date(2023, 5, 1), date(2023, 6, 1), date(2023, 7, 1)


def rate(value: str, **period: date | None) -> Rule:
    """Return a rule on the rate."""
    return Rule(code=RuleCode.RATE, value=value, source="test", **period)


@pytest.mark.parametrize(
    ("code", "value", "text", "read"),
    [
        (RuleCode.RATE, Decimal("0.30"), "0.3", Decimal("0.3")),
        (RuleCode.CAP, 30_000, "3000000", 3_000_000),
        (RuleCode.CAP, Decimal("1000.50"), "100050", 100_050),
        (RuleCode.POPULATION_BELOW, 20_000, "20000", 20_000),
        (RuleCode.FIRST_EQUIPMENT_ONLY, True, "yes", True),
        (RuleCode.OPENS_ON, MAY, "2023-05-01", MAY),
        (RuleCode.CONDITIONS, [" fibre ", "diagnosis"], "fibre\ndiagnosis", ("fibre", "diagnosis")),
    ],
)
def test_a_value_is_kept_as_text_and_read_back(
    code: RuleCode, value: object, text: str, read: object
) -> None:
    """Shares stay exact, euros become cents, lists become lines."""
    assert write_value(code, value) == text
    assert read_value(code, text) == read


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        (RuleCode.RATE, 30, "a share above 0 and up to 1"),
        (RuleCode.RATE, "0.3", "a share above 0"),
        (RuleCode.CAP, Decimal("0.001"), "an amount in euros"),
        (RuleCode.CAP, True, "an amount in euros"),
        (RuleCode.POPULATION_BELOW, 0, "a whole number of 1 or more"),
        (RuleCode.NOT_AIDED_BEFORE, "yes", "true or false"),
        (RuleCode.CLOSES_ON, "2023-05-01", "a date"),
        (RuleCode.CONDITIONS, "fibre", "a list of texts"),
        (RuleCode.CONDITIONS, [" "], "a list of texts"),
    ],
)
def test_a_value_of_another_measure_is_refused(
    code: RuleCode, value: object, expected: str
) -> None:
    """The message names the rule, what stood there and what was expected."""
    with pytest.raises(ValueError, match=f"{code}: expected {expected}"):
        write_value(code, value)


def test_every_rule_has_a_place_in_the_terms() -> None:
    """No rule is loaded and then forgotten."""
    samples = {
        Measure.PROPORTION: Decimal("0.5"),
        Measure.MONEY: 10,
        Measure.NUMBER: 7,
        Measure.YES_OR_NO: True,
        Measure.DAY: MAY,
        Measure.WORDS: ["a"],
    }
    rules = [Rule(code=c, value=write_value(c, samples[MEASURES[c]])) for c in RuleCode]

    terms = terms_on(rules, MAY)

    plain = Terms()
    unchanged = {"groupings_eligible", "sources"}
    assert [
        name
        for name in Terms.__dataclass_fields__
        if name not in unchanged and getattr(terms, name) == getattr(plain, name)
    ] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (RuleCode.RATE, "0.3"),
        (RuleCode.CAP, "3000050"),
        (RuleCode.POPULATION_BELOW, "20000"),
        (RuleCode.GROUPINGS_ELIGIBLE, "no"),
        (RuleCode.OPENS_ON, "2023-03-13"),
        (RuleCode.CONDITIONS, "un\ndeux"),
    ],
)
def test_the_registers_spelling_is_read_as_a_file_would_say_it(code: RuleCode, text: str) -> None:
    """Written again it is the same text, whatever the rule measures."""
    assert write_value(code, spelled_value(code, text)) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [(RuleCode.RATE, "a third"), (RuleCode.CAP, "1.5"), (RuleCode.GROUPINGS_ELIGIBLE, "true"),
     (RuleCode.OPENS_ON, "13/03/2023")],
)  # fmt: skip
def test_another_spelling_is_refused_with_what_is_expected(code: RuleCode, text: str) -> None:
    """The message names the rule, the code what kind of value it takes."""
    with pytest.raises(Impossible, match=f"{code}: expected") as refused:
        spelled_value(code, text)

    assert refused.value.problem.code == f"rule.{MEASURES[code]}"


def test_a_day_has_the_rules_that_hold_on_it() -> None:
    """The first and the last day of a rule belong to it."""
    rules = [rate("0.3", valid_until=JUNE), rate("0.5", valid_from=JULY)]

    assert [terms_on(rules, day).rate for day in (MAY, JUNE, date(2023, 6, 2), JULY)] == [
        Decimal("0.3"),
        Decimal("0.3"),
        None,
        Decimal("0.5"),
    ]


def test_each_rule_in_force_names_its_source() -> None:
    """Whoever disputes a figure reads where it is written."""
    assert terms_on([rate("0.3")], MAY).sources == {RuleCode.RATE: "test"}


@given(
    st.lists(
        st.tuples(
            st.none() | st.dates(date(2023, 1, 1), date(2023, 1, 20)),
            st.none() | st.dates(date(2023, 1, 1), date(2023, 1, 20)),
        ),
        max_size=4,
    )
)
def test_overlaps_are_found_as_days_find_them(
    periods: list[tuple[date | None, date | None]],
) -> None:
    """Two rules overlap exactly when some day of the month has both."""
    rules = [
        rate("0.3", valid_from=start, valid_until=end)
        for start, end in periods
        if start is None or end is None or start <= end
    ]

    days = [date(2022, 12, 31), *(date(2023, 1, day) for day in range(1, 32))]
    crowded = any(sum(rule.holds_on(day) for rule in rules) > 1 for day in days)
    assert (overlapping(rules) is not None) == crowded
