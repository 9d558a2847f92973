"""Financed twice, too many inhabitants, too much money."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from registry.audit.rules import Facts, Finding, GrantFacts, Thresholds, UnitFacts, judge
from registry.funding.rules import Funder, GrantStatus, LineState, RuleCode, Share, Terms

TERMS = Terms(
    rate=Decimal("0.30"),
    cap_cents=3_000_000,
    cap_per_camera_cents=1_500_000,
    population_below=20_000,
    sources={RuleCode.RATE: "page of 2023", RuleCode.POPULATION_BELOW: "page of 2022"},
)
ONE = GrantFacts(
    grant_id=1,
    file_number="23-1",
    status=GrantStatus.VOTED,
    voted_cents=1_200_000,
    paid_cents=0,
    eligible_cents=4_000_000,
    project_cents=None,
    cameras_funded=4,
    population=966,
    population_year=2023,
    terms=TERMS,
)
TWO = replace(ONE, grant_id=2, file_number="23-2")
UNIT = UnitFacts("AX-1234", "AX1234", "Axis", 1, "59054-01/A", datetime(2024, 1, 1, tzinfo=UTC))


def found(*grants: GrantFacts, units: tuple[UnitFacts, ...] = ()) -> list[tuple[str, str, str]]:
    """Judge some grants, and return what is found."""
    said = judged(*grants, units=units)
    return [(each.grant, str(each.rule), each.detail) for each in said]


def judged(*grants: GrantFacts, units: tuple[UnitFacts, ...] = ()) -> tuple[Finding, ...]:
    """Judge some grants."""
    facts = Facts(grants, (), (), units)
    return judge(facts, today=date(2026, 11, 23), thresholds=Thresholds())


def test_a_grant_within_its_rules_has_nothing_against_it() -> None:
    """Exactly 30 %, below the cap, below the threshold."""
    assert found(ONE) == []


def test_one_serial_under_two_grants_is_found_under_both() -> None:
    """Each names the other, and where and since when the unit hangs."""
    theirs = replace(UNIT, grant_id=2, camera="59055-01/B", serial="ax 1234")

    first, second = judged(ONE, TWO, units=(UNIT, theirs))

    assert (first.grant, first.parameters) == ("23-1", {"serial": "AX-1234", "grants": "23-2"})
    assert (second.grant, second.parameters["grants"]) == ("23-2", "23-1")
    assert [each.name for each in first.evidence] == ["59054-01/A", "59055-01/B"]


def test_a_unit_that_moved_from_one_grant_to_another_is_found() -> None:
    """Removed there, mounted here: the same money bought it twice."""
    before = replace(UNIT, grant_id=2, removed_at=datetime(2025, 1, 1, tzinfo=UTC))

    assert [grant for grant, _, _ in found(ONE, TWO, units=(UNIT, before))] == ["23-1", "23-2"]


@pytest.mark.parametrize(
    "units",
    [
        (UNIT, replace(UNIT, camera="59054-01/B")),
        (replace(UNIT, normalised_serial=""), replace(UNIT, normalised_serial="", grant_id=2)),
        (
            replace(UNIT, serial="NONE", normalised_serial="NONE"),
            replace(UNIT, serial="none", normalised_serial="NONE", grant_id=2),
        ),
        (UNIT, replace(UNIT, grant_id=2, manufacturer="Bosch")),
    ],
    ids=["one grant", "no serial", "placeholder", "two makes"],
)
def test_what_proves_no_double_financing_is_left_alone(units: tuple[UnitFacts, ...]) -> None:
    """The same grant twice, a number that says nothing, two makes with one number."""
    assert found(ONE, TWO, units=units) == []


def test_an_unknown_make_may_be_the_same() -> None:
    """A file that does not say the make hides nothing."""
    theirs = replace(UNIT, grant_id=2, manufacturer="")

    assert len(found(ONE, TWO, units=(UNIT, theirs))) == 2


@pytest.mark.parametrize(
    ("population", "expected"), [(19_999, []), (20_000, ["population"]), (None, [])]
)
def test_the_threshold_is_below(population: int | None, expected: list[str]) -> None:
    """20,000 inhabitants are not below 20,000."""
    said = found(replace(ONE, population=population))

    assert [detail for _, _, detail in said] == expected


def test_a_population_of_another_year_is_said_to_be() -> None:
    """The year of reference is the rule's: what was counted in another is a hint."""
    terms = replace(TERMS, population_year=2022)

    (other,) = judged(replace(ONE, population=20_001, terms=terms))
    (same,) = judged(replace(ONE, population=20_001, population_year=2022, terms=terms))

    assert (other.detail, other.parameters["reference"]) == ("other_year", "2022")
    assert (same.detail, same.source) == ("population", "page of 2022")


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ({"eligible_cents": 3_999_999}, "rate"),
        ({"voted_cents": 3_000_001, "eligible_cents": None}, "cap"),
        ({"cameras_funded": 2}, "camera_cap"),
        (
            {"shares": (Share(Funder.DETR, LineState.GRANTED, granted_cents=2_000_001),)},
            "public_share",
        ),
    ],
)
def test_each_limit_of_money_is_held(said: dict[str, object], detail: str) -> None:
    """One cent beyond the rate, the cap, the cap per camera, the 80 %."""
    assert found(replace(ONE, **said)) == [("23-1", "A12", detail)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("drawn", "left"), [(2_000_000, None), (2_000_001, "1199999"), (9_000_000, "0")]
)
def test_who_overspends_an_envelope_is_found(drawn: int, left: str | None) -> None:
    """To the cent; the sentence says what was left of it when the grant was decided."""
    said = judged(replace(ONE, envelope_cents=2_000_000, drawn_cents=drawn))

    assert [(each.detail, each.parameters["left_cents"]) for each in said] == (
        [] if left is None else [("envelope", left)]
    )


def test_an_envelope_that_nobody_knows_is_not_overspent() -> None:
    """A campaign without a vote in the register has no envelope to be judged by."""
    assert found(replace(ONE, envelope_cents=None, drawn_cents=9_000_000)) == []


def test_a_limit_that_a_campaign_does_not_have_is_not_invented() -> None:
    """Without rules only the law's 80 % is left."""
    bare = replace(ONE, terms=Terms(), voted_cents=3_200_000)

    assert found(bare) == []
    assert found(replace(bare, voted_cents=3_200_001)) == [("23-1", "A12", "public_share")]
    (finding,) = judged(replace(bare, voted_cents=3_200_001))
    assert finding.source == "CGCT, L1111-10, III"


@pytest.mark.parametrize(
    "status", [GrantStatus.INSTRUCTED, GrantStatus.REFUSED, GrantStatus.CANCELLED]
)
def test_what_was_not_voted_or_left_is_not_judged(status: GrantStatus) -> None:
    """An application may ask for too much; nobody has given it."""
    over = replace(ONE, status=status, voted_cents=9_000_000, population=50_000)

    assert found(over) == []
