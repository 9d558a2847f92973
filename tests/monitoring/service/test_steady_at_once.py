"""The one statement that PostgreSQL moves standings with; test_steady holds it to the fold."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from probes.verdict import Identity
from registry.db import SessionFactory, session_scope
from registry.monitoring.models import SiteCounter, SiteState, Standing
from registry.monitoring.service import record
from registry.monitoring.service.steady_at_once import move_at_once
from tests import factories
from tests.flows.demo_region import eventually
from tests.monitoring.service.test_steady_terms import terms_for
from tests.monitoring.telling import at_minute, told


@pytest.fixture(autouse=True)
def _on_postgresql(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite reads and compares; run with TEST_DATABASE=postgresql")


def test_what_is_moved_is_counted_at_its_site(session: Session) -> None:
    """Of two cameras of one site both minutes are counted, in one row."""
    first = factories.make_camera(session)
    second = factories.make_camera(session, site=first.site)
    cameras = first.id, second.id
    record(session, [told(camera, 0) for camera in cameras], patience=2)

    batch = [told(camera, 1) for camera in cameras]
    done = move_at_once(session, terms_for(session, batch))

    assert done == set(cameras)
    assert set(session.scalars(select(Standing.last_at))) == {at_minute(1)}
    assert session.get_one(SiteCounter, (first.site_id, SiteState.UP)).seconds == 120


def test_a_name_with_a_separator_spoils_no_other(session: Session) -> None:
    """No XML can say it; were it said, it would take the long way alone."""
    odd, plain = (factories.make_camera(session) for _ in range(2))
    named = Identity("Axis", "P3245\x1e", "10.1", "SN1", "")
    record(session, [told(odd.id, 0, identity=named), told(plain.id, 0)], patience=2)

    batch = [told(odd.id, 1, identity=named), told(plain.id, 1)]

    assert move_at_once(session, terms_for(session, batch)) == {plain.id}


def test_whoever_comes_second_moves_nothing(sessions: SessionFactory) -> None:
    """A monitor that waited for another one's row sees what that has made of it."""
    with session_scope(sessions) as session:
        camera = factories.make_camera(session)
        record(session, [told(camera.id, 0)], patience=2)
    late = told(camera.id, 1)

    def move_late() -> frozenset[int]:
        with session_scope(sessions) as session:
            return move_at_once(session, terms_for(session, [late]))

    with sessions() as first, ThreadPoolExecutor(1) as pool:
        record(first, [told(camera.id, 1.5)], patience=2)
        second = pool.submit(move_late)
        assert eventually(lambda: _waits(sessions), seconds=20)
        first.commit()

        assert second.result() == frozenset()

    with sessions() as session:
        assert session.get_one(Standing, camera.id).last_at == at_minute(1.5)
        assert session.get_one(SiteCounter, (camera.site_id, SiteState.UP)).seconds == 90


def _waits(sessions: SessionFactory) -> bool:
    """Tell whether somebody waits for a lock of this database."""
    question = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with sessions() as session:
        return bool(session.scalar(question))


@pytest.mark.parametrize("table", ["standings", "site_counters"])
def test_a_page_keeps_room_for_what_each_second_rewrites(session: Session, table: str) -> None:
    """Otherwise each new version of a row goes to another page, and into the index again."""
    question = text("SELECT reloptions FROM pg_class WHERE oid = to_regclass(:table)")

    assert session.scalar(question, {"table": table}) == ["fillfactor=50"]
