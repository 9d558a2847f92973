"""What people ask of the monitor is taken once, and answered."""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from probes.verdict import Health, Verdict
from registry.monitoring.models import ProbeRequest
from registry.monitoring.service import (
    answer_probe_request,
    request_probes,
    take_probe_requests,
)
from tests import factories
from tests.monitoring.telling import NOON, at_minute
from tests.web.visitors import counted_selects


def wishes(session: Session) -> Sequence[ProbeRequest]:
    """Return every wish, the oldest first."""
    return session.scalars(select(ProbeRequest).order_by(ProbeRequest.id)).all()


def test_a_wish_is_taken_once_and_answered(session: Session) -> None:
    """The verdict comes back to whoever asked, without a credential in it."""
    camera = factories.make_camera(session)
    request_probes(session, [camera.id], actor="user:3", at=NOON)
    (request,) = wishes(session)

    assert take_probe_requests(session, at=at_minute(1)) == [(request.id, camera.id)]
    assert take_probe_requests(session, at=at_minute(2)) == []
    verdict = Verdict(camera.id, NOON, Health.UP).to_dict()
    answer_probe_request(session, request.id, verdict=verdict, at=at_minute(2))

    assert (request.requested_by, request.taken_at) == ("user:3", at_minute(1))
    assert request.answered_at == at_minute(2)
    assert request.verdict is not None
    assert request.verdict["health"] == "up"


def test_a_wish_that_waits_is_not_doubled(session: Session) -> None:
    """Who clicks twice asks once, and for the others of the site all the same."""
    first, second = factories.make_camera(session), factories.make_camera(session)

    request_probes(session, [first.id], actor="user:3", at=NOON)
    request_probes(session, [first.id, second.id], actor="user:4", at=NOON)

    assert [(each.camera_id, each.requested_by) for each in wishes(session)] == [
        (first.id, "user:3"),
        (second.id, "user:4"),
    ]
    take_probe_requests(session, at=NOON)
    request_probes(session, [first.id], actor="user:4", at=NOON)
    assert len(wishes(session)) == 3


def test_a_whole_site_is_asked_for_in_one_question(session: Session, engine: Engine) -> None:
    """However many cameras it has."""
    cameras = [factories.make_camera(session).id for _ in range(5)]

    with counted_selects(engine) as selects:
        request_probes(session, cameras, actor="user:3", at=NOON)

    assert sum(each.startswith("SELECT") for each in selects) == 1
    assert len(wishes(session)) == 5


def test_an_answer_to_a_lost_wish_is_let_go(session: Session) -> None:
    """Old wishes are removed while their probes may be under way."""
    answer_probe_request(session, 4711, verdict={}, at=NOON)

    assert wishes(session) == []
