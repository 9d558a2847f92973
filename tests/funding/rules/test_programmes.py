"""The shape of programme files."""

from typing import Any

import pytest
from pydantic import ValidationError

from registry.funding.rules import ProgrammeFile


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

    assert (campaign.rate, campaign.cap_euros, campaign.population_below) == (None, None, None)
    assert campaign.votes == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 30},
        {"rate": 0},
        {"cap_euros": -1},
        {"year": 23},
        {"taux": 0.3},
        {"source": ""},
        {"opens_on": "2023-06-16", "closes_on": "2023-03-13"},
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
