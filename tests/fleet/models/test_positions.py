"""What the database refuses of units at one position, whoever writes."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.fleet.models import Device, Replacement
from tests.factories import make_camera

DAY = timedelta(days=1)


def unit(camera_id: int, start: datetime, end: datetime | None) -> Device:
    """Return a unit at a position for a span of time."""
    return Device(camera_id=camera_id, serial="X", mounted_at=start, removed_at=end)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, 10), (5, 15)),
        ((0, 10), (2, 3)),
        ((2, 3), (0, 10)),
        ((0, None), (5, 6)),
        ((0, 9), (8, None)),
    ],
)
def test_units_at_one_position_cannot_overlap(
    session: Session, now: datetime, first: tuple[int, int | None], second: tuple[int, int | None]
) -> None:
    """However their spans meet, the second is refused by the database itself."""
    camera = make_camera(session, serial="")
    spans = [
        (now + start * DAY, None if end is None else now + end * DAY)
        for start, end in (first, second)
    ]
    session.add(unit(camera.id, *spans[0]))
    session.flush()

    session.add(unit(camera.id, *spans[1]))

    with pytest.raises(IntegrityError, match="overlap"):
        session.flush()


def test_units_may_follow_each_other(session: Session, now: datetime) -> None:
    """One leaves at the instant at which the next one comes; a swapped span may be empty."""
    camera = make_camera(session, serial="")

    session.add_all(
        [
            unit(camera.id, now, now + DAY),
            unit(camera.id, now + DAY, now + DAY),
            unit(camera.id, now + DAY, None),
        ]
    )
    session.flush()

    assert len({device.id for device in camera.devices}) == 3


def test_units_of_two_positions_know_nothing_of_each_other(session: Session, now: datetime) -> None:
    """The same days at another position are another matter."""
    for camera in (make_camera(session, serial=""), make_camera(session, serial="")):
        session.add(unit(camera.id, now, None))
    session.flush()

    assert session.query(Device).count() == 2


def test_a_unit_cannot_be_moved_into_another_s_days(session: Session, now: datetime) -> None:
    """An update is held to the rule as an insert is."""
    camera = make_camera(session, serial="")
    early, late = unit(camera.id, now, now + DAY), unit(camera.id, now + 2 * DAY, None)
    session.add_all([early, late])
    session.flush()

    with pytest.raises(IntegrityError, match="overlap"):
        session.execute(update(Device).filter_by(id=early.id).values(removed_at=now + 3 * DAY))


def test_a_unit_is_replaced_once(session: Session, now: datetime) -> None:
    """Two records cannot say what came in the place of one unit."""
    camera = make_camera(session, serial="")
    devices = [unit(camera.id, now + each * DAY, now + (each + 1) * DAY) for each in range(3)]
    session.add_all(devices)
    session.flush()
    for incoming in devices[1:]:
        session.add(
            Replacement(
                outgoing_id=devices[0].id, incoming_id=incoming.id, replaced_at=now, reason="vol"
            )
        )

    with pytest.raises(IntegrityError):
        session.flush()
