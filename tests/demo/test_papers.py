"""The orders of the demonstration: enough for the audit to have two things to say."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.audit.queries import findings
from registry.audit.rules import Thresholds
from registry.demo.papers import authorise_sites
from tests.factories import make_camera, make_grant
from tests.web.scenes import watch


def test_all_sites_but_two_are_covered(session: Session, now: datetime) -> None:
    """Of eight sites whose cameras answer, one has an expired order and one has none."""
    grant = make_grant(session)
    for _ in range(8):
        watch(session, make_camera(session, grant=grant), Health.UP, now=now)

    written = authorise_sites(session, date(2026, 11, 23))

    found = findings(session, at=now, thresholds=Thresholds())
    assert written == 7
    assert sorted((str(each.rule), each.detail) for each in found) == [
        ("A01", "expired"),
        ("A01", "missing"),
    ]
