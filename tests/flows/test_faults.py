"""What the record survives: a database that is away, a full disk, a second monitor."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from probes.verdict import Health, Reason, Verdict
from registry import models
from registry.clock import paris_midnight
from registry.db import SessionFactory, open_engine, session_factory, session_scope
from registry.errors import Conflict
from registry.fleet.models import Camera, Site
from registry.monitoring.models import (
    Dialect,
    Interval,
    Outage,
    SiteCounter,
    SiteState,
    Standing,
)
from registry.monitoring.queries.availability import Group, Subject, availability
from registry.monitoring.rules import Scheduled
from registry.monitoring.runner.clerk import Clerk, Errands
from registry.monitoring.service import record
from registry.monitoring.uptime import HOUR, Span, Tally
from tests import factories
from tests.conftest import ON_POSTGRESQL
from tests.monitoring.runner.clockwork import INTERVAL, bench
from tests.monitoring.telling import NOON, at_minute, page_of, samples, told

# Verdicts that memory keeps in the test of its bound; a minute has three times as many.
KEPT = 2
UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN


@pytest.fixture
def impatient(engine: Engine) -> SessionFactory:
    """Return sessions that wait for nobody, so that a minute's lock costs no minute here."""
    statement = "SET lock_timeout = '40ms'" if ON_POSTGRESQL else "PRAGMA busy_timeout = 40"

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _entry: object) -> None:  # noqa: ANN401 - a driver's own
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        connection.commit()

    return session_factory(engine)


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Hold the database as a backup, or somebody's console, may."""
    engine = open_engine(database_url)
    with engine.connect() as connection:
        if ON_POSTGRESQL:
            connection.execute(
                text("LOCK TABLE standings, monitor_leases IN ACCESS EXCLUSIVE MODE")
            )
        else:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
        yield
        connection.rollback()
    engine.dispose()


