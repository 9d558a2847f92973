"""
The quick way for a verdict that says what the one before it said: nearly all of them.

Nothing changes then but how far the camera's time reaches. Few columns are read and
written, without an object for each; whatever is not plainly so is left to the fold,
and a test holds both ways to the same rows. PostgreSQL compares by itself
(`steady_at_once`); SQLite is no server, and reading it is cheap.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Integer, String, select, type_coerce
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue, Verdict
from registry.errors import Conflict
from registry.fleet.models import Camera
from registry.monitoring.models import Standing
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.queries.standings import among, seconds_of, service_bounds
from registry.monitoring.rules import Scheduled, hold_of
from registry.monitoring.service.steady_at_once import move_at_once
from registry.monitoring.uptime import Span


class Facts(NamedTuple):
    """
    What is read of a camera and its standing, as the driver hands it over.

    Instants are in seconds, words as they are, days and the age of a credential as text;
    no or yes is 0 or 1. To turn ten thousand of each, of which hardly any is looked at,
    took a quarter of the reading.
    """

    camera_id: int
    site_id: int
    commissioned_on: str | None
    retired_on: str | None
    health: str
    reason: str | None
    since: int
    reachable: bool
    issues: str
    last_at: int
    covered_until: int
    held_until: int
    dissent: int
    mismatches: int
    substituted: bool
    last_up_at: int | None
    identified_at: int | None
    authentication: str
    refused_credential_at: str | None
    clock_offset_seconds: float | None
    manufacturer: str
    model: str
    firmware: str
    serial: str
    simulated: bool


_FACTS = (
    select(
        Camera.id,
        Camera.site_id,
        type_coerce(Camera.commissioned_on, String),
        type_coerce(Camera.retired_on, String),
        type_coerce(Standing.health, String),
        type_coerce(Standing.reason, String),
        seconds_of(Standing.since),
        type_coerce(Standing.reachable, Integer),
        Standing.issues,
        seconds_of(Standing.last_at),
        seconds_of(Standing.last_at) + Standing.hold_seconds,
        seconds_of(Standing.held_until),
        Standing.dissent,
        Standing.mismatches,
        type_coerce(Standing.substituted, Integer),
        seconds_of(Standing.last_up_at),
        seconds_of(Standing.identified_at),
        type_coerce(Standing.authentication, String),
        type_coerce(Standing.refused_credential_at, String),
        Standing.clock_offset_seconds,
        Standing.manufacturer,
        Standing.model,
        Standing.firmware,
        Standing.serial,
        type_coerce(Standing.simulated, Integer),
    )
    .select_from(Standing)
    .join(Camera, Camera.id == Standing.camera_id)
)

Moved = tuple[int, int, int, int, int | None, int | None, float | None, int, int]

# What moves, then the camera and the instant that its standing must still have.
_MOVE_EACH = (
    "UPDATE standings SET last_at = ?, hold_seconds = ?, held_until = ?, settled_until = ?,"
    " last_up_at = ?, identified_at = ?, clock_offset_seconds = ?"
    " WHERE camera_id = ? AND last_at = ?"
)


@dataclass(slots=True)
class Steady:
    """What the quick way leaves: seconds that are still to be counted, verdicts to be folded."""

    seconds: defaultdict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    rest: list[Scheduled] = field(default_factory=list)


def go_on(
    session: Session, scheduled: Sequence[Scheduled], *, simulated: bool, rolled_until: int
) -> Steady:
    """
    Move on the standings whose verdict changes nothing; leave the others to the fold.

    A camera with several verdicts in a batch, planned time in what is settled, a day
    of commissioning or retirement, a hold that ended in time already rolled up: all
    these take the long way.

    Raises:
        Conflict: Somebody else has written these standings meanwhile (SQLite; on
            PostgreSQL they are left to the fold).
    """
    left = Steady()
    single = _single(scheduled, left.rest)
    if session.get_bind().dialect.name == "postgresql":
        done = move_at_once(
            session, single.values(), simulated=simulated, rolled_until=rolled_until
        )
    else:
        moved = sift(session, single, left.seconds, simulated=simulated, rolled_until=rolled_until)
        write_moved(session, moved)
        done = frozenset(row[-2] for row in moved)
    left.rest += (each for key, each in single.items() if key not in done)
    return left


def sift(
    session: Session,
    single: Mapping[int, Scheduled],
    seconds: defaultdict[tuple[int, str], int],
    *,
    simulated: bool,
    rolled_until: int,
) -> list[Moved]:
    """Find the verdicts that only go on, as rows to write, and add their seconds."""
    facts = _facts(session, single)
    planned = _planned(session, facts)
    bounds: dict[tuple[str | None, ...], Span] = {}
    moved = []
    for known in facts:
        each = single[known.camera_id]
        at = int(each.verdict.at.timestamp())
        days = known[2:4]
        if days not in bounds:
            bounds[days] = service_bounds(*map(_day, days))
        if (
            known.simulated == simulated
            and known.held_until >= rolled_until
            and _goes_on(known, each.verdict, at)
            and _is_counted(known, at, bounds[days], planned)
            and _says_the_same(known, each.verdict)
            and _trusts_the_same(known, each)
        ):
            moved.append(_moved(known, each, at))
            seconds[known.site_id, known.health] += at - max(known.since, known.last_at)
    return moved


def write_moved(session: Session, rows: Sequence[Moved]) -> None:
    """
    Move standings on that still are as they were read.

    Raises:
        Conflict: One of them is not: nothing of the batch may be kept.
    """
    if not rows:
        return
    result = session.connection().exec_driver_sql(_MOVE_EACH, list(rows))
    if result.rowcount != len(rows):
        raise Conflict(f"{len(rows) - result.rowcount} standings were written by somebody else")


def _single(scheduled: Sequence[Scheduled], rest: list[Scheduled]) -> dict[int, Scheduled]:
    """Keep the verdicts of cameras that have but one; the others go to the rest."""
    single = {each.verdict.key: each for each in scheduled}
    if len(single) < len(scheduled):
        numbers = Counter(each.verdict.key for each in scheduled)
        rest += (each for each in scheduled if numbers[each.verdict.key] > 1)
        single = {key: each for key, each in single.items() if numbers[key] == 1}
    return single


def _facts(session: Session, single: Mapping[int, Scheduled]) -> list[Facts]:
    # On the connection: the session would make an object's loader of each row.
    question = _FACTS.where(among(session, Standing.camera_id, single))
    return list(map(Facts._make, session.connection().execute(question).all()))


def _day(kept: str | None) -> date | None:
    return None if kept is None else date.fromisoformat(kept)


def _instant(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept).replace(tzinfo=UTC)


def _planned(session: Session, facts: Sequence[Facts]) -> PlannedSpans:
    """Read what is planned from the oldest of the last verdicts on."""
    if not facts:
        return PlannedSpans({}, {})
    latest = max(known.covered_until for known in facts)
    return planned_spans(session, Span(min(known.last_at for known in facts), latest))


def _goes_on(known: Facts, verdict: Verdict, at: int) -> bool:
    """Tell whether the state just goes on: no gap, nothing pending, no other cause."""
    return (
        known.health == verdict.health
        and known.reason == verdict.reason
        and known.last_at < at <= known.covered_until
        and known.since < at
        and not known.dissent
    )


def _is_counted(known: Facts, at: int, service: Span, planned: PlannedSpans) -> bool:
    """Tell whether all the time that is settled counts at the site as what was seen."""
    if not service.start <= known.last_at < at <= service.end:
        return False
    return not planned.of(known.site_id, known.camera_id)


def _says_the_same(known: Facts, verdict: Verdict) -> bool:
    """Tell whether issues and identity are what the standing holds."""
    issues, seen = verdict.issues, verdict.identity
    if known.reachable != verdict.reachable:
        return False
    if known.issues != (",".join(sorted(issues)) if issues else ""):
        return False
    if seen is None:
        return True
    is_other = Issue.IDENTITY_MISMATCH in issues
    if is_other != known.substituted or (known.mismatches and not is_other):
        return False
    return (
        known.serial == seen.serial[:80]
        and known.firmware == seen.firmware[:80]
        and known.model == seen.model[:120]
        and known.manufacturer == seen.manufacturer[:80]
    )


def _trusts_the_same(known: Facts, each: Scheduled) -> bool:
    """Tell whether nothing new was learned of the credential."""
    verdict = each.verdict
    if verdict.health is not Health.UP:
        return True
    told = verdict.authentication
    if told is Authentication.NONE:
        return known.authentication == told
    if known.authentication != told or each.proving:
        return False
    refused = each.credential_changed_at if told is Authentication.FAILED else None
    return _instant(known.refused_credential_at) == refused


def _moved(known: Facts, each: Scheduled, at: int) -> Moved:
    """Return what is written of a standing that goes on."""
    verdict = each.verdict
    hold = hold_of(each.delay_seconds)
    is_known = verdict.identity is not None and not known.substituted
    offset = verdict.clock_offset_seconds
    return (
        at,
        hold,
        at + hold,
        at,
        at if verdict.health is Health.UP else known.last_up_at,
        at if is_known else known.identified_at,
        known.clock_offset_seconds if offset is None else offset,
        known.camera_id,
        known.last_at,
    )
