"""
One outage of a site instead of one for each of its cameras.

Unreachable means that the site's gateway did not answer either: that is the site's
outage. It lasts from the first camera that becomes unreachable to the last that is so
no more. A camera that is down while the gateway answers has an outage of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from probes.verdict import Health


@dataclass(frozen=True, slots=True)
class Shift:
    """A camera becomes unreachable (`entered`), or is so no more; `health` holds from then."""

    at: int
    entered: bool
    health: Health


@dataclass(frozen=True, slots=True)
class Darkness:
    """An outage of a site [start, end); `end` is None while it lasts."""

    start: int
    end: int | None = None
    ended_by: Health | None = None


def sweep(last: Darkness | None, unreachable: int, shifts: Iterable[Shift]) -> list[Darkness]:
    """
    Fold the shifts of a site's cameras into its outages, in order of time.

    Patience makes some shifts known late: one that lies before the end of the last
    outage goes on with that, so that no outage is told twice.

    Args:
        last: The site's last outage so far; the first one of the answer is it, changed.
        unreachable: How many of its cameras were unreachable before these shifts.
        shifts: In any order.

    Returns:
        What the last outage has become (if there was one), and those that follow it.
    """
    told = [] if last is None else [last]
    # At one instant first who enters, then who leaves: a handover is no recovery.
    for shift in sorted(shifts, key=lambda each: (each.at, not each.entered)):
        if shift.entered:
            unreachable += 1
            _enter(told, shift)
        else:
            unreachable = max(0, unreachable - 1)
            if not unreachable and told and told[-1].end is None:
                end = max(shift.at, told[-1].start + 1)
                told[-1] = replace(told[-1], end=end, ended_by=shift.health)
    return told


def _enter(told: list[Darkness], shift: Shift) -> None:
    if told and (told[-1].end is None or shift.at <= told[-1].end):
        start = min(told[-1].start, shift.at)
        told[-1] = Darkness(start)
    else:
        told.append(Darkness(shift.at))
