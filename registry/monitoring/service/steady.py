"""
The quick way for a verdict that says what the one before it said: nearly all of them.

Nothing changes then but how far the camera's time reaches. Few columns are read and
written, without an object for each; whatever is not plainly so is left to the fold,
and a test holds both ways to the same rows. PostgreSQL compares by itself
(`steady_at_once`); for SQLite it is done here (`steady_by_row`).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from registry.monitoring.rules import Scheduled
from registry.monitoring.service.counters import Seconds
from registry.monitoring.service.steady_at_once import move_at_once
from registry.monitoring.service.steady_by_row import find_steady, write_moved
from registry.monitoring.service.steady_terms import proves, terms_of


@dataclass(slots=True)
class Steady:
    """What the quick way leaves: seconds that are still to be counted, verdicts to be folded."""

    seconds: Seconds = field(default_factory=lambda: defaultdict(int))
    rest: list[Scheduled] = field(default_factory=list)


def go_on(
    session: Session, scheduled: Sequence[Scheduled], *, simulated: bool, rolled_until: int
) -> Steady:
    """
    Move on the standings whose verdict changes nothing; leave the others to the fold.

    A camera with several verdicts in a batch, planned time in what is settled, a day
    of commissioning or retirement, a login that was put to the proof, a hold that ended
    in time already rolled up: all these take the long way.

    Raises:
        Conflict: Somebody else has written these standings meanwhile (SQLite; on
            PostgreSQL they are left to the fold).
    """
    left = Steady()
    numbers = Counter(each.verdict.key for each in scheduled)
    plain = [each for each in scheduled if numbers[each.verdict.key] == 1 and not proves(each)]
    done = _move_on(session, plain, left.seconds, simulated=simulated, rolled_until=rolled_until)
    left.rest = [each for each in scheduled if each.verdict.key not in done]
    return left


def _move_on(
    session: Session,
    plain: Sequence[Scheduled],
    seconds: Seconds,
    *,
    simulated: bool,
    rolled_until: int,
) -> frozenset[int]:
    """Move on what the database's way finds; return the cameras that are done with."""
    if not plain:
        return frozenset()
    terms = terms_of(session, plain, simulated=simulated, rolled_until=rolled_until)
    if session.get_bind().dialect.name == "postgresql":
        return move_at_once(session, terms)
    moved = find_steady(session, terms, seconds)
    write_moved(session, moved)
    return frozenset(row[-2] for row in moved)
