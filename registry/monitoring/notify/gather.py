"""
Gathers what is ready to be told, so that what has one root is one message.

The news of a site waits for its other cameras, the sites of a silent zone for one
another, and so they do when they come back. What flaps, and what fell in planned time,
is left out until there is something to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.monitoring.models import Transition
from registry.monitoring.queries import notices as queries
from registry.monitoring.queries.notices import SiteNews, Strand, strand_of
from registry.monitoring.queries.outages import out_cameras, places
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.rules.notices import (
    BEGINNINGS,
    ENDINGS,
    GRACE_SECONDS,
    MATTERS,
    Flapping,
    Happening,
    Matter,
)
from registry.monitoring.rules.outages import Root, had_credentials_changed, silent_sites
from registry.monitoring.uptime import Span


@dataclass(frozen=True, slots=True)
class Manners:
    """
    How the herald behaves.

    `gather_seconds` is how long the news of a site waits for what its other cameras
    have to say, so that a dark site is one message and not one per camera.
    `slowest_seconds` is how long a silent device may be left unasked: the return of a
    zone waits so much longer for its last site.
    """

    gather_seconds: float
    flapping: Flapping
    slowest_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """
    What may be told now, by site.

    `expected` are beginnings that fell in planned time and are over: they wake nobody.
    `roots` says of transitions what they share with those of other cameras.
    """

    news: Sequence[SiteNews] = ()
    expected: frozenset[int] = frozenset()
    roots: Mapping[int, Root] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Zones:
    """The sites of zones that are silent now, and of those that readers were told are."""

    now: Mapping[int, str]
    told: Mapping[int, str]

    @property
    def returning(self) -> dict[int, str]:
        """The sites of the zones of which something has come back that nobody was told of."""
        silent = set(self.now.values())
        return {site_id: zone for site_id, zone in self.told.items() if zone not in silent}


def gathered(session: Session, manners: Manners, *, at: datetime) -> Ready:
    """Gather what is ready; the rest stays unplanned, and is looked at again next time."""
    untold = queries.waiting_news(session)
    calm = list(_calm(session, untold, manners.flapping, at=at))
    expected, held = _expected(session, calm, at=at)
    news = [left for each in calm if (left := _without(each, held))]
    patience = timedelta(seconds=manners.gather_seconds)
    ripe = [each for each in news if at - _oldest(each.transitions) >= patience]
    if not ripe:
        return Ready()
    known, out = places(session, at=at), out_cameras(session, at=at)
    zones = _Zones(silent_sites(known, out), silent_sites(known, _as_told(out, untold)))
    ready = _with_their_zone(ripe, news, zones, manners, at=at)
    rejecting = {
        place.site_id
        for place in known
        if had_credentials_changed(place, len(out.get(place.site_id, ())))
    }
    return Ready(ready, expected, dict(_roots(ready, zones, rejecting)))


def _calm(
    session: Session, news: Sequence[SiteNews], flapping: Flapping, *, at: datetime
) -> Iterator[SiteNews]:
    """Leave out what flapping cameras do, until they calm down."""
    window = timedelta(seconds=flapping.window_seconds)
    strands = {strand_of(each) for site in news for each in site.transitions}
    since = queries.horizon(news, window=window, at=at)
    changes = queries.recent_changes(session, {each for each, _ in strands}, since=since)
    restless = {each for each in strands if flapping.holds(changes.get(each, ()), at=at)}
    for site in news:
        if calm := _without(site, restless):
            yield calm


def _expected(
    session: Session, news: Sequence[SiteNews], *, at: datetime
) -> tuple[frozenset[int], frozenset[Strand]]:
    """
    Return the beginnings that fell in planned time and are over, and what is held back.

    A camera's outage (or another unit in its place) is held back while it lasts, until
    the planned time in which it began has been over for `GRACE_SECONDS`.
    """
    beginnings = [
        (site.site_id, each)
        for site in news
        for each in site.transitions
        if each.happening in BEGINNINGS
    ]
    if not beginnings:
        return frozenset(), frozenset()
    last = {strand_of(each): each for site in news for each in site.transitions}
    now = int(at.timestamp())
    first = min(int(each.at.timestamp()) for _, each in beginnings)
    planned = planned_spans(session, Span(first, now + 1))
    over, held = set(), set()
    for site_id, beginning in beginnings:
        second = int(beginning.at.timestamp())
        spans = planned.of(site_id, beginning.camera_id)
        ends = [span.end for span in spans if span.start <= second < span.end]
        if not ends:
            continue
        if last[strand_of(beginning)].happening in ENDINGS:
            over.add(beginning.id)
        elif now < max(ends) + GRACE_SECONDS:
            held.add(strand_of(beginning))
    return frozenset(over), frozenset(held)


def _without(site: SiteNews, strands: Iterable[Strand]) -> SiteNews | None:
    """Leave out some strands of a site's news; none where nothing else happened."""
    left = [each for each in site.transitions if strand_of(each) not in strands]
    return SiteNews(site.site_id, site.department_code, left) if left else None


