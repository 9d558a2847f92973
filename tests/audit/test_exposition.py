"""The grants' lines of the metrics page."""

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from registry.audit.exposition import GrantWriter
from registry.monitoring.exposition import render
from registry.monitoring.models import Dialect
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, page_of, told


def samples(page: bytes) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_every_stage_of_every_grant_is_told(session: Session) -> None:
    """Zeros included, and the money in euros; file numbers may hold any sign."""
    grant = factories.make_grant(
        session, file_number='23 "A"', cameras_funded=4, voted_cents=2_158_350
    )
    camera = factories.make_camera(session, grant=grant)
    record(session, [told(camera.id, 0)], patience=2)

    found = samples(page_of(render(session, [GrantWriter(0)], at=NOON), Dialect.TEXT))

    assert found == {
        ("vigiparc_grant_cameras", '23 "A"', "funded"): 4,
        ("vigiparc_grant_cameras", '23 "A"', "installed"): 1,
        ("vigiparc_grant_cameras", '23 "A"', "seen"): 1,
        ("vigiparc_grant_cameras", '23 "A"', "alive"): 1,
        ("vigiparc_grant_awarded_euros", '23 "A"'): 21_583.5,
        ("vigiparc_grant_findings", '23 "A"', "A01"): 1,
    }


def test_grants_are_counted_anew_at_their_own_pace(session: Session) -> None:
    """Between two countings the page repeats what it said."""
    factories.make_grant(session)
    writer = GrantWriter(60)
    first = render(session, [writer], at=NOON)
    factories.make_grant(session)

    assert render(session, [writer], at=NOON + timedelta(seconds=59)) == first
    assert render(session, [writer], at=NOON + timedelta(seconds=60)) != first


def test_grants_are_judged_at_a_slower_pace(session: Session) -> None:
    """A finding shows at the next judgement; one that is mended goes."""
    grant = factories.make_grant(session, file_number="23-1")
    camera = factories.make_camera(session, grant=grant)
    writer = GrantWriter(0, judge_seconds=600)

    def found(minutes: int) -> list[tuple[str, ...]]:
        at = NOON + timedelta(minutes=minutes)
        page = page_of(render(session, [writer], at=at), Dialect.TEXT)
        return [name for name in samples(page) if name[0] == "vigiparc_grant_findings"]

    # Commissioned on the first of January, it has never answered.
    assert found(0) == [("vigiparc_grant_findings", "23-1", "A05")]
    camera.commissioned_on = None
    session.flush()
    assert found(9) == [("vigiparc_grant_findings", "23-1", "A05")]
    assert found(10) == []
