"""What people ask of monitoring, and what is refused."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health, Verdict
from registry.errors import Conflict, Invalid, NotFound
from registry.monitoring.models import Outage, ProbeRequest
from registry.monitoring.service import (
    acknowledge,
    answer_probe_request,
    record,
    request_probe,
    take_probe_requests,
)
from tests import factories
from tests.monitoring.telling import NOON, at_minute, told


def open_outage(session: Session) -> Outage:
    """Return the outage of a camera that is down."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0, Health.DOWN)], patience=2)
    return session.scalars(select(Outage)).one()


def test_a_wish_is_taken_once_and_answered(session: Session) -> None:
    """The verdict comes back to whoever asked, without a credential in it."""
    camera = factories.make_camera(session)
    request = request_probe(session, camera.id, actor="user:3", at=NOON)

    assert take_probe_requests(session, at=at_minute(1)) == [(request.id, camera.id)]
    assert take_probe_requests(session, at=at_minute(2)) == []
    verdict = Verdict(camera.id, NOON, Health.UP).to_dict()
    answer_probe_request(session, request.id, verdict=verdict, at=at_minute(2))

    assert request.taken_at == at_minute(1)
    assert request.answered_at == at_minute(2)
    assert request.verdict is not None
    assert request.verdict["health"] == "up"


def test_a_wish_that_waits_is_not_doubled(session: Session) -> None:
    """Who clicks twice asks once."""
    camera = factories.make_camera(session)

    first = request_probe(session, camera.id, actor="user:3", at=NOON)
    assert request_probe(session, camera.id, actor="user:4", at=NOON) is first
    take_probe_requests(session, at=NOON)
    assert request_probe(session, camera.id, actor="user:4", at=NOON) is not first


def test_nobody_probes_what_is_not_there(session: Session) -> None:
    """A wish for an unknown camera is an error, an answer to a lost wish none."""
    with pytest.raises(NotFound):
        request_probe(session, 4711, actor="user:3", at=NOON)
    answer_probe_request(session, 4711, verdict={}, at=NOON)
    assert session.scalars(select(ProbeRequest)).all() == []


def test_an_outage_is_acknowledged_once(session: Session) -> None:
    """The first who takes care of it is named; a second one is told so."""
    outage = open_outage(session)

    acknowledge(session, outage.id, actor="user:3", at=at_minute(4), note="Nacelle demain")

    assert (outage.acknowledged_by, outage.note) == ("user:3", "Nacelle demain")
    with pytest.raises(Conflict):
        acknowledge(session, outage.id, actor="user:4", at=at_minute(5))


def test_an_endless_note_is_refused(session: Session) -> None:
    """A note fits on a line of the list; an unknown outage cannot be acknowledged."""
    outage = open_outage(session)

    with pytest.raises(Invalid):
        acknowledge(session, outage.id, actor="user:3", at=NOON, note="x" * 401)
    with pytest.raises(NotFound):
        acknowledge(session, 4711, actor="user:3", at=NOON)
    assert outage.acknowledged_at is None
