"""
Writes verdicts down: one bulk write a batch, and rows only where something changed.

The caller owns the transaction. Each standing is updated only if it still is as it
was read, so that a second monitor started by mistake cannot count time twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue
from registry.clock import whole_second
from registry.errors import Conflict
from registry.monitoring import rules
from registry.monitoring.models import Interval, Outage, Standing
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.queries.rollups import rolled
from registry.monitoring.queries.standings import (
    STANDING_COLUMNS,
    Known,
    known_cameras,
    silent_cameras,
)
from registry.monitoring.rules import Observation, OutageMove, Scheduled, State, Step
from registry.monitoring.rules.darkness import Shift
from registry.monitoring.rules.notices import Happening, Sign, login_turn
from registry.monitoring.service.counters import add_seconds, counted
from registry.monitoring.service.facts import (
    STEADY_COLUMNS,
    new_row,
    state_columns,
    told_columns,
)
from registry.monitoring.service.rollups import mark_stale
from registry.monitoring.service.site_outages import (
    end_orphans,
    with_outage,
    write_site_outages,
)
from registry.monitoring.service.steady import go_on
from registry.monitoring.service.strangers import note_stranger, write_strangers
from registry.monitoring.service.trail import Trail, plain_parameter, table_of, write_trails
from registry.monitoring.service.transitions import leavings, returns
from registry.monitoring.uptime import Span

GRACE_SECONDS = 120


@dataclass(slots=True)
class RecordReport:
    """What came of a batch: what was passed over, which outages moved, what else befell."""

    dropped: int = 0
    repeated: int = 0
    moves: list[tuple[int, OutageMove]] = field(default_factory=list)
    signs: list[tuple[int, Sign]] = field(default_factory=list)


def _trails() -> defaultdict[int, Trail]:
    return defaultdict(Trail)


@dataclass(slots=True)
class _Batch:
    """The rows that a batch will write, gathered before the first of them is."""

    planned: PlannedSpans
    simulated: bool
    rolled_until: int
    report: RecordReport = field(default_factory=RecordReport)
    intervals: defaultdict[int, Trail] = field(default_factory=_trails)
    outages: defaultdict[int, Trail] = field(default_factory=_trails)
    substitutions: defaultdict[int, Trail] = field(default_factory=_trails)
    seconds: defaultdict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    fresh: list[dict[str, Any]] = field(default_factory=list)
    steady: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    stale: dict[int, int] = field(default_factory=dict)
    shifts: defaultdict[int, list[Shift]] = field(default_factory=lambda: defaultdict(list))
    with_outage: set[int] = field(default_factory=set)


def record(
    session: Session, scheduled: Iterable[Scheduled], *, patience: int, simulated: bool = False
) -> RecordReport:
    """
    Fold a batch of verdicts into the standings, and write what it changes.

    A verdict of a camera that is gone is dropped; the same one again changes nothing.

    Raises:
        Conflict: Somebody else has written these standings meanwhile.
    """
    rolled_until = rolled(session).until
    steady = go_on(session, list(scheduled), simulated=simulated, rolled_until=rolled_until)
    ordered = sorted(steady.rest, key=lambda each: (each.verdict.key, each.verdict.at))
    known = known_cameras(session, {each.verdict.key for each in ordered})
    batch = _Batch(_planned(session, known, ordered), simulated, rolled_until)
    batch.seconds = steady.seconds
    batch.with_outage = with_outage(session, _out(known))
    for camera_id, verdicts in groupby(ordered, key=attrgetter("verdict.key")):
        if camera_id in known:
            _fold_camera(batch, known[camera_id], verdicts, patience=patience)
        else:
            batch.report.dropped += sum(1 for _ in verdicts)
    _write(session, batch)
    return batch.report


def lapse_silent(session: Session, *, at: datetime) -> RecordReport:
    """
    End what no verdict has vouched for since `GRACE_SECONDS`: from its hold on, unknown.

    So ends what was told of cameras that are out of service by now, and begins again what
    still holds of those that are back. The grace leaves time to verdicts that are still on
    their way.
    """
    now = int(at.timestamp())
    known = known_cameras(session, silent_cameras(session, before=now - GRACE_SECONDS))
    planned = _planned(session, known, ())
    batch = _Batch(planned, simulated=False, rolled_until=rolled(session).until)
    batch.with_outage = with_outage(session, _out(known))
    for camera in known.values():
        if camera.row is None or camera.state is None:
            continue
        step = rules.lapse(camera.state, at=now)
        if step is not None:
            _note_stretches(batch, camera, camera.state.health, step)
            _count(batch, camera, rules.settled(camera.state, step))
            _note_stale(batch, camera, camera.state, step)
            kept = {"simulated": camera.row["simulated"]}
            _note_standing(batch, camera, state_columns(step.state) | kept)
    _write(session, batch)
    end_orphans(session, at=whole_second(at))
    batch.report.signs += leavings(session, at=at, before=now - GRACE_SECONDS)
    batch.report.signs += returns(session, at=at)
    return batch.report


def _out(known: Mapping[int, Known]) -> Iterator[int]:
    """Yield the cameras that were out before this batch."""
    for camera in known.values():
        if camera.state is not None and rules.is_out(camera.state.health):
            yield camera.camera_id


def _planned(
    session: Session, known: Mapping[int, Known], ordered: Sequence[Scheduled]
) -> PlannedSpans:
    """Read the maintenance that falls into the time which the batch may settle."""
    states = [each.state for each in known.values() if each.state]
    instants = [int(each.verdict.at.timestamp()) for each in ordered]
    earliest = min([state.settled_until for state in states] + instants, default=0)
    latest = max([state.covered_until for state in states] + instants, default=0)
    return planned_spans(session, Span(earliest, latest))


def _fold_camera(
    batch: _Batch, camera: Known, verdicts: Iterable[Scheduled], *, patience: int
) -> None:
    """Fold the verdicts of one camera, oldest first."""
    state = camera.state
    told: dict[str, Any] = {}
    for each in verdicts:
        step = rules.fold(state, _observation(each), patience=patience)
        if step.dropped or step.repeated:
            batch.report.dropped += step.dropped
            batch.report.repeated += step.repeated
            continue
        if step.stretches:
            _note_stretches(batch, camera, state.health if state else None, step)
        before = told.get("serial", camera.row["serial"] if camera.row else "")
        note_stranger(batch.substitutions, step, each.verdict, state, before)
        _count(batch, camera, rules.settled(state, step))
        _note_stale(batch, camera, state, step)
        state = step.state
        login = told.get("authentication", camera.row and camera.row["authentication"])
        told |= told_columns(each, state)
        turn = login_turn(login, told["authentication"]) if "authentication" in told else None
        _note_signs(batch, camera.camera_id, step, turn)
    if state is not None and state is not camera.state:
        _note_standing(batch, camera, told | state_columns(state))


def _observation(each: Scheduled) -> Observation:
    verdict = each.verdict
    mismatch = Issue.IDENTITY_MISMATCH in verdict.issues if verdict.identity else None
    hold = rules.hold_of(each.delay_seconds)
    return Observation(int(verdict.at.timestamp()), verdict.health, verdict.reason, hold, mismatch)


def _note_stretches(batch: _Batch, camera: Known, health: Health | None, step: Step) -> None:
    """Gather the intervals that a step ends and begins, and the outages with them."""
    intervals, outages = batch.intervals[camera.camera_id], batch.outages[camera.camera_id]
    if step.closes_at is not None:
        intervals.change(ended_at=step.closes_at)
    for stretch in step.stretches:
        intervals.open(
            health=stretch.health,
            reason=stretch.reason,
            started_at=stretch.start,
            ended_at=stretch.end,
            simulated=batch.simulated,
        )
    for move in rules.outage_moves(health, step):
        batch.report.moves.append((camera.camera_id, move))
        _note_shift(batch, camera.site_id, health, move)
        _note_outage(batch, camera, outages, move)
        health = move.health


def _note_shift(batch: _Batch, site_id: int, before: Health | None, move: OutageMove) -> None:
    """Gather that a camera became unreachable, or is so no more: that is its site's outage."""
    was_dark, is_dark = before is Health.UNREACHABLE, move.health is Health.UNREACHABLE
    if was_dark is not is_dark:
        batch.shifts[site_id].append(Shift(move.at, is_dark, move.health))