def test_verdicts_outlive_a_locked_database(impatient: SessionFactory, database_url: str) -> None:
    """What could not be written for a minute is written afterwards, with its own instants."""
    with session_scope(impatient) as session:
        camera = factories.make_camera(session)
    clerk = Clerk(impatient, "one", patience=2)
    clerk.turn(Errands([told(camera.id, 0)]), at=NOON)

    waiting = []
    with locked(database_url):
        for second in range(5, 65, 5):
            waiting = [told(camera.id, minute) for minute in range(1, 1 + second // 60)]
            with pytest.raises(OperationalError):
                clerk.turn(Errands(waiting), at=NOON + timedelta(seconds=second))
    clerk.turn(Errands([*waiting, told(camera.id, 2)]), at=at_minute(2))

    with impatient() as session:
        (row,) = session.scalars(select(Interval)).all()
        counted = dict(session.execute(select(SiteCounter.state, SiteCounter.seconds)).all())
    assert (row.health, row.started_at, row.ended_at) == (UP, NOON, None)
    assert counted == {SiteState.UP: 120}


def test_beyond_the_bound_verdicts_are_given_up_as_unknown_and_counted(
    impatient: SessionFactory, database_url: str
) -> None:
    """A minute without the database: what memory holds is written, the rest nobody saw."""
    given_up: list[int] = []
    counted: dict[tuple[str, ...], float] = {}

    async def scene() -> None:
        async with bench(impatient, most_waiting=KEPT) as at_work:
            await at_work.pass_seconds(2 * INTERVAL)
            with locked(database_url):
                await at_work.pass_seconds(60)
            given_up.append(at_work.gauges.vitals.dropped)
            await at_work.pass_seconds(2 * INTERVAL)
            with impatient() as session:
                told_of = page_of(at_work.gauges(session, at=NOON), Dialect.TEXT)
            counted.update(samples(told_of, "vigiparc_verdicts_dropped_total"))

    asyncio.run(scene())

    with impatient() as session:
        up, unknown, again = session.scalars(select(Interval).order_by(Interval.started_at))
    assert given_up == [60 // INTERVAL - KEPT] == list(counted.values())
    assert [up.health, unknown.health, again.health] == [UP, UNKNOWN, UP]
    assert up.ended_at
    assert unknown.ended_at
    # The last verdict written held for two and a half intervals; two were kept in memory.
    assert unknown.started_at == up.ended_at
    assert again.started_at == unknown.ended_at
    assert timedelta() < unknown.ended_at - unknown.started_at <= timedelta(seconds=4 * INTERVAL)
    assert again.ended_at is None


def test_a_full_disk_keeps_what_was_and_loses_nothing(tmp_path: Path) -> None:
    """A batch that does not fit is written as a whole, once there is room again."""
    engine = open_engine(f"sqlite:///{tmp_path / 'full.db'}")
    models.metadata.create_all(engine)
    sessions = session_factory(engine)
    with session_scope(sessions) as session:
        site = factories.make_site(session)
        cameras = [factories.make_camera(session, site=site).id for _ in range(400)]
    clerk = Clerk(sessions, "one", patience=2)
    clerk.turn(Errands([told(cameras[0], 0)]), at=NOON)
    batch = [told(camera_id, 1) for camera_id in cameras]

    limit_pages(engine, room=2)
    with pytest.raises(OperationalError, match="full"):
        clerk.turn(Errands(batch), at=at_minute(1))
    with sessions() as session:
        kept = [row.last_at for row in session.scalars(select(Standing))]
    limit_pages(engine, room=1 << 20)
    clerk.turn(Errands(batch), at=at_minute(1))

    with sessions() as session:
        written = session.scalars(select(Standing)).all()
    engine.dispose()
    assert kept == [NOON]
    assert {row.last_at for row in written} == {at_minute(1)}
    assert len(written) == len(cameras)


def limit_pages(engine: Engine, *, room: int) -> None:
    """Let the file grow by so many pages and no more, as on a disk that is full."""
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + room}")


def test_two_monitors_by_mistake_count_no_second_twice(sessions: SessionFactory) -> None:
    """Both write every verdict at once; the guarded update lets each through once."""
    with session_scope(sessions) as session:
        site = factories.make_site(session)
        cameras = [factories.make_camera(session, site=site).id for _ in range(3)]
    story = [UP, UP, DOWN, DOWN, DOWN, UP, UP, UP]

    def write(refusals: list[Exception]) -> None:
        for minute, health in enumerate(story):
            batch = [told(camera_id, minute, health) for camera_id in cameras]
            while True:
                try:
                    with session_scope(sessions) as session:
                        record(session, batch, patience=2)
                    break
                except (Conflict, OperationalError, IntegrityError) as error:
                    refusals.append(error)
                    assert len(refusals) < 200

    threads = [threading.Thread(target=write, args=([],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    with sessions() as session:
        counted = dict(session.execute(select(SiteCounter.state, SiteCounter.seconds)).all())
        outages = session.scalars(select(Outage)).all()
        intervals = session.scalars(select(Interval)).all()
    assert {state: n for state, n in counted.items() if n} == {
        SiteState.UP: 3 * 240,
        SiteState.DOWN: 3 * 180,
    }
    assert sorted(each.camera_id or 0 for each in outages) == cameras
    assert len(intervals) == 3 * 3


def test_a_night_in_which_the_clocks_change_has_all_its_seconds(session: Session) -> None:
    """The hour that Paris has twice is counted twice, and an outage in it is as long as it was."""
    camera = factories.make_camera(session, commissioned_on=date(2026, 1, 1))
    start = int(paris_midnight(date(2026, 10, 25)).timestamp())
    # Half past two, Paris, comes twice: the camera is down from the first to the second.
    down = range(start + 9_000, start + 9_000 + HOUR)
    verdicts = [
        Scheduled(
            Verdict(
                camera.id,
                datetime.fromtimestamp(at, UTC),
                DOWN if at in down else UP,
                Reason.NO_ROUTE if at in down else None,
            ),
            600,
        )
        for at in range(start, start + 26 * HOUR, 600)
    ]

    record(session, verdicts, patience=2)

    window = Span(start, start + 25 * HOUR)
    found = availability(session, Subject.SITE, camera.site.public_id, window, group=Group.DAY)
    (day,) = found.parts
    assert day.reckoning.tally == Tally(up=24 * HOUR, down=HOUR)
    outage = session.scalars(select(Outage)).one()
    assert outage.ended_at is not None
    assert (outage.ended_at - outage.started_at) == timedelta(hours=1)


def test_five_thousand_cameras_fail_in_one_second(session: Session) -> None:
    """Each gets the outage that is its own, and each dark site one."""
    sites = [factories.make_site(session) for _ in range(50)]
    for site in sites[:10]:
        site.gateway_host = "10.0.0.1"
    session.flush()
    ids = bulk_cameras(session, sites, number=5_000)
    behind = {camera_id for place, camera_id in enumerate(ids) if place % 50 < 10}

    record(session, [told(camera_id, 0) for camera_id in ids], patience=2)
    for minute in (1, 2):
        record(
            session,
            [told(each, minute, UNREACHABLE if each in behind else DOWN) for each in ids],
            patience=2,
        )

    outages = session.execute(select(Outage.camera_id, Outage.started_at, Outage.ended_at)).all()
    assert {row[1:] for row in outages} == {(at_minute(1), None)}
    assert sum(row.camera_id is None for row in outages) == 10
    assert {row.camera_id for row in outages} - {None} == set(ids) - behind
    assert len(outages) == 10 + 4_000


def bulk_cameras(session: Session, sites: Sequence[Site], *, number: int) -> list[int]:
    """Add many cameras, spread over some sites."""
    rows = [
        {
            "site_id": sites[place % len(sites)].id,
            "label": f"CAM-{place}",
            "commissioned_on": date(2026, 1, 1),
            "changed_at": NOON,
        }
        for place in range(number)
    ]
    found = session.scalars(insert(Camera).returning(Camera.id, sort_by_parameter_order=True), rows)
    return list(found)
