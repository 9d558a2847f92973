"""Where cameras stand, read back as it was written."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue, Reason
from registry.fleet.models import Camera
from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.queries.standings import (
    FOREVER,
    among,
    batched,
    known_cameras,
    service_bounds,
)
from registry.monitoring.rules import Piece, Shown
from registry.monitoring.service import enter_maintenance, record
from registry.monitoring.uptime import Span
from tests import factories
from tests.monitoring.reading import site_cameras
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, told


def test_a_state_survives_the_database(session: Session) -> None:
    """What waits for patience waits across a restart, with its causes."""
    camera = factories.make_camera(session)
    strange = told(camera.id, 1, issues=[Issue.IDENTITY_MISMATCH], identity=OTHER_UNIT)
    story = [told(camera.id, 0), strange, told(camera.id, 2, Health.DOWN)]
    story.append(told(camera.id, 3, Health.UNREACHABLE))
    record(session, story, patience=3)

    state = known_cameras(session, [camera.id])[camera.id].state

    noon = int(NOON.timestamp())
    assert state is not None
    assert state.pending == (
        Piece(noon + 120, Health.DOWN, Reason.CONNECT_TIMEOUT),
        Piece(noon + 180, Health.UNREACHABLE, Reason.GATEWAY_DOWN),
    )
    assert (state.dissent, state.mismatches, state.mismatch_since) == (2, 1, noon + 60)


def test_a_camera_without_a_standing_is_known_all_the_same(session: Session) -> None:
    """Its first verdict needs to know its site and its days of service."""
    camera = factories.make_camera(session)

    known = known_cameras(session, [camera.id, 4711])

    assert list(known) == [camera.id]
    assert (known[camera.id].site_id, known[camera.id].state) == (camera.site_id, None)


def test_service_runs_from_midnight_to_midnight_in_paris() -> None:
    """Days are those of Paris: midnight is at 23:00 UTC in winter, 22:00 in summer."""
    winter, summer = date(2026, 1, 15), date(2026, 7, 1)

    bounds = service_bounds(winter, summer)

    assert bounds.start % 86_400 == 23 * 3_600
    assert bounds.end % 86_400 == 22 * 3_600
    assert service_bounds(winter, None).end == FOREVER
    assert service_bounds(None, None) == Span(0, 0)


def test_long_lists_are_cut_for_the_database() -> None:
    """No statement names more cameras than a database takes."""
    assert [len(chunk) for chunk in batched(range(12_000))] == [5_000, 5_000, 2_000]


def test_a_lost_probe_does_not_hide_a_camera(session: Session) -> None:
    """While patience waits, a page shows what stood before; beyond the hold, unknown."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0), told(camera.id, 1, Health.DOWN)], patience=2)

    assert site_cameras(session, at=at_minute(3.4)) == {camera.site_id: {Shown.UP: 1}}
    assert site_cameras(session, at=at_minute(3.5)) == {camera.site_id: {Shown.UNKNOWN: 1}}


def test_maintenance_shows_while_it_lasts(session: Session) -> None:
    """The window is half-open: at its end the camera is itself again."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0)], patience=2)
    session.add(
        MaintenanceWindow(
            site_id=camera.site_id,
            starts_at=NOON,
            ends_at=at_minute(1),
            reason="test",
            author="test",
            entered_at=NOON - timedelta(days=1),
        )
    )
    session.flush()

    assert site_cameras(session, at=at_minute(0.9)) == {camera.site_id: {Shown.MAINTENANCE: 1}}
    assert site_cameras(session, at=at_minute(1)) == {camera.site_id: {Shown.UP: 1}}


def test_work_on_one_camera_shows_at_that_one_wherever_it_stands(session: Session) -> None:
    """Moved meanwhile, it is still the one that is worked on; its neighbours are not."""
    moved, left = factories.make_camera(session), factories.make_camera(session)
    left.site = before = moved.site
    neighbour = factories.make_camera(session)
    for each in (moved, left, neighbour):
        record(session, [told(each.id, 0)], patience=2)
    enter_maintenance(
        session,
        before.id,
        camera_id=moved.id,
        starts_at=NOON,
        ends_at=at_minute(2),
        reason="lens",
        actor="user:1",
        at=NOON,
    )
    moved.site = neighbour.site
    session.flush()

    assert site_cameras(session, at=at_minute(1)) == {
        before.id: {Shown.UP: 1},
        neighbour.site_id: {Shown.MAINTENANCE: 1, Shown.UP: 1},
    }


def test_many_cameras_are_named_by_one_parameter(session: Session) -> None:
    """A database takes some ten thousand parameters in a statement; a fleet has more cameras."""
    first, second, _ = (factories.make_camera(session).id for _ in range(3))
    chosen = [second, first, *range(1_000_000, 1_100_000)]

    found = session.scalars(select(Camera.id).where(among(session, Camera.id, chosen)))

    assert sorted(found) == [first, second]


def test_nobody_is_among_none(session: Session) -> None:
    """An empty batch finds no camera, and is no error."""
    factories.make_camera(session)

    found = session.scalars(select(Camera.id).where(among(session, Camera.id, ())))

    assert found.all() == []


def test_a_list_of_numbers_is_taken_apart_once(session: Session) -> None:
    """As a condition of each row PostgreSQL read all of it again for every row of a table."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("a list of SQLite's is a table; run with TEST_DATABASE=postgresql")
    session.execute(text("SET LOCAL enable_indexscan = off"))
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    question = select(Camera.id).where(among(session, Camera.id, [4711, 4712]))
    named = question.compile(session.get_bind())

    plan = session.connection().exec_driver_sql(f"EXPLAIN {named}", named.params).scalars().all()

    filters = [line for line in plan if "Filter" in line]
    assert not [line for line in filters if "4711" in line]
    assert any("4711" in line for line in plan)
