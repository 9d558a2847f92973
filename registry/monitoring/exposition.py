"""
Renders /metrics: what is known of every site, in the text format of Prometheus.

One writer renders; the bytes go into a versioned snapshot in the database, and every
web process serves those same bytes. Lines are joined by hand from cached prefixes,
because prometheus-client needs many times longer for pages of this size; a test holds
both to the same samples.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.models import Site
from registry.monitoring.models import SiteCounter, SiteState, Snapshot
from registry.monitoring.queries.ledger import site_tallies
from registry.monitoring.queries.standings import site_cameras
from registry.monitoring.rules import Shown
from registry.monitoring.uptime import Ratio, Span, Tally
from registry.territory.models import Commune

SITES_PAGE = "sites"
WINDOWS: Mapping[str, int] = {"1d": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400}
HOUR = 3_600
# Level 1 is a fifth of the time of level 6, for a page that is a tenth larger.
GZIP_LEVEL = 1

State = TypeVar("State", Shown, SiteState)

_BACKGROUND = (
    "Cameras are probed in the background; see vigiparc_snapshot_timestamp_seconds for the age."
)


class Writer(Protocol):
    """Whatever writes lines of a page: one for each subject that has metrics."""

    def __call__(self, session: Session, *, at: datetime) -> Iterable[str]:
        """Write whole families, each with its head, as they stand at an instant."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as Prometheus is told of it: its name, its kind, and what it means."""

    name: str
    kind: str
    meaning: str

    @property
    def head(self) -> str:
        """The HELP and TYPE lines, with their line ends."""
        meaning = self.meaning.replace("\\", "\\\\").replace("\n", "\\n")
        return f"# HELP {self.name} {meaning}\n# TYPE {self.name} {self.kind}\n"


SITE_UP = Family(
    "vigiparc_site_up",
    "gauge",
    "1 if any camera of the site is up, 0 if none is and one is down or unreachable, else"
    " absent. This is not the uptime: see vigiparc_site_availability_ratio. " + _BACKGROUND,
)
SITE_INFO = Family(
    "vigiparc_site_info",
    "gauge",
    "Always 1: the commune and the kind of a site, to be joined on the label site.",
)
SITE_CAMERAS = Family(
    "vigiparc_site_cameras",
    "gauge",
    "Cameras in service at the site by what is known of them now; degraded means up with an"
    " issue. " + _BACKGROUND,
)
SITE_SECONDS = Family(
    "vigiparc_site_camera_state_seconds_total",
    "counter",
    "Camera-seconds at the site in each state, counted once they are settled; degraded counts"
    " as up. Corrections of the past show in the ratios, never here.",
)
SITE_AVAILABILITY = Family(
    "vigiparc_site_availability_ratio",
    "gauge",
    "The uptime: camera-seconds up divided by those up or down, exact, from the database. The"
    " window ends now and starts on a full hour; renewed every minute; absent where nothing"
    " was seen up or down.",
)
SITE_COVERAGE = Family(
    "vigiparc_site_coverage_ratio",
    "gauge",
    "Camera-seconds that were looked at divided by those in service and not planned, over the"
    " same windows as the availability.",
)


