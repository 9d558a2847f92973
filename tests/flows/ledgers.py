"""What must hold of the record at any moment, whoever died while writing it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera
from registry.monitoring.models import (
    Interval,
    Outage,
    SiteCounter,
    SiteState,
    Standing,
    Transition,
)
from registry.monitoring.queries.ledger import lives, reckon
from registry.monitoring.queries.rollups import site_reckonings
from registry.monitoring.rules.notices import Happening
from registry.monitoring.uptime import Span, Tally, position_tally, sum_tallies

OUT = frozenset({Health.DOWN, Health.UNREACHABLE})
Counters = Mapping[tuple[int, SiteState], int]


def second(instant: datetime) -> int:
    """Return an instant as seconds since 1970."""
    return int(instant.timestamp())


def counters(session: Session) -> Counters:
    """Read every counter."""
    rows = session.execute(select(SiteCounter.site_id, SiteCounter.state, SiteCounter.seconds))
    return {(site_id, state): seconds for site_id, state, seconds in rows}


def hold_the_record(session: Session, *, now: datetime, longest_hold: int) -> None:
    """See that all of it is whole: each camera's partition, each outage, each sum."""
    standings, intervals = hold_the_partitions(session)
    for standing in standings.values():
        assert standing.last_at <= now
        assert standing.hold_seconds <= longest_hold
        assert second(standing.held_until) <= second(standing.last_at) + standing.hold_seconds
    _hold_the_outages(session, intervals)
    _hold_the_sums(session, standings, now=second(now))
    _hold_the_counters(session, standings)


def hold_the_partitions(
    session: Session,
) -> tuple[dict[int, Standing], Mapping[int, Sequence[Interval]]]:
    """See each camera's time in one piece; return standings and intervals by camera."""
    standings = {row.camera_id: row for row in session.scalars(select(Standing))}
    intervals: defaultdict[int, list[Interval]] = defaultdict(list)
    for row in session.scalars(select(Interval).order_by(Interval.started_at)):
        intervals[row.camera_id].append(row)
    assert intervals.keys() == standings.keys()
    for camera_id, standing in standings.items():
        _hold_the_partition(intervals[camera_id], standing)
    return standings, intervals


def _hold_the_partition(rows: Sequence[Interval], standing: Standing) -> None:
    """See that intervals meet from the first verdict on, and that the standing is the last."""
    assert rows[0].started_at == standing.began_at
    assert all(one.ended_at == other.started_at for one, other in pairwise(rows))
    # Compact as written: no two that meet could be one.
    assert all(one.health is not other.health for one, other in pairwise(rows))
    last = rows[-1]
    assert (last.ended_at, last.started_at, last.health) == (None, standing.since, standing.health)


def _hold_the_outages(session: Session, intervals: Mapping[int, Sequence[Interval]]) -> None:
    """See one outage, one beginning and one end told, for each time that a camera was out."""
    outages, told = defaultdict(list), defaultdict(list)
    for outage in session.scalars(select(Outage).order_by(Outage.started_at)):
        outages[outage.camera_id].append((outage.started_at, outage.ended_at))
    for row in session.scalars(select(Transition).order_by(Transition.id)):
        if row.happening is not Happening.CHANGED:
            told[row.camera_id].append((row.at, row.happening is Happening.OPENED))
    assert outages.keys() <= intervals.keys()
    for camera_id, rows in intervals.items():
        was_out = _out(rows)
        assert outages[camera_id] == was_out
        assert told[camera_id] == [
            (at, begins)
            for start, end in was_out
            for at, begins in ((start, True), (end, False))
            if at is not None
        ]


def _out(rows: Iterable[Interval]) -> list[tuple[datetime, datetime | None]]:
    """Return from when until when a camera was out, whatever the cause."""
    found: list[tuple[datetime, datetime | None]] = []
    for row in rows:
        if row.health not in OUT:
            continue
        if found and found[-1][1] == row.started_at:
            found[-1] = (found[-1][0], row.ended_at)
        else:
            found.append((row.started_at, row.ended_at))
    return found


def _hold_the_sums(session: Session, standings: Mapping[int, Standing], *, now: int) -> None:
    """See every second in one bucket up to now, by camera and by site, however it is summed."""
    window = Span(min(second(row.began_at) for row in standings.values()), now)
    cameras = reckon(session, [window], Camera.id)
    homes = dict(session.execute(select(Camera.id, Camera.site_id)).all())
    by_site: defaultdict[int, list[Tally]] = defaultdict(list)
    for camera_id, standing in standings.items():
        (reckoning,) = cameras[camera_id]
        assert reckoning.tally.total == now - second(standing.began_at)
        by_site[homes[camera_id]].append(reckoning.tally)
    sites = site_reckonings(session, [window])
    for site_id, tallies in by_site.items():
        assert sites[site_id][0].tally == sum_tallies(tallies)


def _hold_the_counters(session: Session, standings: Mapping[int, Standing]) -> None:
    """See that the counters hold what the ledger says, each camera up to its watermark."""
    first = min(second(row.began_at) for row in standings.values())
    last = max(second(row.settled_until) for row in standings.values())
    expected: defaultdict[tuple[int, SiteState], int] = defaultdict(int)
    for life in lives(session, sorted(standings), Span(first, max(first, last) + 1)):
        settled = Span(first, second(standings[life.camera_id].settled_until))
        tally = position_tally(settled, life.stretches, service=life.service)
        for state in (SiteState.UP, SiteState.DOWN, SiteState.UNREACHABLE, SiteState.UNKNOWN):
            expected[life.site_id, state] += getattr(tally, state.value)
    counted = counters(session)
    assert {key: seconds for key, seconds in counted.items() if seconds} == {
        key: seconds for key, seconds in expected.items() if seconds
    }


def known_seconds(session: Session, camera_id: int, span: Span) -> int:
    """Count the seconds of a span of which anything is told of a camera."""
    if not span.length:
        return 0
    (life,) = lives(session, [camera_id], span)
    tally = position_tally(span, life.stretches, service=life.service)
    return tally.up + tally.down + tally.unreachable
