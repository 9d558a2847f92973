"""How long the funded devices themselves were up: the ledger of what the money bought."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from probes.verdict import normalise_serial
from registry.fleet.models import Device
from registry.monitoring.models import Substitution
from registry.monitoring.queries.ledger import Life, lives
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.queries.standings import FOREVER, batched, seconds_of
from registry.monitoring.queries.sums import hull
from registry.monitoring.uptime import Reckoning, Span, Tally, device_tally, transitions


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that is or was mounted at a position, and for how long."""

    mounted: Span
    serial: str


@dataclass(frozen=True, slots=True)
class Swap:
    """A stretch in which a unit answered that was not the registered one."""

    span: Span
    serial: str


def device_tallies(session: Session, camera_ids: Sequence[int], window: Span) -> dict[int, Tally]:
    """
    Tally the units of some cameras, each while it was mounted.

    A camera without a unit, or never probed, has no tally.
    """
    found = device_reckonings(session, camera_ids, [window])
    return {camera_id: reckoning.tally for camera_id, (reckoning,) in found.items()}


def device_reckonings(
    session: Session, camera_ids: Sequence[int], windows: Sequence[Span], *, on_time: bool = False
) -> dict[int, list[Reckoning]]:
    """
    Reckon the units of some cameras in several windows, each unit while it was mounted.

    With `on_time` as if nobody had entered planned time once it had passed.

    Time in which another unit answered is substituted, never up. What the register
    learns later counts from when it was so: a unit that answered as a stranger, and is
    registered since from that day on, is no stranger to itself.
    """
    scope = hull(windows)
    planned = planned_spans(session, scope, on_time=on_time)
    found: dict[int, list[Reckoning]] = {}
    for chunk in batched(camera_ids):
        units = units_of(session, chunk)
        swaps = swaps_of(session, chunk, scope)
        for life in lives(session, chunk, scope):
            if life.camera_id in units:
                mine = units[life.camera_id], swaps.get(life.camera_id, ())
                found[life.camera_id] = list(_reckon(life, *mine, windows, planned))
    return found


def _reckon(
    life: Life,
    units: Sequence[Unit],
    swaps: Sequence[Swap],
    windows: Sequence[Span],
    planned: PlannedSpans,
) -> Iterator[Reckoning]:
    spans = planned.of(life.site_id, life.camera_id)
    for window in windows:
        total = Reckoning()
        stretches = life.near(window)
        for unit in units:
            service = life.service.cut(unit.mounted)
            if window.cut(service).length:
                tally = device_tally(
                    window,
                    stretches,
                    service=service,
                    planned=spans,
                    substituted=strangers(unit, swaps),
                )
                changes = transitions(window, stretches, service=service)
                total += Reckoning(tally, changes)
        yield total


def strangers(unit: Unit, swaps: Sequence[Swap]) -> list[Span]:
    """Return when another unit than this one answered."""
    return [swap.span for swap in swaps if not swap.serial or swap.serial != unit.serial]


def units_of(session: Session, camera_ids: Sequence[int]) -> dict[int, list[Unit]]:
    """Return the units that are or were mounted at some cameras, in order."""
    rows = session.execute(
        select(Device.camera_id, Device.mounted_at, Device.removed_at, Device.normalised_serial)
        .where(Device.camera_id.in_(camera_ids))
        .order_by(Device.mounted_at)
    )
    units: dict[int, list[Unit]] = {}
    for camera_id, mounted_at, removed_at, serial in rows:
        mounted = Span(_second(mounted_at), FOREVER if removed_at is None else _second(removed_at))
        units.setdefault(camera_id, []).append(Unit(mounted, serial))
    return units


def _second(instant: datetime) -> int:
    return int(instant.timestamp())


def swaps_of(
    session: Session, camera_ids: Sequence[int], window: Span
) -> defaultdict[int, list[Swap]]:
    """Return when other units than the registered ones answered, within a window."""
    start = seconds_of(Substitution.started_at)
    # One that lasts is good to the end of the window: what was not seen in it is
    # unknown, not substituted, and the ledger takes care of that.
    end = func.coalesce(seconds_of(Substitution.ended_at), window.end)
    rows = session.execute(
        select(Substitution.camera_id, start, end, Substitution.serial).where(
            Substitution.camera_id.in_(camera_ids), start < window.end, end > window.start
        )
    )
    swaps: defaultdict[int, list[Swap]] = defaultdict(list)
    for camera_id, started_at, ended_at, serial in rows:
        swaps[camera_id].append(Swap(Span(started_at, ended_at), normalise_serial(serial)))
    return swaps
