"""What a device says of itself is kept as observed; what an officer declared stays."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Identity, Issue
from registry.fleet.models import Device
from registry.monitoring.models import Standing, Substitution
from registry.monitoring.service import record
from tests.factories import make_camera
from tests.monitoring.telling import told


@pytest.mark.parametrize("declared", ["SN-DECLARED", "0000000"])
def test_an_observed_serial_never_overwrites_a_declared_one(
    session: Session, declared: str
) -> None:
    """Another unit answers for days: the register still says what was bought."""
    camera = make_camera(session, serial=declared)
    other = Identity("Axis", "P3245", "10.1", "SN-OBSERVED")
    issues = [Issue.IDENTITY_MISMATCH]

    record(
        session,
        [told(camera.id, minute, identity=other, issues=issues) for minute in range(5)],
        patience=2,
    )

    device = session.scalars(select(Device).filter_by(camera_id=camera.id)).one()
    standing = session.get_one(Standing, camera.id)
    session.refresh(device)
    assert device.serial == declared
    assert standing.serial == "SN-OBSERVED"
    assert standing.substituted
    assert session.scalars(select(Substitution.serial)).all() == ["SN-OBSERVED"]


def test_the_first_answer_of_an_undeclared_unit_is_kept_as_observed(session: Session) -> None:
    """It stands in the standing, for an officer to declare; no unit is invented."""
    camera = make_camera(session, serial="")

    record(session, [told(camera.id, 0, identity=Identity(serial="SN-OBSERVED"))], patience=2)

    assert session.scalars(select(Device).filter_by(camera_id=camera.id)).all() == []
    assert session.get_one(Standing, camera.id).serial == "SN-OBSERVED"
