"""The turns of the one thread that writes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from probes.verdict import Health, Issue
from registry.db import SessionFactory, session_scope
from registry.fleet.models import Camera
from registry.journal import JournalEntry
from registry.monitoring.exposition import Board
from registry.monitoring.exposition.board import PLACES
from registry.monitoring.models import Interval, Standing, Transition
from registry.monitoring.rules import Scheduled, Shown
from registry.monitoring.rules.notices import Happening
from registry.monitoring.runner import Clerk
from registry.monitoring.runner.clerk import LAPSE_AFTER, RELOAD_AFTER, Errands
from registry.monitoring.runner.night import Night
from registry.monitoring.service import Keeping, claim_lease, lapse_silent, record
from tests import factories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, told


def test_the_first_turn_reads_every_camera_and_later_ones_what_changed(
    sessions: SessionFactory,
) -> None:
    """A register of a hundred thousand cameras is read once, then only where it moves."""
    with session_scope(sessions) as session:
        for _ in range(3):
            factories.make_camera(session)
    clerk = Clerk(sessions, "one", patience=2)

    first = clerk.turn(Errands(), at=NOON)
    soon = clerk.turn(Errands(), at=NOON + timedelta(seconds=1))
    with session_scope(sessions) as session:
        changed = factories.make_camera(session)
        changed.changed_at = NOON
    later = clerk.turn(Errands(), at=NOON + RELOAD_AFTER)

    assert (len(first.cameras), len(soon.cameras)) == (3, 0)
    assert [camera.camera_id for camera in later.cameras] == [changed.id]


def test_without_the_lease_nothing_is_written(sessions: SessionFactory) -> None:
    """Another monitor keeps the books."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
        claim_lease(session, "another", at=NOON)

    news = Clerk(sessions, "one", patience=2).turn(Errands([told(camera.id, 0)]), at=NOON)

    assert not news.holds_lease
    with sessions() as session:
        assert session.scalars(select(Standing)).all() == []


def test_what_is_written_is_on_the_next_page(sessions: SessionFactory) -> None:
    """The board reads what the clerk has touched; everything it reads every few minutes only."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
    board = Board(reload_seconds=3_600)
    clerk = Clerk(sessions, "one", patience=2, board=board)

    def shown(minute: float) -> set[int | None]:
        with sessions() as session:
            board.refresh(session, at=at_minute(minute))
            board.judge(session, at=at_minute(minute))
        return {seat.shown for seat in board.shard(0)}

    before = shown(0)
    clerk.turn(Errands([told(camera.id, 0)]), at=NOON)

    assert (before, shown(0.5)) == ({PLACES[Shown.UNKNOWN]}, {PLACES[Shown.UP]})


def test_verdicts_passed_over_are_told(sessions: SessionFactory) -> None:
    """The loop counts what the fold dropped, and the journal keeps a step of the clock."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
    clerk = Clerk(sessions, "one", patience=2)
    clerk.turn(Errands([told(camera.id, 5)]), at=NOON)

    news = clerk.turn(Errands([told(camera.id, 4)], steps=[-12.3456]), at=NOON)

    assert news.dropped == 1
    with sessions() as session:
        entry = session.scalars(select(JournalEntry)).one()
    assert (entry.actor, entry.action, entry.after) == (
        "monitor",
        "clock.step",
        '{"seconds": -12.346}',
    )


