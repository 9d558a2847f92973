"""
What is known of every camera, held between two renderings of the metrics pages.

The monitor tells which cameras it has written of; only their standings are read again.
Everything is read anew now and then, so nothing that slipped by stays wrong for long.
"""

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.queries.standings import FOREVER, service_bounds
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
    None while it is not in service, and `counted` the issues that were counted then.
    Before `until` time alone changes nothing of it; 0 asks for the next judgement.
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
    counted: str = ""
    until: int = 0

    @property
    def info(self) -> str:
        """The labels of its info series: what answered, else what is registered."""
        return self.labels + _what(self.declared, self.observed)

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
        self.until = 0

    def forget(self) -> None:
        """Take back what a last verdict left, as if there had been none."""
        self.place, self.issues, self.offset = _UNKNOWN, "", ""
        self.last_at = self.covered_until = self.until = 0
        self.observed = "", ""

    def is_of(
        self, site_id: int, bounds: Span, labels: str, declared: tuple[str, str, str]
    ) -> bool:
        """Tell whether the register describes the camera as it did when it was seated."""
        before = self.site_id, self.start, self.end, self.labels, self.declared
        return before == (site_id, bounds.start, bounds.end, labels, declared)

    def judge(self, now: int, *, is_planned: bool) -> int | None:
        """Say what is shown of it at an instant (the rule of `rules.shown`), and until when."""
        if not self.start <= now < self.end:
            self.until = self.start if now < self.start else FOREVER
            return None
        self.until = self.end
        if is_planned:
            return _MAINTENANCE
        if now >= self.covered_until:
            return _UNKNOWN
        self.until = min(self.end, self.covered_until)
        return _DEGRADED if self.place == _UP and self.issues else self.place


@dataclass(slots=True)
class SiteCount:
    """The cameras in service at one site by what is shown of them, and their issues."""

    shown: list[int] = field(default_factory=lambda: [0] * len(Shown))
    issues: dict[str, int] = field(default_factory=dict)

    def add(self, shown: int, issues: str, number: int) -> None:
        """Count a camera in (1), or out again (-1)."""
        self.shown[shown] += number
        for issue in issues.split(",") if issues else ():
            self.issues[issue] = self.issues.get(issue, 0) + number
            if not self.issues[issue]:
                del self.issues[issue]


