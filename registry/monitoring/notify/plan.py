"""
Decides who is told of what has befallen cameras, and when.

A transition is planned once: its notices are written in the transaction that marks
it, and a guarded update lets only one of two planners through.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.monitoring.models import Notice, Subscription, Transition
from registry.monitoring.queries import notices as queries
from registry.monitoring.queries.notices import Reader, SiteNews
from registry.monitoring.queries.outages import silent_zones
from registry.monitoring.queries.planned import planned_spans
from registry.monitoring.queries.standings import batched
from registry.monitoring.rules.notices import (
    GRACE_SECONDS,
    Flapping,
    Happening,
    Quiet,
    Severity,
    SiteOuts,
    due_at,
    is_wanted,
)
from registry.monitoring.uptime import Span

ENDINGS = frozenset({Happening.RECOVERED, Happening.LOST})


@dataclass(frozen=True, slots=True)
class Manners:
    """
    How the herald behaves.

    `gather_seconds` is how long the news of a site waits for what its other cameras
    have to say, so that a dark site is one message and not one per camera.
    """

    gather_seconds: float
    flapping: Flapping


def plan(session: Session, manners: Manners, *, at: datetime) -> int:
    """
    Plan what is ready to be told; return how many transitions were planned.

    What a flapping camera does stays unplanned until it has calmed down, so its
    last state is always told. What fell in planned time (maintenance, hours without
    power) stays unplanned until it comes back, which wakes nobody, or until it should
    have: then it is told like any other.

    Raises:
        Conflict: Somebody else has planned some of it meanwhile.
    """
    news = list(_calm(session, queries.waiting_news(session), manners.flapping, at=at))
    patience = timedelta(seconds=manners.gather_seconds)
    expected, held = _expected(session, news, at=at)
    news = [left for each in news if (left := _without(each, held))]
    ripe = [each for each in news if at - _oldest(each) >= patience]
    ready = _with_their_zone(session, ripe, news, patience, at=at)
    if not ready:
        return 0
    wishes = queries.subscriptions(session)
    readers = queries.readers_of(session, wishes)
    outs = queries.out_by_site(session, [each.site_id for each in ready], at=at)
    transitions = [each for site in ready for each in site.transitions]
    for site in ready:
        severity = _severity(site, outs.get(site.site_id, (0, frozenset())))
        openings = [each for each in _openings(site) if each.id not in expected]
        session.add_all(_begin(site, openings, severity, wishes, readers, at=at))
    session.flush()
    endings = [each for each in transitions if each.happening in ENDINGS]
    told = queries.told_of_outage(session, endings)
    by_id = {wish.id: wish for wish in wishes}
    for site in ready:
        severity = _severity(site, outs.get(site.site_id, (0, frozenset())))
        session.add_all(_end(site, severity, by_id, told, at=at))
    mark(session, transitions, at=at)
    return len(transitions)


def _calm(
    session: Session, news: Sequence[SiteNews], flapping: Flapping, *, at: datetime
) -> Iterator[SiteNews]:
    """Leave out what flapping cameras do, until they calm down."""
    window = timedelta(seconds=flapping.window_seconds)
    cameras = {each.camera_id for site in news for each in site.transitions}
    since = queries.horizon(news, window=window, at=at)
    changes = queries.recent_changes(session, cameras, since=since)
    restless = {each for each in cameras if flapping.holds(changes.get(each, ()), at=at)}
    for site in news:
        if calm := _without(site, frozenset(restless)):
            yield calm


def _with_their_zone(
    session: Session,
    ripe: Sequence[SiteNews],
    news: Sequence[SiteNews],
    patience: timedelta,
    *,
    at: datetime,
) -> list[SiteNews]:
    """
    Hold back what is ripe of a silent zone until all of that zone is: one message, not many.

    Never for longer than it was gathered for already.
    """
    if not ripe or len(news) < 2:  # noqa: PLR2004 - a zone is silent from two sites on
        return list(ripe)
    zones = silent_zones(session, at=at)
    unripe = {each.site_id for each in news} - {each.site_id for each in ripe}
    waiting = {zones[site_id] for site_id in unripe if site_id in zones}
    return [
        each
        for each in ripe
        if zones.get(each.site_id) not in waiting or at - _oldest(each) >= 2 * patience
    ]


def _openings(site: SiteNews) -> list[Transition]:
    return [each for each in site.transitions if each.happening is Happening.OPENED]


def _expected(
    session: Session, news: Sequence[SiteNews], *, at: datetime
) -> tuple[frozenset[int], frozenset[int]]:
    """
    Return the beginnings that fell in planned time and are over, and the cameras held back.

    A camera is held back while it is out, until the planned time in which it fell has
    been over for `GRACE_SECONDS`.
    """
    openings = [(site.site_id, each) for site in news for each in _openings(site)]
    if not openings:
        return frozenset(), frozenset()
    last = {each.camera_id: each for site in news for each in site.transitions}
    now = int(at.timestamp())
    first = min(int(each.at.timestamp()) for _, each in openings)
    planned = planned_spans(session, Span(first, now + 1))
    over, held = set(), set()
    for site_id, opening in openings:
        second = int(opening.at.timestamp())
        spans = planned.of(site_id, opening.camera_id)
        ends = [span.end for span in spans if span.start <= second < span.end]
        if not ends:
            continue
        if last[opening.camera_id].happening in ENDINGS:
            over.add(opening.id)
        elif now < max(ends) + GRACE_SECONDS:
            held.add(opening.camera_id)
    return frozenset(over), frozenset(held)


def _without(site: SiteNews, cameras: frozenset[int]) -> SiteNews | None:
    """Leave out what some cameras did; none where nothing else happened."""
    left = [each for each in site.transitions if each.camera_id not in cameras]
    return SiteNews(site.site_id, site.department_code, left) if left else None


def _oldest(site: SiteNews) -> datetime:
    return min(each.noted_at for each in site.transitions)


def _severity(site: SiteNews, outs: tuple[int, frozenset[int]]) -> Severity:
    """Weigh what befell a site by what stood there before and stands there now."""
    in_service, out_now = outs
    first = {each.camera_id: each.happening for each in reversed(site.transitions)}
    untouched = len(out_now - first.keys())
    out_before = untouched + sum(each is not Happening.OPENED for each in first.values())
    return SiteOuts(in_service, out_before, len(out_now)).severity


def _begin(  # noqa: PLR0913 - who is told of what, how severe and when
    site: SiteNews,
    openings: Sequence[Transition],
    severity: Severity,
    wishes: Iterable[Subscription],
    readers: Mapping[int, Sequence[Reader]],
    *,
    at: datetime,
) -> Iterator[Notice]:
    """Write a notice of each beginning for everybody who wants it."""
    for wish in wishes:
        if _covers(wish, site) and is_wanted(severity, wish.severity):
            due = _due(wish, severity, at=at)
            for reader in readers[wish.id]:
                for opening in openings:
                    yield _notice(opening, reader, severity, due)


def _end(
    site: SiteNews,
    severity: Severity,
    wishes: Mapping[int, Subscription],
    told: Mapping[int, frozenset[Reader]],
    *,
    at: datetime,
) -> Iterator[Notice]:
    """Write a notice of each ending for everybody who is told of its beginning."""
    for ending in site.transitions:
        for reader in sorted(told.get(ending.id, ()), key=lambda each: (each[0], each[1] or 0)):
            due = _due(wishes[reader[0]], severity, at=at)
            yield _notice(ending, reader, severity, due)


def _covers(wish: Subscription, site: SiteNews) -> bool:
    return wish.department_code in {"", site.department_code} and wish.site_id in {
        None,
        site.site_id,
    }


def _due(wish: Subscription, severity: Severity, *, at: datetime) -> datetime:
    quiet = None
    if wish.quiet_from is not None and wish.quiet_until is not None:
        quiet = Quiet(wish.quiet_from, wish.quiet_until)
    return due_at(at, severity=severity, quiet=quiet, digest_minutes=wish.digest_minutes)


def _notice(transition: Transition, reader: Reader, severity: Severity, due: datetime) -> Notice:
    subscription_id, user_id = reader
    return Notice(
        transition_id=transition.id,
        subscription_id=subscription_id,
        user_id=user_id,
        severity=severity,
        due_at=due,
    )


def mark(session: Session, transitions: Sequence[Transition], *, at: datetime) -> None:
    """
    Mark transitions as planned.

    Raises:
        Conflict: Somebody else was quicker with some of them.
    """
    marked = 0
    for chunk in batched(each.id for each in transitions):
        marked += session.execute(
            update(Transition)
            .where(Transition.id.in_(chunk), Transition.planned_at.is_(None))
            .values(planned_at=at)
            .execution_options(synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]  # an UPDATE has one
    if marked != len(transitions):
        raise Conflict(f"{len(transitions) - marked} transitions were planned by somebody else")
