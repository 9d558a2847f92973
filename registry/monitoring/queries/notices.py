"""What there is to tell and who wants to know it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased, contains_eager, selectinload

from probes.verdict import Authentication, Health, Issue
from registry.accounts.models import Role, User
from registry.accounts.rules import RoleName
from registry.fleet.models import Camera, Site
from registry.monitoring.models import Message, Notice, Standing, Subscription, Transition
from registry.monitoring.queries.standings import batched, in_service, seconds_of
from registry.monitoring.rules import is_out
from registry.monitoring.rules.notices import (
    BEGINNINGS,
    ENDINGS,
    LEAVINGS,
    MATTERS,
    Happening,
    Matter,
)
from registry.territory.models import Commune

# What a standing holds once an answer has named another unit, or refused the login.
_SAYS_SO = {
    Happening.SWAPPED: Standing.substituted & Standing.issues.contains(Issue.IDENTITY_MISMATCH),
    Happening.REFUSED: Standing.authentication == Authentication.FAILED,
}
# A reader: the subscription, and the person where it names several.
Reader = tuple[int, int | None]
# A camera, what befell it last in a matter, when, and when it last answered.
LastWord: TypeAlias = Row[int, Happening, datetime, datetime | None]
# What befalls one camera in one matter, begun and ended on its own.
Strand = tuple[int, Matter]


@dataclass(frozen=True, slots=True)
class SiteNews:
    """What has befallen the cameras of one site and is not planned yet, oldest first."""

    site_id: int
    department_code: str
    transitions: Sequence[Transition]


def strand_of(transition: Transition) -> Strand:
    """Return to which strand of events a transition belongs."""
    return transition.camera_id, MATTERS[transition.happening]


def waiting_news(session: Session) -> list[SiteNews]:
    """List what nobody has planned yet, by site."""
    rows = session.execute(
        select(Transition, Camera.site_id, Commune.department_code)
        .join(Transition.camera)
        .join(Camera.site)
        .join(Site.commune)
        .where(Transition.planned_at.is_(None))
        .order_by(Transition.id)
    )
    found: defaultdict[tuple[int, str], list[Transition]] = defaultdict(list)
    for transition, site_id, department_code in rows:
        found[site_id, department_code].append(transition)
    return [SiteNews(*place, transitions) for place, transitions in found.items()]


def recent_changes(
    session: Session, camera_ids: Iterable[int], *, since: datetime
) -> dict[Strand, list[datetime]]:
    """Return when cameras have changed in each matter, for the judgement of what flaps."""
    found: defaultdict[Strand, list[datetime]] = defaultdict(list)
    for chunk in batched(camera_ids):
        rows = session.execute(
            select(Transition.camera_id, Transition.happening, Transition.at).where(
                Transition.camera_id.in_(chunk), Transition.at > since
            )
        )
        for camera_id, happening, at in rows:
            found[camera_id, MATTERS[happening]].append(at)
    return found


def left_open(session: Session, *, at: datetime, before: int) -> list[tuple[int, Happening]]:
    """
    Return what has begun of cameras that are out of service, and was never told to have ended.

    Of other units and refused logins: an outage ends with the hold of its last verdict.

    Args:
        session: Where all of it is kept.
        at: Now.
        before: Cameras with a verdict since then, in seconds, are left alone: more may come.
    """
    last = _last_words(
        session,
        Standing.substituted | (Standing.authentication == Authentication.FAILED),
        in_service(at).is_not(true()),
        seconds_of(Standing.last_at) < before,
    )
    return [(each.camera_id, each.happening) for each in last if each.happening in LEAVINGS]


def begun_again(session: Session, *, at: datetime) -> list[tuple[int, Happening, datetime]]:
    """
    Return what holds of cameras that are back in service, though they left as its end.

    Each with the instant of the last answer, given since, that still says so.
    """
    found = []
    for beginning, says_so in _SAYS_SO.items():
        last = _last_words(session, says_so, Standing.health == Health.UP, in_service(at))
        found += [
            (each.camera_id, beginning, each.last_up_at)
            for each in last
            if each.happening is LEAVINGS[beginning] and each.last_up_at > each.at
        ]
    return found


def _last_words(session: Session, *which: ColumnElement[bool]) -> list[LastWord]:
    """Return the last transition in each matter that a leaving ends, of chosen standings."""
    matters = {MATTERS[beginning] for beginning in LEAVINGS}
    told_of = [each for each in Happening if MATTERS[each] in matters]
    chosen = select(Standing.camera_id).join(Standing.camera).where(*which)
    rows = session.execute(
        select(Transition.camera_id, Transition.happening, Transition.at, Standing.last_up_at)
        .join(Standing, Standing.camera_id == Transition.camera_id)
        .where(Transition.camera_id.in_(chosen), Transition.happening.in_(told_of))
        .order_by(Transition.id)
    )
    return list({(row.camera_id, MATTERS[row.happening]): row for row in rows}.values())


def out_by_site(
    session: Session, site_ids: Iterable[int], *, at: datetime
) -> dict[int, tuple[int, frozenset[int]]]:
    """Return for each site how many cameras are in service, and which of them are out."""
    cameras: Counter[int] = Counter()
    out: defaultdict[int, set[int]] = defaultdict(set)
    for chunk in batched(site_ids):
        rows = session.execute(
            select(Camera.site_id, Camera.id, Standing.health)
            .outerjoin(Standing, Standing.camera_id == Camera.id)
            .where(Camera.site_id.in_(chunk), in_service(at))
        )
        for site_id, camera_id, health in rows:
            cameras[site_id] += 1
            if health is not None and is_out(health):
                out[site_id].add(camera_id)
    return {site_id: (count, frozenset(out[site_id])) for site_id, count in cameras.items()}


def subscriptions(session: Session) -> Sequence[Subscription]:
    """List the wishes that hold, by name."""
    return session.scalars(
        select(Subscription)
        .options(selectinload(Subscription.user), selectinload(Subscription.site))
        .where(Subscription.ended_at.is_(None))
        .order_by(Subscription.name)
    ).all()


def readers_of(session: Session, wishes: Iterable[Subscription]) -> Mapping[int, Sequence[Reader]]:
    """Return who reads each subscription: the active holders of a role, or its one reader."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    rows = session.execute(
        select(Role.name, User.id).join(User.roles).where(User.active).order_by(User.id)
    )
    for role, user_id in rows:
        holders[role].append(user_id)
    return {wish.id: [(wish.id, person) for person in _people(wish, holders)] for wish in wishes}


