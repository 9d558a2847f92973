"""Other units that answer for the registered one: each is told apart, or none of them is."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health, Identity, Issue
from registry.monitoring.models import Substitution
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import OTHER_UNIT, at_minute, told


def swaps(session: Session) -> list[tuple[str, datetime, datetime | None]]:
    """Return the serials of other units that answered, and when."""
    found = session.scalars(select(Substitution).order_by(Substitution.started_at))
    return [(each.serial, each.started_at, each.ended_at) for each in found]


@pytest.mark.parametrize("at_once", [True, False])
def test_each_unit_that_answers_in_its_place_is_told_apart(
    session: Session, *, at_once: bool
) -> None:
    """A unit lent for a while, then the one that stays: whichever is registered later is known."""
    camera = factories.make_camera(session)
    issues = [Issue.IDENTITY_MISMATCH]
    lent, last = OTHER_UNIT, replace(OTHER_UNIT, serial="SN-10")
    story = [told(camera.id, 0)]
    for minute, unit in enumerate([lent, lent, lent, last, last], start=1):
        story.append(told(camera.id, minute, issues=issues, identity=unit))
    story.append(told(camera.id, 6, Health.DOWN))

    for batch in [story] if at_once else [[each] for each in story]:
        record(session, batch, patience=2)

    assert swaps(session) == [
        ("SN9", at_minute(1), at_minute(4)),
        ("SN-10", at_minute(4), None),
    ]


@pytest.mark.parametrize(
    "seen",
    [
        Identity("Axis", "P3245", serial="SN1"),
        Identity("Axis", "P3245", serial="NONE"),
        Identity("Axis", "P3245", serial="Q-35", hardware_id="Q35"),
    ],
    ids=["the same", "a placeholder", "that of the model"],
)
def test_a_serial_that_names_no_unit_is_not_kept_of_a_swap(
    session: Session, seen: Identity
) -> None:
    """Told apart by its MAC: whoever enters that serial later has not entered that unit."""
    camera = factories.make_camera(session, serial="SN1")
    issues = [Issue.IDENTITY_MISMATCH]

    record(
        session,
        [told(camera.id, minute, issues=issues, identity=seen) for minute in range(3)],
        patience=2,
    )

    assert swaps(session) == [("", at_minute(0), None)]
