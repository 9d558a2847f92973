"""What is held of every camera between two pages, and that it is never wrong for long."""

from datetime import date
from random import Random

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue
from registry.clock import paris_midnight
from registry.fleet.models import Camera, Site
from registry.monitoring.exposition import Board
from registry.monitoring.exposition.board import shard_of
from registry.monitoring.models import MaintenanceWindow, Standing
from registry.monitoring.rules import Shown
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.reading import site_cameras
from tests.monitoring.telling import NOON, at_minute, told


def counted(board: Board, session: Session, minute: float) -> dict[int, dict[Shown, int]]:
    """Return what the board counts, as the query for pages does."""
    board.refresh(session, at=at_minute(minute))
    return {
        site_id: {shown: number for shown, number in zip(Shown, count.shown, strict=True) if number}
        for site_id, count in board.judge(session, at=at_minute(minute)).items()
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_board_counts_what_the_database_counts(session: Session, seed: int) -> None:
    """Through verdicts, silence, maintenance, new, moved and retired cameras, minute by minute."""
    chance = Random(seed)  # noqa: S311 - a draw, not a secret
    sites = [factories.make_site(session) for _ in range(3)]
    board = Board(reload_seconds=3_600)
    cameras: list[Camera] = []
    for minute in range(12):
        if chance.random() < 0.6:
            cameras.append(new_camera(session, chance.choice(sites), minute))
        if cameras and chance.random() < 0.2:
            retired = chance.choice(cameras)
            retired.retired_on = date(2026, 11, 23)
            retired.changed_at = at_minute(minute)
        if cameras and chance.random() < 0.3:
            moved = chance.choice(cameras)
            moved.site, moved.changed_at = chance.choice(sites), at_minute(minute)
        if cameras and chance.random() < 0.3:
            plan(session, chance.choice(cameras), minute, whole_site=chance.random() < 0.5)
        session.flush()
        spoken = [camera for camera in cameras if chance.random() < 0.7]
        verdicts = [
            told(
                camera.id,
                minute,
                chance.choice(list(Health)),
                issues=chance.choice([[], [Issue.CLOCK_SKEW]]),
            )
            for camera in spoken
        ]
        record(session, verdicts, patience=2)
        board.touch(camera.id for camera in spoken)

        at = minute + 0.5
        assert counted(board, session, at) == site_cameras(session, at=at_minute(at))


def new_camera(session: Session, site: Site, minute: int) -> Camera:
    """Register a camera at a minute."""
    camera = factories.make_camera(session, site=site)
    camera.changed_at = at_minute(minute)
    return camera


def plan(session: Session, camera: Camera, minute: int, *, whole_site: bool) -> None:
    """Plan three minutes of maintenance."""
    session.add(
        MaintenanceWindow(
            site_id=camera.site_id,
            camera_id=None if whole_site else camera.id,
            starts_at=at_minute(minute),
            ends_at=at_minute(minute + 3),
            reason="test",
            author="test",
            entered_at=NOON,
        )
    )


def test_a_camera_is_counted_from_midnight_to_midnight(session: Session) -> None:
    """Of Paris: from the first second of its first day to the last before it is retired."""
    first, last = date(2026, 11, 22), date(2026, 11, 23)
    camera = factories.make_camera(session, commissioned_on=first)
    camera.retired_on = last
    session.flush()
    board = Board(reload_seconds=3_600)
    begins, ends = (int((paris_midnight(day) - NOON).total_seconds()) for day in (first, last))

    found = [
        counted(board, session, second / 60) for second in (begins - 1, begins, ends - 1, ends)
    ]

    unseen = {camera.site_id: {Shown.UNKNOWN: 1}}
    assert found == [{}, unseen, unseen, {}]


def test_what_slipped_by_is_found_at_the_next_reload(session: Session) -> None:
    """A row that is gone without a word leaves the board with the next full reading."""
    site = factories.make_site(session)
    camera = factories.make_camera(session, site=site)
    board = Board(reload_seconds=60)
    before = counted(board, session, 0)
    session.execute(delete(Standing))
    session.delete(camera.devices[0])
    session.delete(camera)
    session.flush()

    soon, later = counted(board, session, 0.5), counted(board, session, 1)

    assert before == soon == {site.id: {Shown.UNKNOWN: 1}}
    assert later == {}


def test_a_camera_that_is_as_it_was_keeps_its_seat(session: Session) -> None:
    """Reading everything anew is no reason to write it all anew."""
    site = factories.make_site(session)
    still, renamed, gone = (factories.make_camera(session, site=site) for _ in range(3))
    record(session, [told(still.id, 0), told(renamed.id, 0)], patience=2)
    board = Board(reload_seconds=60)
    counted(board, session, 0)
    before = {seat.camera_id: seat for seat in board.shard(0)}
    session.execute(delete(Standing).where(Standing.camera_id == still.id))
    renamed.devices[0].model = "Bullet"
    gone.commissioned_on = None
    session.flush()

    later = counted(board, session, 1)

    after = {seat.camera_id: seat for seat in board.shard(0)}
    assert after.keys() == {still.id, renamed.id}
    assert after[still.id] is before[still.id]
    assert after[renamed.id] is not before[renamed.id]
    assert later == {site.id: {Shown.UP: 1, Shown.UNKNOWN: 1}}


def test_a_site_is_never_split_between_shards(session: Session) -> None:
    """Each camera in service is in exactly one shard, beside the others of its site."""
    sites = [factories.make_site(session) for _ in range(8)]
    cameras = [factories.make_camera(session, site=site) for site in sites for _ in range(2)]
    board = Board(reload_seconds=60, shard_cameras=6)
    board.refresh(session, at=NOON)

    shards = [list(board.shard(number)) for number in range(3)]

    assert sorted(seat.camera_id for shard in shards for seat in shard) == sorted(
        camera.id for camera in cameras
    )
    homes = {site.id: shard_of(site.public_id, 3) for site in sites}
    assert all(homes[seat.site_id] == place for place, s in enumerate(shards) for seat in s)