def _note_outage(batch: _Batch, camera: Known, outages: Trail, move: OutageMove) -> None:
    """
    Gather what becomes of the camera's own outage.

    It opens only while the gateway answers; once open it goes on, whatever the cause.
    """
    has_one = camera.camera_id in batch.with_outage
    if move.closed:
        batch.with_outage.discard(camera.camera_id)
        outages.change(ended_at=move.at, ended_by=move.health)
    elif has_one:
        outages.change(health=move.health, reason=move.reason)
    elif move.health is Health.DOWN:
        batch.with_outage.add(camera.camera_id)
        outages.open(
            site_id=camera.site_id,
            health=move.health,
            reason=move.reason,
            started_at=move.at,
            ended_at=None,
            ended_by=None,
            acknowledged_by="",
            note="",
            simulated=batch.simulated,
        )


def _note_signs(batch: _Batch, camera_id: int, step: Step, login: Happening | None) -> None:
    """Gather that another unit answers, or no longer does, and what became of the login."""
    health, signs = step.state.health, batch.report.signs
    if step.returned_at is not None:
        signs.append((camera_id, Sign(step.returned_at, Happening.RETURNED, health)))
    if step.substituted_from is not None:
        signs.append((camera_id, Sign(step.substituted_from, Happening.SWAPPED, health)))
    if login is not None:
        signs.append((camera_id, Sign(step.state.last_at, login, health)))


