"""Contracts are judged on seconds, and not at all without evidence."""

import pytest

from registry.monitoring.queries.contracts import Judgement, Outcome, judge
from registry.monitoring.uptime import Tally


@pytest.mark.parametrize(
    ("tally", "outcome", "reasons"),
    [
        (Tally(up=9_950, down=50), Outcome.MET, ()),
        (Tally(up=9_949, down=51), Outcome.NOT_MET, ("under_target",)),
        (Tally(up=9_000, unknown=1_000), Outcome.MET, ()),
        (Tally(up=8_999, unknown=1_001), Outcome.INSUFFICIENT, ("coverage_under_floor",)),
        (Tally(planned=60), Outcome.INSUFFICIENT, ("all_planned",)),
        (Tally(unreachable=60), Outcome.INSUFFICIENT, ("nothing_known",)),
    ],
)
def test_a_contract_is_judged_in_whole_seconds(
    tally: Tally, outcome: Outcome, reasons: tuple[str, ...]
) -> None:
    """At the target it is met, a second under it is not, and without evidence neither."""
    assert judge(tally, target_points=9_950, floor_points=9_000) == Judgement(outcome, reasons)