def escaped(value: str) -> str:
    """Write a label's value as the text format wants it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def labels(**values: str) -> str:
    """Write labels in their braces."""
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in values.items()) + "}"


def windows_until(at: datetime) -> dict[str, Span]:
    """
    Return the windows of the ratios: until now, each from a full hour on.

    The hour that runs is part of each, so a window is up to an hour longer than its
    name; a first answer shows at once.
    """
    now = int(at.timestamp())
    hour = now - now % HOUR
    return {name: Span(hour - length, now) for name, length in WINDOWS.items()}


@dataclass(slots=True)
class SiteWriter:
    """
    Writes the families of sites; keeps the ratios until they are due again.

    The standings are counted for each page, the ratios every `availability_seconds`.
    """

    availability_seconds: float
    _tallies: dict[int, list[Tally]] = field(default_factory=dict)
    _tallied_at: datetime | None = None
    _prefixes: dict[str, str] = field(default_factory=dict)

    def __call__(self, session: Session, *, at: datetime) -> Iterator[str]:
        """Write every line about sites, family by family."""
        if self._is_due(at):
            self._tallies = site_tallies(session, list(windows_until(at).values()))
            self._tallied_at = at
        sites = _sites(session)
        counts = site_cameras(session, at=at)
        seconds = _seconds(session)
        yield SITE_UP.head
        yield from self._up_lines(sites, counts)
        yield SITE_INFO.head
        yield from (f"{SITE_INFO.name}{site.labels} 1\n" for site in sites)
        yield SITE_CAMERAS.head
        yield from self._state_lines(SITE_CAMERAS, sites, Shown, counts)
        yield SITE_SECONDS.head
        yield from self._state_lines(SITE_SECONDS, sites, SiteState, seconds)
        yield SITE_AVAILABILITY.head
        yield from self._ratio_lines(SITE_AVAILABILITY, sites, lambda t: t.device_availability)
        yield SITE_COVERAGE.head
        yield from self._ratio_lines(SITE_COVERAGE, sites, lambda t: t.coverage)

    def _is_due(self, at: datetime) -> bool:
        if self._tallied_at is None:
            return True
        return (at - self._tallied_at).total_seconds() >= self.availability_seconds

    def _up_lines(
        self, sites: Sequence["_SiteRow"], counts: Mapping[int, Mapping[Shown, int]]
    ) -> Iterator[str]:
        for site in sites:
            found = counts.get(site.site_id, {})
            if found.get(Shown.UP) or found.get(Shown.DEGRADED):
                yield f"{self._prefix(SITE_UP, site)}}} 1\n"
            elif found.get(Shown.DOWN) or found.get(Shown.UNREACHABLE):
                yield f"{self._prefix(SITE_UP, site)}}} 0\n"

    def _state_lines(
        self,
        family: Family,
        sites: Sequence["_SiteRow"],
        states: type[State],
        numbers: Mapping[int, Mapping[State, int]],
    ) -> Iterator[str]:
        """Write every state of every site, zeros included: an absent series is no zero."""
        suffixes = [(state, f',state="{state.value}"}} ') for state in states]
        for site in sites:
            prefix = self._prefix(family, site)
            found = numbers.get(site.site_id) or {}
            for state, suffix in suffixes:
                yield f"{prefix}{suffix}{found.get(state, 0)}\n"

    def _ratio_lines(
        self, family: Family, sites: Sequence["_SiteRow"], ratio: Callable[[Tally], Ratio]
    ) -> Iterator[str]:
        """Write a ratio of every site where it is defined."""
        suffixes = [f',window="{name}"}} ' for name in WINDOWS]
        for site in sites:
            prefix = self._prefix(family, site)
            for tally, suffix in zip(self._tallies.get(site.site_id, ()), suffixes, strict=False):
                found = ratio(tally)
                if found.reason is None:
                    yield f"{prefix}{suffix}{found.part / found.whole!r}\n"

    def _prefix(self, family: Family, site: "_SiteRow") -> str:
        key = f"{family.name}{site.public_id}"
        found = self._prefixes.get(key)
        if found is None:
            found = f'{family.name}{{site="{escaped(site.public_id)}"'
            self._prefixes[key] = found
        return found


@dataclass(frozen=True, slots=True)
class _SiteRow:
    site_id: int
    public_id: str
    labels: str


def _sites(session: Session) -> list[_SiteRow]:
    """Read every site with its labels, in the order of their public identifiers."""
    rows = session.execute(
        select(
            Site.id, Site.public_id, Site.insee, Commune.name, Commune.department_code, Site.kind
        )
        .join(Commune, Commune.insee == Site.insee)
        .order_by(Site.public_id)
    )
    return [
        _SiteRow(
            site_id,
            public_id,
            labels(site=public_id, insee=insee, commune=commune, department=department, kind=kind),
        )
        for site_id, public_id, insee, commune, department, kind in rows
    ]


def _seconds(session: Session) -> dict[int, dict[SiteState, int]]:
    """Read the counters of every site."""
    found: dict[int, dict[SiteState, int]] = {}
    rows = session.execute(select(SiteCounter.site_id, SiteCounter.state, SiteCounter.seconds))
    for site_id, state, seconds in rows:
        found.setdefault(site_id, {})[state] = seconds
    return found


def render(session: Session, writers: Iterable[Writer], *, at: datetime) -> bytes:
    """Render a whole page from its writers, in their order."""
    return "".join(line for writer in writers for line in writer(session, at=at)).encode()


def publish(session: Session, page: str, raw: bytes, *, at: datetime) -> Snapshot:
    """Keep a rendered page as the next version of its snapshot."""
    snapshot = session.get(Snapshot, page)
    if snapshot is None:
        snapshot = Snapshot(page=page, version=0)
        session.add(snapshot)
    snapshot.version += 1
    snapshot.rendered_at = at
    snapshot.digest = hashlib.sha256(raw).hexdigest()
    snapshot.raw = raw
    # A fixed time in the gzip header: the same page gives the same bytes.
    snapshot.packed = gzip.compress(raw, GZIP_LEVEL, mtime=0)
    session.flush()
    return snapshot
