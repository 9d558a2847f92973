"""How SQLite moves standings; test_steady holds it to the fold."""

from collections import defaultdict

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Conflict
from registry.monitoring.models import Standing
from registry.monitoring.service import record
from registry.monitoring.service.steady_by_row import find_steady, write_moved
from tests import factories
from tests.monitoring.service.test_steady_terms import terms_for
from tests.monitoring.telling import at_minute, told


@pytest.fixture(autouse=True)
def _on_sqlite(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL moves them in one statement: see test_steady_at_once")


def test_what_is_found_is_told_by_site(session: Session) -> None:
    """Of two cameras of one site both minutes are told; nothing is written before it is said."""
    first = factories.make_camera(session)
    second = factories.make_camera(session, site=first.site)
    cameras = first.id, second.id
    record(session, [told(camera, 0) for camera in cameras], patience=2)
    seconds: defaultdict[tuple[int, str], int] = defaultdict(int)

    batch = [told(camera, 1) for camera in cameras]
    moved = find_steady(session, terms_for(session, batch), seconds)

    assert seconds == {(first.site_id, "up"): 120}
    assert set(session.scalars(select(Standing.last_at))) == {at_minute(0)}
    write_moved(session, moved)
    session.expire_all()
    assert set(session.scalars(select(Standing.last_at))) == {at_minute(1)}


def test_a_standing_that_was_moved_meanwhile_is_not_overwritten(session: Session) -> None:
    """Two monitors that read the same cannot both write."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0)], patience=2)
    moved = find_steady(session, terms_for(session, [told(camera.id, 1)]), defaultdict(int))
    record(session, [told(camera.id, 1.5)], patience=2)

    with pytest.raises(Conflict, match="1 standings were written by somebody else"):
        write_moved(session, moved)
