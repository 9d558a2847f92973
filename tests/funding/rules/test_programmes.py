"""The shape of programme files."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from registry.funding.rules import ProgrammeFile

MARCH, JUNE = date(2023, 3, 13), date(2023, 6, 16)


def rule(code: str, value: object, source: str = "brief") -> dict[str, object]:
    """Return the values of one rule."""
    return {"rule": code, "value": value, "source": source}


def a_file(**campaign: object) -> dict[str, Any]:
    """Return the values of a file with one programme and one campaign."""
    return {
        "authority": "Région",
        "frame": "CPER",
        "programmes": [
            {
                "code": "communes",
                "name": "Communes",
                "since": 2022,
                "source": "brief",
                "campaigns": [{"year": 2023, "name": "2023", "source": "brief", **campaign}],
            }
        ],
    }


def test_a_rule_left_out_is_a_rule_that_does_not_exist() -> None:
    """No rate, no cap, no threshold: none is invented."""
    campaign = ProgrammeFile.model_validate(a_file()).programmes[0].campaigns[0]

    assert (campaign.rules, campaign.votes) == ((), ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": [rule("rate", 30)]},
        {"rules": [rule("rate", Decimal(0))]},
        {"rules": [rule("cap", -1)]},
        {"rules": [rule("rate", Decimal("0.3"), source="")]},
        {"year": 23},
        {"taux": 0.3},
        {"source": ""},
        {"rules": [rule("opens_on", JUNE), rule("closes_on", MARCH)]},
        {"votes": [{"amount_euros": 0, "source": "brief"}]},
    ],
    ids=str,
)
def test_an_impossible_rule_is_refused(wrong: dict[str, object]) -> None:
    """A rate of 30, a cap below zero, an unknown key, a window that closes before it opens."""
    with pytest.raises(ValidationError):
        ProgrammeFile.model_validate(a_file(**wrong))


def test_a_year_has_one_campaign() -> None:
    """Two campaigns of one year would leave a grant without a rule to be held to."""
    values = a_file()
    values["programmes"][0]["campaigns"] *= 2

    with pytest.raises(ValidationError, match="two campaigns of the same year"):
        ProgrammeFile.model_validate(values)


def test_periods_of_one_rule_may_follow_but_not_overlap() -> None:
    """On every day a rule says one thing; the two periods are named."""
    first = {**rule("cap", 30_000), "valid_until": JUNE}
    second = {**rule("cap", 50_000), "valid_from": date(2023, 6, 17)}
    ProgrammeFile.model_validate(a_file(rules=[first, second]))

    with pytest.raises(ValidationError, match=r"two rules cap hold at once: \.\.2023-06-16 and"):
        ProgrammeFile.model_validate(a_file(rules=[first, {**second, "valid_from": JUNE}]))
