"""Whether what a contract promises was kept, judged on the seconds of a tally."""

from dataclasses import dataclass
from enum import StrEnum

from registry.monitoring.uptime import Tally

POINTS = 10_000


class Outcome(StrEnum):
    """What a contract's target comes to."""

    MET = "met"
    NOT_MET = "not met"
    INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome, and why it is no better."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()


def judge(tally: Tally, *, target_points: int, floor_points: int) -> Judgement:
    """
    Hold an availability to a contract's target, in whole seconds.

    Args:
        tally: The seconds of what the contract covers.
        target_points: The device availability that is owed, in basis points (9950 is
            99.5 %).
        floor_points: The coverage under which nothing is judged, in basis points.
    """
    ratio, coverage = tally.device_availability, tally.coverage
    missing = tuple(str(each.reason) for each in (ratio, coverage) if each.reason)
    if missing:
        return Judgement(Outcome.INSUFFICIENT, tuple(dict.fromkeys(missing)))
    if coverage.part * POINTS < floor_points * coverage.whole:
        return Judgement(Outcome.INSUFFICIENT, ("coverage_under_floor",))
    if ratio.part * POINTS < target_points * ratio.whole:
        return Judgement(Outcome.NOT_MET, ("under_target",))
    return Judgement(Outcome.MET)
