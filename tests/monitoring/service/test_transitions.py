"""What befalls a camera is kept in the transaction that wrote it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Reason
from registry.monitoring.models import Transition
from registry.monitoring.rules import OutageMove
from registry.monitoring.rules.notices import Happening, Sign
from registry.monitoring.service import note_transitions, record
from registry.monitoring.service.transitions import happening_of, leavings, returns
from tests import factories
from tests.monitoring.telling import NOON, told

SINCE = int(NOON.timestamp())
BEGIN = OutageMove(SINCE, Health.DOWN, Reason.CONNECT_TIMEOUT, opened=True)
CAUSE = OutageMove(SINCE + 60, Health.UNREACHABLE, Reason.GATEWAY_DOWN)
END = OutageMove(SINCE + 120, Health.UP, None, closed=True)
LOSS = OutageMove(SINCE + 120, Health.UNKNOWN, Reason.NOT_PROBED, closed=True)


def test_moves_become_rows_in_their_order(session: Session) -> None:
    """Beginning, other cause and end, each with its instant; nothing is planned yet."""
    camera = factories.make_camera(session)

    note_transitions(session, [(camera.id, move) for move in (BEGIN, CAUSE, END)], at=NOON)

    rows = session.scalars(select(Transition).order_by(Transition.id)).all()
    assert [(row.happening, row.health, row.reason, row.planned_at) for row in rows] == [
        (Happening.OPENED, Health.DOWN, Reason.CONNECT_TIMEOUT, None),
        (Happening.CHANGED, Health.UNREACHABLE, Reason.GATEWAY_DOWN, None),
        (Happening.RECOVERED, Health.UP, None, None),
    ]
    assert [(row.at - NOON).total_seconds() for row in rows] == [0, 60, 120]


def test_nothing_is_written_for_nothing(session: Session) -> None:
    """Most batches move no outage."""
    note_transitions(session, [], at=NOON)

    assert session.scalars(select(Transition)).all() == []


def test_signs_become_rows_beside_the_moves(session: Session) -> None:
    """Another unit and a refused login are kept like an outage; the camera answers."""
    camera = factories.make_camera(session)
    signs = [
        (camera.id, Sign(SINCE, Happening.SWAPPED, Health.UP)),
        (camera.id, Sign(SINCE + 60, Happening.REFUSED, Health.UP)),
    ]

    note_transitions(session, [(camera.id, BEGIN)], signs, at=NOON)

    rows = session.scalars(select(Transition).order_by(Transition.id)).all()
    assert [(row.happening, row.health, row.reason) for row in rows] == [
        (Happening.OPENED, Health.DOWN, Reason.CONNECT_TIMEOUT),
        (Happening.SWAPPED, Health.UP, None),
        (Happening.REFUSED, Health.UP, None),
    ]


def test_whoever_goes_leaves_nothing_open(session: Session) -> None:
    """A retired camera is sent no credentials any more: said once, when nobody looks there."""
    camera = factories.make_camera(session)
    refused = told(camera.id, 0, authentication=Authentication.FAILED)
    note_transitions(session, [], record(session, [refused], patience=1).signs, at=NOON)
    camera.retired_on = NOON.date()
    session.flush()

    found = leavings(session, at=NOON, before=SINCE + 1)
    note_transitions(session, [], found, at=NOON)

    assert found == [(camera.id, Sign(SINCE, Happening.WITHHELD, Health.UNKNOWN))]
    assert leavings(session, at=NOON, before=SINCE + 1) == []


def test_whoever_comes_back_as_he_went_is_told_of_again(session: Session) -> None:
    """A refused login is one still, once the camera is in service anew: said once."""
    camera = factories.make_camera(session)
    refused = [told(camera.id, each, authentication=Authentication.FAILED) for each in (0, 2)]
    note_transitions(session, [], record(session, refused[:1], patience=1).signs, at=NOON)
    left = Sign(SINCE + 60, Happening.WITHHELD, Health.UNKNOWN)
    note_transitions(session, [], [(camera.id, left)], at=NOON)
    assert returns(session, at=NOON) == []
    assert record(session, refused[1:], patience=1).signs == []

    found = returns(session, at=NOON)
    note_transitions(session, [], found, at=NOON)

    assert found == [(camera.id, Sign(SINCE + 120, Happening.REFUSED, Health.UP))]
    assert returns(session, at=NOON) == []


@pytest.mark.parametrize(
    ("move", "happening"),
    [
        (BEGIN, Happening.OPENED),
        (CAUSE, Happening.CHANGED),
        (END, Happening.RECOVERED),
        (LOSS, Happening.LOST),
    ],
)
def test_an_end_in_the_dark_is_no_recovery(move: OutageMove, happening: Happening) -> None:
    """An outage that ends because nobody looks any more is told as lost."""
    assert happening_of(move) is happening
