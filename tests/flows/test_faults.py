"""What the record survives: a database that is away, a full disk, a second monitor."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, make_url, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from probes.verdict import Health
from registry.db import SessionFactory, open_engine, session_factory, session_scope
from registry.errors import Conflict
from registry.monitoring.models import (
    Dialect,
    Interval,
    Outage,
    SiteCounter,
    SiteState,
    Standing,
)
from registry.monitoring.runner.clerk import Clerk, Errands
from registry.monitoring.service import record
from tests import factories
from tests.conftest import ON_POSTGRESQL
from tests.flows.ledgers import hold_the_record
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


@contextmanager
def gone(database_url: str) -> Iterator[None]:
    """Take the database away, as a server that is down or a disk that is not mounted."""
    url = make_url(database_url)
    if not ON_POSTGRESQL:
        folder = Path(url.database or "").parent
        away = folder.rename(folder.with_name(f"{folder.name}-away"))
        try:
            yield
        finally:
            away.rename(folder)
        return
    server = open_engine(
        url.set(database="template1").render_as_string(hide_password=False)
    ).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :it"),
            {"it": url.database},
        )
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))
    server.dispose()


@pytest.mark.parametrize("fault", [locked, gone])
def test_a_minute_without_the_database_costs_no_second(
    impatient: SessionFactory,
    engine: Engine,
    database_url: str,
    fault: Callable[[str], AbstractContextManager[None]],
) -> None:
    """Locked or away, the monitor goes on probing; nothing is given up, no time is unknown."""
    dropped: list[int] = []

    async def scene() -> None:
        async with bench(impatient) as at_work:
            await at_work.pass_seconds(2 * INTERVAL)
            # Whoever is connected to a file has it, wherever it is moved.
            engine.dispose()
            with fault(database_url):
                await at_work.pass_seconds(60)
                with pytest.raises(OperationalError), impatient() as session:
                    session.execute(update(Standing).values(health=DOWN))
            await at_work.pass_seconds(2 * INTERVAL)
            dropped.append(at_work.gauges.vitals.dropped)

    asyncio.run(scene())

    with impatient() as session:
        (row,) = session.scalars(select(Interval)).all()
        standing = session.scalars(select(Standing)).one()
        hold_the_record(session, now=NOON + timedelta(minutes=2), longest_hold=3 * INTERVAL)
    assert dropped == [0]
    assert (row.health, row.ended_at) == (UP, None)
    assert standing.last_at > NOON + timedelta(seconds=60 + 2 * INTERVAL)


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


def test_a_full_disk_keeps_what_was_and_loses_nothing(
    engine: Engine, sessions: SessionFactory
) -> None:
    """A batch that does not fit is written as a whole, once there is room again."""
    with session_scope(sessions) as session:
        site = factories.make_site(session)
        cameras = [factories.make_camera(session, site=site).id for _ in range(400)]
    clerk = Clerk(sessions, "one", patience=2)
    clerk.turn(Errands([told(cameras[0], 0)]), at=NOON)
    batch = [told(camera_id, 1) for camera_id in cameras]

    with full(engine):
        for second in (60, 61, 62, 63):
            with pytest.raises(OperationalError, match=r"full|No space left"):
                clerk.turn(Errands(batch), at=NOON + timedelta(seconds=second))
        with sessions() as session:
            kept = [row.last_at for row in session.scalars(select(Standing))]
            counted = session.scalar(select(func.sum(SiteCounter.seconds)))
    clerk.turn(Errands(batch), at=at_minute(1))

    with sessions() as session:
        written = session.scalars(select(Standing)).all()
        hold_the_record(session, now=at_minute(1), longest_hold=150)
    assert (kept, counted) == ([NOON], None)
    assert {row.last_at for row in written} == {at_minute(1)}
    assert len(written) == len(cameras)


# What PostgreSQL says when it cannot extend a table, said in the midst of a batch.
NO_SPACE = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_space BEFORE INSERT ON intervals EXECUTE FUNCTION no_space();
"""


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Let the disk be full for a while."""
    if not ON_POSTGRESQL:
        limit_pages(engine, room=2)
        yield
        limit_pages(engine, room=1 << 20)
        return
    with engine.begin() as connection:
        connection.exec_driver_sql(NO_SPACE)
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP FUNCTION no_space CASCADE")


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