def _people(wish: Subscription, holders: Mapping[str, Sequence[int]]) -> Sequence[int | None]:
    if wish.role is not None:
        return holders.get(RoleName(wish.role).value, ())
    if wish.user is not None and not wish.user.active:
        return ()
    return [wish.user_id]


def told_of_beginning(
    session: Session, endings: Collection[Transition]
) -> dict[int, frozenset[Reader]]:
    """
    Return for each ending who is told of its beginning: they are told of the end too.

    Keys are the ids of the endings.
    """
    opening, ending = aliased(Transition), aliased(Transition)
    same_matter = or_(
        *(
            and_(
                opening.happening == beginning,
                ending.happening.in_([e for e in ENDINGS if MATTERS[e] is MATTERS[beginning]]),
            )
            for beginning in BEGINNINGS
        )
    )
    begun: dict[int, int] = {}
    for chunk in batched(each.id for each in endings):
        rows = session.execute(
            select(ending.id, func.max(opening.id))
            .join(opening, and_(opening.camera_id == ending.camera_id, opening.id < ending.id))
            .where(ending.id.in_(chunk), same_matter)
            .group_by(ending.id)
        )
        begun |= dict(rows.all())
    readers: defaultdict[int, set[Reader]] = defaultdict(set)
    for chunk in batched(set(begun.values())):
        told = session.execute(
            select(Notice.transition_id, Notice.subscription_id, Notice.user_id)
            .join(Notice.subscription)
            .where(Notice.transition_id.in_(chunk), Subscription.ended_at.is_(None))
        )
        for transition_id, subscription_id, user_id in told:
            readers[transition_id].add((subscription_id, user_id))
    return {ended: frozenset(readers[opened]) for ended, opened in begun.items()}


def due_notices(session: Session, *, at: datetime) -> dict[Reader, list[Notice]]:
    """Return what is due and in no message yet, by reader, in the order of events."""
    rows = session.scalars(
        select(Notice)
        .join(Notice.transition)
        .join(Transition.camera)
        .join(Camera.site)
        .join(Site.commune)
        .join(Notice.subscription)
        .options(
            contains_eager(Notice.subscription),
            contains_eager(Notice.transition)
            .contains_eager(Transition.camera)
            .contains_eager(Camera.site)
            .contains_eager(Site.commune),
        )
        .where(Notice.message_id.is_(None), Notice.due_at <= at)
        .order_by(Notice.transition_id)
    )
    found: defaultdict[Reader, list[Notice]] = defaultdict(list)
    for notice in rows:
        found[notice.subscription_id, notice.user_id].append(notice)
    return found


def due_messages(session: Session, *, at: datetime, limit: int) -> Sequence[Message]:
    """List messages that may be sent now, the oldest first."""
    return session.scalars(
        select(Message)
        .options(selectinload(Message.subscription), selectinload(Message.user))
        .where(Message.sent_at.is_(None), Message.given_up_at.is_(None), Message.next_at <= at)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def last_messages(session: Session, *, limit: int) -> Sequence[Message]:
    """List the latest messages, whatever became of them."""
    return session.scalars(
        select(Message)
        .options(selectinload(Message.subscription), selectinload(Message.user))
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()


def horizon(news: Iterable[SiteNews], *, window: timedelta, at: datetime) -> datetime:
    """Return since when changes matter to the judgement of what flaps."""
    return min((each.transitions[0].at for each in news), default=at) - window