def _oldest(transitions: Iterable[Transition]) -> datetime:
    return min(each.noted_at for each in transitions)


def _as_told(out: Mapping[int, set[int]], untold: Iterable[SiteNews]) -> dict[int, set[int]]:
    """Return the cameras by site that are out as far as readers know."""
    told = {site_id: set(cameras) for site_id, cameras in out.items()}
    for site in untold:
        cameras = told.setdefault(site.site_id, set())
        first = {
            each.camera_id: each.happening
            for each in reversed(site.transitions)
            if MATTERS[each.happening] is Matter.OUTAGE
        }
        for camera_id, happening in first.items():
            if happening is Happening.OPENED:
                cameras.discard(camera_id)
            else:
                cameras.add(camera_id)
    return told


def _with_their_zone(
    ripe: Sequence[SiteNews],
    news: Sequence[SiteNews],
    zones: _Zones,
    manners: Manners,
    *,
    at: datetime,
) -> list[SiteNews]:
    """
    Hold back what is ripe of a silent zone until all of that zone is: one message, not many.

    A beginning is never held back for longer than it was gathered for already. A return
    waits for every site of the zone to come back and for the slowest device at the most;
    then all of the zone is told, and who did not come back is known.
    """
    patience = timedelta(seconds=manners.gather_seconds)
    ripe_ids = {each.site_id for each in ripe}
    falling = {
        zones.now[each.site_id]
        for each in news
        if each.site_id not in ripe_ids and each.site_id in zones.now
    }
    returning, returned = zones.returning, _returned(news, zones, manners, at=at)
    ready = []
    for each in news:
        if zone := returning.get(each.site_id):
            is_ready = zone in returned
        else:
            waits = zones.now.get(each.site_id) in falling
            is_late = at - _oldest(each.transitions) >= 2 * patience
            is_ready = each.site_id in ripe_ids and (is_late or not waits)
        if is_ready:
            ready.append(each)
    return ready


def _returned(
    news: Sequence[SiteNews], zones: _Zones, manners: Manners, *, at: datetime
) -> frozenset[str]:
    """Return the zones whose return may be told: all are back, or were waited for long enough."""
    patience = timedelta(seconds=manners.gather_seconds)
    most = max(2 * patience, patience + timedelta(seconds=manners.slowest_seconds))
    sites: defaultdict[str, set[int]] = defaultdict(set)
    for site_id, zone in zones.returning.items():
        sites[zone].add(site_id)
    begun: defaultdict[str, dict[int, datetime]] = defaultdict(dict)
    for each in news:
        ends = [one for one in each.transitions if one.happening in ENDINGS]
        if ends and each.site_id in zones.returning:
            begun[zones.returning[each.site_id]][each.site_id] = _oldest(ends)
    return frozenset(
        zone
        for zone, back in begun.items()
        if at - min(back.values()) >= most
        or (back.keys() == sites[zone] and at - max(back.values()) >= patience)
    )


def _roots(
    ready: Iterable[SiteNews], zones: _Zones, rejecting: set[int]
) -> Iterator[tuple[int, Root]]:
    """Say of each transition what it shares with those of other cameras, if anything."""
    returning = zones.returning
    for site in ready:
        for each in site.transitions:
            happening = each.happening
            fell = happening is Happening.OPENED and site.site_id in zones.now
            rose = happening is Happening.RECOVERED and site.site_id in returning
            if fell or rose:
                yield each.id, Root.ZONE_SILENT
            elif happening is Happening.REFUSED and site.site_id in rejecting:
                yield each.id, Root.CREDENTIALS_CHANGED