def _count(batch: _Batch, camera: Known, stretches: Iterable[rules.Stretch]) -> None:
    """Gather the seconds that a step settles."""
    planned = batch.planned.of(camera.site_id, camera.camera_id)
    for stretch in stretches:
        for state, number in counted(stretch, service=camera.service, planned=planned):
            batch.seconds[camera.site_id, state.value] += number


def _note_stale(batch: _Batch, camera: Known, before: State | None, step: Step) -> None:
    """Note from when on a site's rollups are wrong, where the step reaches into them."""
    since = rules.changes_from(before, step)
    if since is not None and since < batch.rolled_until:
        batch.stale[camera.site_id] = min(since, batch.stale.get(camera.site_id, since))


def _note_standing(batch: _Batch, camera: Known, columns: dict[str, Any]) -> None:
    """Choose the statement that writes a standing: most only move on in time."""
    before = camera.row
    if before is None:
        first = batch.intervals[camera.camera_id].rows[0]["started_at"]
        blank = new_row(camera.camera_id, first, simulated=batch.simulated)
        batch.fresh.append(blank | columns)
        return
    columns.setdefault("simulated", batch.simulated)
    changed = {name for name, value in columns.items() if value != before[name]}
    row = {f"to_{name}": value for name, value in (before | columns).items()}
    row |= {"of_camera": camera.camera_id, "of_last_at": before["last_at"]}
    (batch.steady if changed <= STEADY_COLUMNS else batch.moved).append(row)


def _write(session: Session, batch: _Batch) -> None:
    """Write what was gathered."""
    write_site_outages(session, batch.shifts, simulated=batch.simulated)
    update_standings(session, sorted(STEADY_COLUMNS), batch.steady)
    update_standings(session, [n for n in STANDING_COLUMNS if n != "camera_id"], batch.moved)
    if batch.fresh:
        table = table_of(Standing)
        values = {name: plain_parameter(table, name) for name in STANDING_COLUMNS}
        session.execute(insert(table).values(values), batch.fresh)
    write_trails(session, Interval, batch.intervals)
    write_trails(session, Outage, batch.outages)
    write_strangers(session, batch.substitutions, simulated=batch.simulated)
    add_seconds(session, batch.seconds)
    for site_id, since in batch.stale.items():
        mark_stale(session, [site_id], Span(since, batch.rolled_until))


def update_standings(
    session: Session, names: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """
    Update standings that still are as they were read.

    Raises:
        Conflict: One of them is not: nothing of the batch may be kept.
    """
    if not rows:
        return
    table = table_of(Standing)
    keys = [*(f"to_{name}" for name in names), "of_camera", "of_last_at"]
    result = session.connection().execute(
        update(table)
        .where(
            table.c.camera_id == bindparam("of_camera"),
            table.c.last_at == plain_parameter(table, "last_at", "of_"),
        )
        .values({name: plain_parameter(table, name, "to_") for name in names}),
        [{key: row[key] for key in keys} for row in rows],
    )
    if result.rowcount != len(rows):
        raise Conflict(f"{len(rows) - result.rowcount} standings were written by somebody else")