class Board:
    """Holds every camera's seat; one thread renders, another tells what it has written."""

    def __init__(
        self,
        *,
        reload_seconds: float = RELOAD_SECONDS,
        only: str | None = None,
        shard_cameras: int = CAMERAS_PER_SHARD,
    ) -> None:
        """
        Start empty; read everything (or `only` one site) anew every `reload_seconds`.

        There are as many shards as leave each some `shard_cameras` seats.
        """
        self._only = only
        self._shard_cameras = shard_cameras
        self._reload = timedelta(seconds=reload_seconds)
        self._lock = Lock()
        self._touched: set[int] = set()
        self._loaded_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._seats: dict[int, Seat] = {}
        self._sites: dict[int, SiteRow] = {}
        self._counts: defaultdict[int, SiteCount] = defaultdict(SiteCount)
        self._planned = frozenset[int](), frozenset[int]()
        self._judged_at = 0
        self._shards: list[list[Seat]] = []
        # Grows with each change of a count: whoever writes them keeps the lines until then.
        self.changes = 0

    @property
    def sites(self) -> Collection[SiteRow]:
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
            changed = list(camera_rows(session, changed_since=self._looked_at - OVERLAP))
            if any(row.site_id not in self._sites for row in changed):
                self._take_sites(session)
            fresh = self._take_cameras(changed)
            self._take_standings(standing_rows(session, touched | fresh))
        self._looked_at = at

    def judge(self, session: Session, *, at: datetime) -> Mapping[int, SiteCount]:
        """
        Say of every camera what is shown of it at an instant, and count by site.

        Only those are looked at of which something was read since the last time, or for
        which it has run out; all of them where other cameras are planned than before.
        """
        now = int(at.timestamp())
        found = planned_spans(session, Span(now, now + 1))
        sites, cameras = planned_at = frozenset(found.sites), frozenset(found.cameras)
        is_known = planned_at == self._planned and now >= self._judged_at
        self._planned, self._judged_at = planned_at, now
        for seat in self._seats.values():
            if is_known and now < seat.until:
                continue
            planned = seat.site_id in sites or seat.camera_id in cameras
            shown = seat.judge(now, is_planned=planned)
            self._count(seat, shown, seat.issues if shown == _DEGRADED else "")
        return self._counts

    def shard(self, number: int) -> Sequence[Seat]:
        """
        Return the seats of one shard; a site is never split.

        It is the same list until some camera is seated anew.
        """
        return self._sharded()[number]

    @property
    def shards(self) -> int:
        """How many shards there are, one at least."""
        return len(self._sharded())

    def _sharded(self) -> list[list[Seat]]:
        if not self._shards:
            number = max(1, -(-len(self._seats) // self._shard_cameras))
            self._shards = [[] for _ in range(number)]
            homes = {
                row.site_id: self._shards[shard_of(row.public_id, number)] for row in self.sites
            }
            for seat in self._seats.values():
                homes[seat.site_id].append(seat)
        return self._shards

    def _count(self, seat: Seat, shown: int | None, issues: str) -> None:
        """Count a seat as it is shown now, in the place of what it was counted as."""
        if (shown, issues) == (seat.shown, seat.counted):
            return
        count = self._counts[seat.site_id]
        if seat.shown is not None:
            count.add(seat.shown, seat.counted, -1)
        if shown is not None:
            count.add(shown, issues, 1)
        if not any(count.shown):
            del self._counts[seat.site_id]
        seat.shown, seat.counted = shown, issues
        self.changes += 1

    def _is_due(self, at: datetime) -> bool:
        return self._loaded_at is None or at - self._loaded_at >= self._reload

    def _load(self, session: Session) -> None:
        """Read everything anew; whoever is as before keeps the seat."""
        self._take_sites(session)
        self.changes += 1
        if self._only is None:
            seated = self._take_cameras(camera_rows(session))
            heard = self._take_standings(standing_rows(session))
        else:
            rows = [row for site_id in self._sites for row in camera_rows(session, site_id=site_id)]
            seated = self._take_cameras(rows)
            heard = self._take_standings(standing_rows(session, seated))
        for camera_id in self._seats.keys() - seated:
            self._count(self._seats.pop(camera_id), None, "")
            self._shards = []
        for camera_id in seated - heard:
            self._seats[camera_id].forget()

    def _take_sites(self, session: Session) -> None:
        self._sites = {row.site_id: row for row in site_rows(session, only=self._only)}

    def _take_cameras(self, rows: Iterable[CameraRow]) -> set[int]:
        """Seat cameras, and return which; one whose row says what it said keeps its seat."""
        seated = set()
        for row in rows:
            seated.add(row.camera_id)
            bounds = _bounds(row.commissioned_on, row.retired_on)
            site = escaped(self._sites[row.site_id].public_id)
            labels = f'camera="{row.camera_id}",site="{site}"'
            declared = row.grant, row.model, row.firmware
            before = self._seats.get(row.camera_id)
            if before is not None:
                if before.is_of(row.site_id, bounds, labels, declared):
                    continue
                self._count(before, None, "")
            self._seats[row.camera_id] = Seat(
                row.camera_id,
                row.site_id,
                bounds.start,
                bounds.end,
                labels,
                (intern(row.grant), intern(row.model), intern(row.firmware)),
            )
            self._shards = []
        return seated

    def _take_standings(self, rows: Iterable[StandingRow]) -> set[int]:
        """Take over what was read of cameras that have a seat, and return which."""
        heard = set()
        for row in rows:
            seat = self._seats.get(row.camera_id)
            if seat is not None:
                seat.take(row)
                heard.add(row.camera_id)
        return heard


# Many cameras are of one grant and of one model.
@lru_cache(maxsize=4_096)
def _what(declared: tuple[str, str, str], observed: tuple[str, str]) -> str:
    grant, model, firmware = declared
    seen_model, seen_firmware = observed
    return (
        f',model="{escaped(seen_model or model)}"'
        f',firmware="{escaped(seen_firmware or firmware)}",grant="{escaped(grant)}"'
    )


def shard_of(public_id: str, shards: int) -> int:
    """Return the shard of a site's cameras, 0 to `shards` - 1."""
    return zlib.crc32(public_id.encode()) % shards
