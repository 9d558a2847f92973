"""
Decides who is told of what has befallen cameras, and when.

A transition is planned once: its notices are written in the transaction that marks
it, and a guarded update lets only one of two planners through.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.monitoring.models import Notice, Subscription, Transition
from registry.monitoring.notify.gather import Manners, gathered
from registry.monitoring.queries import notices as queries
from registry.monitoring.queries.notices import Reader, SiteNews
from registry.monitoring.queries.standings import batched
from registry.monitoring.rules.notices import (
    BEGINNINGS,
    ENDINGS,
    MATTERS,
    Happening,
    Matter,
    Quiet,
    Severity,
    SiteOuts,
    due_at,
    is_wanted,
)


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
    ready = gathered(session, manners, at=at)
    if not ready.news:
        return 0
    wishes = queries.subscriptions(session)
    readers = queries.readers_of(session, wishes)
    outs = queries.out_by_site(session, [each.site_id for each in ready.news], at=at)
    transitions = [each for site in ready.news for each in site.transitions]
    weights = {
        site.site_id: _severity(site, outs.get(site.site_id, (0, frozenset())))
        for site in ready.news
    }
    for site in ready.news:
        begun = [each for each in site.transitions if each.happening in BEGINNINGS]
        told_of = [each for each in begun if each.id not in ready.expected]
        session.add_all(_begin(site, told_of, weights[site.site_id], wishes, readers, at=at))
    session.flush()
    endings = [each for each in transitions if each.happening in ENDINGS]
    told = queries.told_of_beginning(session, endings)
    by_id = {wish.id: wish for wish in wishes}
    for site in ready.news:
        session.add_all(_end(site, weights[site.site_id], by_id, told, at=at))
    for each in transitions:
        each.root = ready.roots.get(each.id)
    mark(session, transitions, at=at)
    return len(transitions)


def _severity(site: SiteNews, outs: tuple[int, frozenset[int]]) -> Severity:
    """Weigh what befell a site by what stood there before and stands there now."""
    in_service, out_now = outs
    first = {
        each.camera_id: each.happening
        for each in reversed(site.transitions)
        if MATTERS[each.happening] is Matter.OUTAGE
    }
    untouched = len(out_now - first.keys())
    out_before = untouched + sum(each is not Happening.OPENED for each in first.values())
    return SiteOuts(in_service, out_before, len(out_now)).severity


def _begin(  # noqa: PLR0913 - who is told of what, how severe and when
    site: SiteNews,
    beginnings: Sequence[Transition],
    of_outages: Severity,
    wishes: Iterable[Subscription],
    readers: Mapping[int, Sequence[Reader]],
    *,
    at: datetime,
) -> Iterator[Notice]:
    """Write a notice of each beginning for everybody who wants it."""
    for wish in wishes:
        if not covers(wish, site.site_id, site.department_code):
            continue
        for beginning in beginnings:
            severity = _weight(beginning, of_outages)
            if is_wanted(severity, wish.severity):
                due = _due(wish, severity, at=at)
                for reader in readers[wish.id]:
                    yield _notice(beginning, reader, severity, due)


def _end(
    site: SiteNews,
    of_outages: Severity,
    wishes: Mapping[int, Subscription],
    told: Mapping[int, frozenset[Reader]],
    *,
    at: datetime,
) -> Iterator[Notice]:
    """Write a notice of each ending for everybody who is told of its beginning."""
    for ending in site.transitions:
        severity = _weight(ending, of_outages)
        for reader in sorted(told.get(ending.id, ()), key=lambda each: (each[0], each[1] or 0)):
            due = _due(wishes[reader[0]], severity, at=at)
            yield _notice(ending, reader, severity, due)


def _weight(transition: Transition, of_outages: Severity) -> Severity:
    """Weigh one transition: a camera that answers, as whoever it may be, is no lost site."""
    is_outage = MATTERS[transition.happening] is Matter.OUTAGE
    return of_outages if is_outage else Severity.WARNING


def covers(wish: Subscription, site_id: int, department_code: str) -> bool:
    """Tell whether a site lies where somebody wants to be told of."""
    return wish.department_code in {"", department_code} and wish.site_id in {None, site_id}


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
