"""What the last verdict tells beside the health, and what stays when it is silent."""

from datetime import datetime

from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue
from registry.monitoring.models import Standing
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, told


def standing_after(session: Session, camera_id: int) -> Standing:
    """Return the standing as the database has it."""
    session.expire_all()
    return session.get_one(Standing, camera_id)


def test_a_refused_credential_is_remembered_until_another_passes(session: Session) -> None:
    """No credential is sent again before it changes: cameras lock accounts."""
    camera = factories.make_camera(session)
    changed_at = datetime.fromisoformat("2026-11-20T08:00:00.123456+00:00")
    refused = told(
        camera.id,
        0,
        issues=[Issue.AUTH_FAILED],
        identity=None,
        authentication=Authentication.FAILED,
        credential_changed_at=changed_at,
    )
    withheld = told(
        camera.id,
        1,
        issues=[Issue.AUTH_FAILED],
        identity=None,
        authentication=Authentication.FAILED,
        credential_changed_at=changed_at,
    )

    record(session, [refused, withheld], patience=2)
    standing = standing_after(session, camera.id)
    assert standing.refused_credential_at == changed_at
    assert standing.authentication is Authentication.FAILED

    record(session, [told(camera.id, 2, credential_changed_at=NOON)], patience=2)
    standing = standing_after(session, camera.id)
    assert standing.refused_credential_at is None
    assert standing.authentication is Authentication.VERIFIED


def test_only_a_proof_moves_the_day_of_proof(session: Session) -> None:
    """An ordinary probe that passes proves nothing anew, nor does a login without an answer."""
    camera = factories.make_camera(session)
    unanswered = told(camera.id, 2, proving=True, identity=None)

    record(session, [told(camera.id, 0, proving=True), told(camera.id, 1), unanswered], patience=2)

    assert standing_after(session, camera.id).verified_at == NOON


def test_a_lost_probe_keeps_the_issues_of_the_last_answer(session: Session) -> None:
    """A degraded camera must not look sound because one probe was lost."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0, issues=[Issue.CLOCK_SKEW, Issue.SLOW])], patience=2)

    record(session, [told(camera.id, 1, Health.DOWN)], patience=2)
    assert standing_after(session, camera.id).issues == "clock_skew,slow"
    record(session, [told(camera.id, 2, Health.DOWN)], patience=2)
    standing = standing_after(session, camera.id)
    assert standing.issues == ""
    assert standing.last_up_at == NOON
    assert standing.serial == "SN1"


def test_another_unit_is_not_an_identification(session: Session) -> None:
    """A camera is seen when the registered device says who it is."""
    camera = factories.make_camera(session)

    strange = told(camera.id, 1, issues=[Issue.IDENTITY_MISMATCH], identity=OTHER_UNIT)
    record(session, [told(camera.id, 0), strange], patience=2)

    standing = standing_after(session, camera.id)
    assert (standing.serial, standing.identified_at) == ("SN9", NOON)
    assert standing.last_up_at == at_minute(1)
