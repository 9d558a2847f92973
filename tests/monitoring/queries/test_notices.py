"""What waits to be told is read in a fixed number of statements, whatever there is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue
from registry.accounts.service import add_user
from registry.monitoring.models import Notice, Subscription, Transition
from registry.monitoring.queries import notices as queries
from registry.monitoring.rules.notices import Happening, Severity
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, told
from tests.web.visitors import counted_selects

PASSWORD = "Sept mots font une phrase solide 7"


def befall(session: Session, camera_id: int, happening: Happening, minute: int = 0) -> Transition:
    """Add a transition that nobody has planned."""
    transition = Transition(
        camera_id=camera_id,
        happening=happening,
        health=Health.DOWN if happening is Happening.OPENED else Health.UP,
        at=NOON + timedelta(minutes=minute),
        noted_at=NOON,
    )
    session.add(transition)
    session.flush()
    return transition


def test_news_are_grouped_by_site(session: Session) -> None:
    """Two cameras of one site are one piece of news, with the department it happened in."""
    site = factories.make_site(session)
    cameras = [factories.make_camera(session, site=site) for _ in range(2)]
    elsewhere = factories.make_camera(session)
    for camera in (*cameras, elsewhere):
        befall(session, camera.id, Happening.OPENED)

    news = {each.site_id: each for each in queries.waiting_news(session)}

    assert news.keys() == {site.id, elsewhere.site_id}
    assert [each.camera_id for each in news[site.id].transitions] == [each.id for each in cameras]
    assert news[site.id].department_code == "59"


def test_nobody_reads_for_somebody_who_has_left(session: Session) -> None:
    """An account that was closed is told nothing, by role or by name."""
    people = [
        add_user(
            session,
            email=f"{name}@ville.test",
            name=name,
            password=PASSWORD,
            role="technician",
            at=NOON,
            actor="cli",
        )
        for name in ("camille", "dominique")
    ]
    people[1].active = False
    by_role = Subscription(name="Rôle", role="technician", severity=Severity.WARNING)
    by_name = Subscription(name="Nom", user_id=people[1].id, severity=Severity.WARNING)
    session.add_all([by_role, by_name])
    session.flush()

    readers = queries.readers_of(session, queries.subscriptions(session))

    assert readers == {by_role.id: [(by_role.id, people[0].id)], by_name.id: []}


def test_the_end_belongs_to_the_last_beginning(session: Session) -> None:
    """Who was told of an earlier outage only is not told of the end of this one."""
    camera = factories.make_camera(session)
    wish = Subscription(name="Tableau", sealed_address=b"sealed", severity=Severity.WARNING)
    session.add(wish)
    first = befall(session, camera.id, Happening.OPENED, 0)
    session.add(
        Notice(
            transition_id=first.id,
            subscription_id=_flushed(session, wish),
            severity=Severity.WARNING,
            due_at=NOON,
        )
    )
    end = befall(session, camera.id, Happening.RECOVERED, 1)
    befall(session, camera.id, Happening.OPENED, 2)
    later_end = befall(session, camera.id, Happening.RECOVERED, 3)

    told = queries.told_of_beginning(session, [end, later_end])

    assert told == {end.id: frozenset({(wish.id, None)}), later_end.id: frozenset()}


def test_each_matter_has_its_own_beginning_and_end(session: Session) -> None:
    """Who was told that another unit answers is told when it goes, not when an outage ends."""
    camera = factories.make_camera(session)
    wish = Subscription(name="Tableau", sealed_address=b"sealed", severity=Severity.WARNING)
    session.add(wish)
    swap = befall(session, camera.id, Happening.SWAPPED, 0)
    befall(session, camera.id, Happening.OPENED, 1)
    befall(session, camera.id, Happening.REFUSED, 2)
    session.add(
        Notice(
            transition_id=swap.id,
            subscription_id=_flushed(session, wish),
            severity=Severity.WARNING,
            due_at=NOON,
        )
    )
    ends = [
        befall(session, camera.id, each, 3)
        for each in (Happening.RECOVERED, Happening.RETURNED, Happening.WITHHELD)
    ]

    told = queries.told_of_beginning(session, ends)

    assert [told[each.id] for each in ends] == [frozenset(), {(wish.id, None)}, frozenset()]


def test_changes_are_counted_by_matter(session: Session) -> None:
    """A camera that goes and comes is not restless in what it says of itself."""
    camera = factories.make_camera(session)
    for minute, happening in enumerate((Happening.OPENED, Happening.SWAPPED, Happening.RECOVERED)):
        befall(session, camera.id, happening, minute + 1)

    found = queries.recent_changes(session, [camera.id], since=NOON)

    assert {matter.value: len(changes) for (_, matter), changes in found.items()} == {
        "outage": 2,
        "unit": 1,
    }


@pytest.mark.parametrize(
    ("commissioned_on", "retired_on", "is_gone"),
    [
        (date(2026, 1, 1), None, False),
        (date(2026, 1, 1), date(2026, 11, 24), False),
        (date(2026, 1, 1), date(2026, 11, 23), True),
        (None, None, True),
    ],
)
def test_what_began_is_left_open_by_who_goes(
    session: Session, commissioned_on: date | None, retired_on: date | None, *, is_gone: bool
) -> None:
    """The last word counts, in each matter; outages end by themselves."""
    camera = factories.make_camera(session)
    camera.commissioned_on, camera.retired_on = commissioned_on, retired_on
    record(session, [told(camera.id, 0, authentication=Authentication.FAILED)], patience=1)
    for each in (Happening.REFUSED, Happening.OPENED, Happening.SWAPPED, Happening.RETURNED):
        befall(session, camera.id, each)
    second = int(NOON.timestamp())

    found = queries.left_open(session, at=NOON, before=second + 1)

    assert found == [(camera.id, Happening.REFUSED)] * is_gone
    assert queries.left_open(session, at=NOON, before=second) == []


@pytest.mark.parametrize(
    ("health", "issues", "minute", "last", "begins"),
    [
        (Health.UP, [Issue.IDENTITY_MISMATCH], 2, Happening.UNWATCHED, True),
        # No answer since; one that says nothing of the unit; none at all.
        (Health.UP, [Issue.IDENTITY_MISMATCH], 0, Happening.UNWATCHED, False),
        (Health.UP, [], 2, Happening.UNWATCHED, False),
        (Health.DOWN, [], 2, Happening.UNWATCHED, False),
        # Told already, or ended for the better.
        (Health.UP, [Issue.IDENTITY_MISMATCH], 2, Happening.SWAPPED, False),
        (Health.UP, [Issue.IDENTITY_MISMATCH], 2, Happening.RETURNED, False),
    ],
)
def test_what_left_begins_again_with_an_answer_that_says_so(  # noqa: PLR0913 - cases
    session: Session,
    health: Health,
    issues: list[Issue],
    minute: int,
    last: Happening,
    *,
    begins: bool,
) -> None:
    """The record knows that another unit is still there; readers were told that nobody looks."""
    camera = factories.make_camera(session)
    first = told(camera.id, -1, issues=[Issue.IDENTITY_MISMATCH], identity=OTHER_UNIT)
    nobody = None if health is Health.UP and not issues else OTHER_UNIT
    record(session, [first], patience=1)
    record(session, [told(camera.id, minute, health, issues=issues, identity=nobody)], patience=1)
    befall(session, camera.id, Happening.SWAPPED, -1)
    befall(session, camera.id, last, 1)

    found = queries.begun_again(session, at=NOON)

    assert found == [(camera.id, Happening.SWAPPED, at_minute(minute))] * begins


@pytest.mark.parametrize(
    ("retired_on", "is_back"), [(None, True), (date(2026, 11, 24), True), (NOON.date(), False)]
)
def test_only_who_is_back_begins_again(
    session: Session, retired_on: date | None, *, is_back: bool
) -> None:
    """A login that is refused as before, once the camera is in service anew."""
    camera = factories.make_camera(session)
    camera.retired_on = retired_on
    record(session, [told(camera.id, 2, authentication=Authentication.FAILED)], patience=1)
    for each in (Happening.REFUSED, Happening.WITHHELD):
        befall(session, camera.id, each, 1)

    found = queries.begun_again(session, at=NOON)

    assert found == [(camera.id, Happening.REFUSED, at_minute(2))] * is_back


def _flushed(session: Session, wish: Subscription) -> int:
    session.flush()
    return wish.id


@pytest.mark.parametrize("size", [1, 40])
def test_a_large_outage_costs_no_more_statements(
    engine: Engine, session: Session, size: int
) -> None:
    """Planning for forty cameras asks the database as often as planning for one."""
    site = factories.make_site(session)
    cameras = [factories.make_camera(session, site=site) for _ in range(size)]
    for camera in cameras:
        befall(session, camera.id, Happening.OPENED)
    ends = [befall(session, camera.id, Happening.RECOVERED, 1) for camera in cameras]

    with counted_selects(engine) as statements:
        queries.waiting_news(session)
        queries.recent_changes(session, [each.id for each in cameras], since=NOON)
        queries.out_by_site(session, [site.id], at=NOON)
        queries.told_of_beginning(session, ends)

    assert len(statements) == 5
