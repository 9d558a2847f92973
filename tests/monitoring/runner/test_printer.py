"""The pages as the monitor prints them."""

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clock import Conversion, same_instant
from registry.db import SessionFactory
from registry.monitoring.exposition import SITES_PAGE, Block, Board, SiteWriter, Writer
from registry.monitoring.exposition.pieces import deflate
from registry.monitoring.models import Dialect, Heartbeat, Snapshot
from registry.monitoring.queries.status import read_status
from registry.monitoring.runner import Gauges, Printer
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.runner.clockwork import Hands
from tests.monitoring.telling import NOON, samples, told


def write_hello(session: Session, *, at: datetime) -> Iterator[Block]:
    """Write a line, as any subject may."""
    assert session.is_active
    yield Block(("", ""), deflate(f"hello {at.timestamp():.0f}\n"))


def make_printer(
    sessions: SessionFactory,
    board: Board,
    *writers: Writer,
    gauges: Gauges | None = None,
    on_the_wall: Conversion = same_instant,
) -> Printer:
    """Return a printer that renews the camera pages every half minute."""
    return Printer(
        sessions,
        writers,
        gauges or Gauges("0"),
        board,
        holder="here:1",
        camera_seconds=30,
        on_the_wall=on_the_wall,
    )


def test_every_page_is_a_new_version_with_the_services_own_metrics(
    sessions: SessionFactory,
) -> None:
    """Each writer has its say, and the service itself comes last."""
    printer = make_printer(sessions, Board(reload_seconds=0), write_hello)

    for minute in (0, 1):
        printer.print_pages(at=NOON + timedelta(minutes=minute))

    with sessions() as session:
        snapshot = session.get_one(Snapshot, (SITES_PAGE, Dialect.TEXT))
    assert snapshot.version == 2
    assert snapshot.rendered_at == NOON + timedelta(minutes=1)
    first, *rest = gzip.decompress(snapshot.packed).decode().splitlines()
    assert first == f"hello {NOON.timestamp() + 60:.0f}"
    assert rest[-1] == 'vigiparc_build_info{version="0"} 1.0'


def test_what_another_monitor_printed_meanwhile_stands(
    sessions: SessionFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """A printer that paused between reading and keeping leaves the page alone, and says so."""
    other = make_printer(sessions, Board(reload_seconds=0), write_hello)
    other.print_pages(at=NOON)

    def pause(session: Session, *, at: datetime) -> Iterator[Block]:
        other.print_pages(at=at + timedelta(minutes=1))
        yield from write_hello(session, at=at)

    make_printer(sessions, Board(reload_seconds=0), pause).print_pages(at=NOON)

    with sessions() as session:
        snapshot = session.get_one(Snapshot, (SITES_PAGE, Dialect.TEXT))
        heartbeat = session.scalars(select(Heartbeat)).one()
    assert snapshot.rendered_at == heartbeat.beat_at == NOON + timedelta(minutes=1)
    assert "left to another monitor" in caplog.text


def test_what_is_printed_is_dated_by_the_wall_clock(sessions: SessionFactory) -> None:
    """A monitor that lives on after a step back looks alive to those who were set back too."""
    hands = Hands()
    clock = hands.clock()
    printer = make_printer(sessions, Board(reload_seconds=0), on_the_wall=clock.on_the_wall)
    printer.print_pages(at=clock())
    hands.passed, hands.set_by = 60, -600

    printer.print_pages(at=clock())

    with sessions() as session:
        dates = set(session.scalars(select(Snapshot.rendered_at)))
        status = read_status(session, schema_expected="", at=NOON - timedelta(seconds=540))
    assert dates == {NOON - timedelta(seconds=540)}
    assert status.troubles(silent_seconds=30) == []


def test_camera_pages_are_printed_at_their_own_pace(sessions: SessionFactory) -> None:
    """They hold four times the series of the sites: they are renewed less often."""
    with sessions() as session, session.begin():
        camera_id = factories.make_camera(session).id
        record(session, [told(camera_id, 0)], patience=2)
    board = Board(reload_seconds=0)
    printer = make_printer(sessions, board, SiteWriter(board, 0))

    versions = []
    for second in (1, 30, 31):
        printer.print_pages(at=NOON + timedelta(seconds=second))
        with sessions() as session:
            page = session.get_one(Snapshot, ("cameras/0/1", Dialect.TEXT))
            versions.append(page.version)

    assert versions == [1, 1, 2]
    found = samples(gzip.decompress(page.packed), "vigiparc_camera_up")
    assert [key[0] for key in found] == [str(camera_id)]


def test_shards_that_are_no_more_are_dropped(sessions: SessionFactory) -> None:
    """After their number has changed, discovery must not list the old ones."""
    with sessions() as session, session.begin():
        for dialect in Dialect:
            old = {"version": 1, "rendered_at": NOON, "digest": "", "packed": b""}
            session.add(Snapshot(page="cameras/1/2", dialect=dialect, **old))

    make_printer(sessions, Board(reload_seconds=0)).print_pages(at=NOON)

    with sessions() as session:
        pages = set(session.scalars(select(Snapshot.page)))
    assert pages == {"sites", "cameras/0/1"}


def test_each_printing_leaves_a_heartbeat(sessions: SessionFactory) -> None:
    """Whoever asks for the service's health reads since when it runs and how it fares."""
    gauges = Gauges("1.2.3")
    printer = make_printer(sessions, Board(reload_seconds=0), gauges=gauges)
    printer.print_pages(at=NOON)
    gauges.dropped(3)
    gauges.ticked(at=NOON, in_flight=7, lag_seconds=0.5)

    printer.print_pages(at=NOON + timedelta(seconds=4))

    with sessions() as session:
        (beat,) = session.scalars(select(Heartbeat))
    assert (beat.started_at, beat.beat_at) == (NOON, NOON + timedelta(seconds=4))
    assert (beat.holder, beat.version) == ("here:1", "1.2.3")
    assert (beat.dropped, beat.in_flight, beat.lag_seconds) == (3, 7, 0.5)
