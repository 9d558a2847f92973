"""
What is known of every camera, held between two renderings of the metrics pages.

The monitor tells which cameras it has written of; only their standings are read again.
Everything is read anew now and then, so nothing that slipped by stays wrong for long.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from sys import intern
from threading import Lock

from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.exposition.text import escaped
from registry.monitoring.queries.boards import (
    CameraRow,
    SiteRow,
    StandingRow,
    camera_rows,
    site_rows,
    standing_rows,
)
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.queries.standings import service_bounds
from registry.monitoring.rules import Shown
from registry.monitoring.uptime import Span

# A change is stamped before its transaction commits: look a little further back.
OVERLAP = timedelta(seconds=30)
CAMERAS_PER_SHARD = 25_000
# Reading 100,000 cameras anew takes a second: it only catches what slipped by.
RELOAD_SECONDS = 300
PLACES: Mapping[Shown, int] = {shown: place for place, shown in enumerate(Shown)}
_UP, _DEGRADED, _UNKNOWN = PLACES[Shown.UP], PLACES[Shown.DEGRADED], PLACES[Shown.UNKNOWN]
_MAINTENANCE = PLACES[Shown.MAINTENANCE]
# Many cameras share their days; turning a day into an instant costs microseconds.
_bounds = lru_cache(maxsize=4_096)(service_bounds)
_PLACE_OF_HEALTH = {health.value: PLACES[Shown(health.value)] for health in Health}


@dataclass(slots=True)
class Seat:
    """
    One camera in service or to be, and what its last verdict said.

    `labels` are those of its series, without braces; `offset` is written out, empty
    where it is unknown; `shown` is its place in `PLACES` when the board was last judged,
    None while it is not in service.
    """

    camera_id: int
    site_id: int
    start: int
    end: int
    labels: str
    declared: tuple[str, str, str]
    place: int = _UNKNOWN
    issues: str = ""
    last_at: int = 0
    covered_until: int = 0
    offset: str = ""
    observed: tuple[str, str] = ("", "")
    shown: int | None = None
    _info: str = ""

    @property
    def info(self) -> str:
        """The labels of its info series: what answered, else what is registered."""
        if not self._info:
            self._info = self._write_info()
        return self._info

    def take(self, row: StandingRow) -> None:
        """Take over what the last verdict left; what it wrote before stays if it still holds."""
        self.place = _PLACE_OF_HEALTH[row.health]
        self.issues = intern(row.issues)
        self.last_at = row.last_at
        self.covered_until = row.last_at + row.hold_seconds
        offset = row.clock_offset_seconds
        self.offset = "" if offset is None else f"{offset:.3f}"
        if self.observed != (row.model, row.firmware):
            self.observed = intern(row.model), intern(row.firmware)
            self._info = ""

    def _write_info(self) -> str:
        grant, model, firmware = self.declared
        seen_model, seen_firmware = self.observed
        return (
            f'{self.labels},model="{escaped(seen_model or model)}"'
            f',firmware="{escaped(seen_firmware or firmware)}",grant="{escaped(grant)}"'
        )


@dataclass(slots=True)
class SiteCount:
    """The cameras in service at one site by what is shown of them, and their issues."""

    shown: list[int] = field(default_factory=lambda: [0] * len(Shown))
    issues: dict[str, int] = field(default_factory=dict)


class Board:
    """Holds every camera's seat; one thread renders, another tells what it has written."""

    def __init__(self, *, reload_seconds: float = RELOAD_SECONDS, only: str | None = None) -> None:
        """Start empty; read everything (or `only` one site) anew every `reload_seconds`."""
        self._only = only
        self._reload = timedelta(seconds=reload_seconds)
        self._lock = Lock()
        self._touched: set[int] = set()
        self._loaded_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._seats: dict[int, Seat] = {}
        self._sites: dict[int, SiteRow] = {}
        self.shards = 1

    @property
    def sites(self) -> Iterable[SiteRow]:
        """Every site, in the order of their public identifiers."""
        return self._sites.values()

    def touch(self, camera_ids: Iterable[int]) -> None:
        """Note that something was written of these cameras; called by the writing thread."""
        with self._lock:
            self._touched.update(camera_ids)

    def refresh(self, session: Session, *, at: datetime) -> None:
        """Read what has changed since the last look, or everything when that is due."""
        with self._lock:
            touched, self._touched = self._touched, set()
        if self._loaded_at is None or self._looked_at is None or self._is_due(at):
            self._load(session)
            self._loaded_at = at
        else:
            changed = camera_rows(session, changed_since=self._looked_at - OVERLAP)
            if any(row.site_id not in self._sites for row in changed):
                self._take_sites(session)
            fresh = self._take_cameras(changed)
            self._take_standings(standing_rows(session, touched | fresh))
        self._looked_at = at

    def judge(self, session: Session, *, at: datetime) -> Mapping[int, SiteCount]:
        """Say of every camera what is shown of it at an instant, and count by site."""
        now = int(at.timestamp())
        planned = planned_spans(session, Span(now, now + 1))
        counts: dict[int, SiteCount] = {}
        for seat in self._seats.values():
            seat.shown = None
            if not seat.start <= now < seat.end:
                continue
            shown = seat.shown = _shown(seat, now, planned)
            count = counts.get(seat.site_id)
            if count is None:
                count = counts[seat.site_id] = SiteCount()
            count.shown[shown] += 1
            if shown == _DEGRADED:
                for issue in seat.issues.split(","):
                    count.issues[issue] = count.issues.get(issue, 0) + 1
        return counts

    def shard(self, number: int) -> Iterator[Seat]:
        """Yield the judged seats of one shard that are in service; a site is never split."""
        mine = {row.site_id for row in self.sites if shard_of(row.public_id, self.shards) == number}
        for seat in self._seats.values():
            if seat.site_id in mine and seat.shown is not None:
                yield seat

    def _is_due(self, at: datetime) -> bool:
        return self._loaded_at is None or at - self._loaded_at >= self._reload

    def _load(self, session: Session) -> None:
        self._take_sites(session)
        self._seats = {}
        if self._only is None:
            self._take_cameras(camera_rows(session))
            self._take_standings(standing_rows(session))
        else:
            for site_id in self._sites:
                fresh = self._take_cameras(camera_rows(session, site_id=site_id))
                self._take_standings(standing_rows(session, fresh))
        self.shards = max(1, -(-len(self._seats) // CAMERAS_PER_SHARD))

    def _take_sites(self, session: Session) -> None:
        self._sites = {row.site_id: row for row in site_rows(session, only=self._only)}

    def _take_cameras(self, rows: Sequence[CameraRow]) -> set[int]:
        """Seat cameras anew, and return whose standings are to be read for it."""
        for row in rows:
            bounds = _bounds(row.commissioned_on, row.retired_on)
            site = escaped(self._sites[row.site_id].public_id)
            self._seats[row.camera_id] = Seat(
                row.camera_id,
                row.site_id,
                bounds.start,
                bounds.end,
                f'camera="{row.camera_id}",site="{site}"',
                (intern(row.grant), intern(row.model), intern(row.firmware)),
            )
        return {row.camera_id for row in rows}

    def _take_standings(self, rows: Iterable[StandingRow]) -> None:
        for row in rows:
            seat = self._seats.get(row.camera_id)
            if seat is not None:
                seat.take(row)


def shard_of(public_id: str, shards: int) -> int:
    """Return the shard of a site's cameras, 0 to `shards` - 1."""
    return zlib.crc32(public_id.encode()) % shards


def _shown(seat: Seat, now: int, planned: PlannedSpans) -> int:
    """Return what is shown of a camera in service: the same rule as `rules.shown`."""
    if seat.site_id in planned.sites or seat.camera_id in planned.cameras:
        return _MAINTENANCE
    if now >= seat.covered_until:
        return _UNKNOWN
    return _DEGRADED if seat.place == _UP and seat.issues else seat.place