def test_silent_cameras_run_out_now_and_then(sessions: SessionFactory) -> None:
    """Not at the start, when every camera has been silent, but some time later."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
        record(session, [told(camera.id, -60)], patience=2)
    clerk = Clerk(sessions, "one", patience=2)

    found = []
    for later in (timedelta(0), LAPSE_AFTER / 2, LAPSE_AFTER):
        clerk.turn(Errands(), at=NOON + later)
        with sessions() as session:
            found.append(session.get_one(Standing, camera.id).health)

    assert found == [Health.UP, Health.UP, Health.UNKNOWN]


def test_what_was_told_of_a_camera_ends_when_it_is_retired(sessions: SessionFactory) -> None:
    """The turn that lets silent cameras run out also says that nobody looks there any more."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
    clerk = Clerk(sessions, "one", patience=1)
    issues = [Issue.IDENTITY_MISMATCH]
    clerk.turn(Errands([told(camera.id, 0, issues=issues, identity=OTHER_UNIT)]), at=NOON)
    with session_scope(sessions) as session:
        session.get_one(Camera, camera.id).retired_on = NOON.date()

    for times in (1, 2, 3, 4):
        clerk.turn(Errands(), at=NOON + times * LAPSE_AFTER)

    with sessions() as session:
        found = session.scalars(select(Transition).order_by(Transition.id)).all()
    assert [each.happening for each in found] == [Happening.SWAPPED, Happening.UNWATCHED]


@pytest.mark.parametrize(
    ("answers", "told_of"),
    [
        ([False], [Happening.SWAPPED]),
        ([True, False], [Happening.RETURNED, Happening.SWAPPED]),
        ([True], [Happening.RETURNED]),
    ],
)
def test_what_still_holds_of_a_camera_is_told_once_when_it_is_back(
    sessions: SessionFactory, answers: list[bool], told_of: list[Happening]
) -> None:
    """Told that nobody looks at another unit there, a reader must not think that it has gone."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
    clerk = Clerk(sessions, "one", patience=1)

    def turns(first: int, *verdicts: Scheduled) -> None:
        for each in range(3):
            clerk.turn(
                Errands(verdicts if each == 0 else ()), at=NOON + (first + each) * LAPSE_AFTER
            )

    def heard(minute: float, *, is_registered: bool) -> Scheduled:
        if is_registered:
            return told(camera.id, minute)
        return told(camera.id, minute, issues=[Issue.IDENTITY_MISMATCH], identity=OTHER_UNIT)

    turns(0, heard(0, is_registered=False))
    for retired_on, first, seen in ((NOON.date(), 3, []), (None, 6, answers)):
        with session_scope(sessions) as session:
            session.get_one(Camera, camera.id).retired_on = retired_on
        turns(first, *(heard(12 + place / 2, is_registered=it) for place, it in enumerate(seen)))

    with sessions() as session:
        found = session.scalars(select(Transition).order_by(Transition.id)).all()
    before = [Happening.SWAPPED, Happening.UNWATCHED]
    assert [each.happening for each in found] == before + told_of


def test_the_first_certificate_seen_is_pinned(sessions: SessionFactory) -> None:
    """With the verdict that brought it; the camera then reads as changed."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
        camera.tls_verify = "pin"
    seen = told(camera.id, 0)
    with_certificate = replace(seen, verdict=replace(seen.verdict, certificate="ab" * 32))

    Clerk(sessions, "one", patience=2).turn(Errands([with_certificate]), at=NOON)

    with sessions() as session:
        pinned = session.get_one(Camera, camera.id)
    assert (pinned.tls_verify, pinned.changed_at) == (f"pin:{'ab' * 32}", NOON)


def test_what_is_kept_no_longer_is_removed_at_night(sessions: SessionFactory) -> None:
    """By day nothing is; in the night a turn at a time, until the days over their term are gone."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
        record(session, [told(camera.id, each) for each in (0, 1)], patience=1)
        lapse_silent(session, at=NOON + timedelta(hours=1))
    keeping = Keeping(hours_days=40, camera_days=400, interval_days=1)
    clerk = Clerk(sessions, "one", patience=2, keeping=keeping, night=Night(1, 5))

    def work(at: datetime) -> int:
        clerk.turn(Errands(), at=at)
        clerk.turn(Errands(), at=at + LAPSE_AFTER)
        for second in range(200):
            clerk.turn(Errands(), at=at + LAPSE_AFTER + timedelta(seconds=second))
        with sessions() as session:
            return session.scalar(select(func.count()).where(Interval.ended_at.is_not(None))) or 0

    assert work(NOON + timedelta(days=2)) == 1
    assert work(NOON + timedelta(days=2, hours=14)) == 0
