"""What the record survives of a whole region that falls in one second."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera, Site
from registry.fleet.vault import Vault
from registry.monitoring.models import Notice, Outage, Transition
from registry.monitoring.notify.bundle import bundle
from registry.monitoring.notify.plan import plan
from registry.monitoring.service import note_transitions, record
from registry.monitoring.service.subscriptions import Wish, subscribe
from tests import factories
from tests.flows.ledgers import hold_the_partitions
from tests.monitoring.notify.conftest import MANNERS
from tests.monitoring.telling import NOON, at_minute, told

DOWN, UNREACHABLE = Health.DOWN, Health.UNREACHABLE


def test_five_thousand_cameras_fail_in_one_second(session: Session, tmp_path: Path) -> None:
    """Each gets the outage that is its own, each dark site one; one message tells of all."""
    wish = Wish(name="Astreinte", address="json://127.0.0.1:1/parc")
    subscribe(session, wish, vault=Vault.open(tmp_path / "keys"), actor="user:1", at=NOON)
    sites = [factories.make_site(session) for _ in range(50)]
    for site in sites[:10]:
        site.gateway_host = "10.0.0.1"
    session.flush()
    ids = bulk_cameras(session, sites, number=5_000)
    behind = {camera_id for place, camera_id in enumerate(ids) if place % 50 < 10}

    record(session, [told(camera_id, 0) for camera_id in ids], patience=2)
    for minute in (1, 2):
        batch = [told(each, minute, UNREACHABLE if each in behind else DOWN) for each in ids]
        moves = record(session, batch, patience=2).moves
        note_transitions(session, moves, at=at_minute(minute))

    outages = session.execute(select(Outage.camera_id, Outage.started_at, Outage.ended_at)).all()
    assert {row[1:] for row in outages} == {(at_minute(1), None)}
    assert sum(row.camera_id is None for row in outages) == 10
    assert {row.camera_id for row in outages} - {None} == set(ids) - behind
    assert len(outages) == 10 + 4_000
    hold_the_partitions(session)
    assert plan(session, MANNERS, at=at_minute(9)) == 5_000
    assert bundle(session, public_url="", at=at_minute(9)) == 1
    fallen = select(Transition.camera_id).join(Notice).where(Notice.message_id.is_not(None))
    assert sorted(session.scalars(fallen)) == ids


def bulk_cameras(session: Session, sites: Sequence[Site], *, number: int) -> list[int]:
    """Add many cameras, spread over some sites."""
    rows = [
        {
            "site_id": sites[place % len(sites)].id,
            "label": f"CAM-{place}",
            "commissioned_on": date(2026, 1, 1),
            "changed_at": NOON,
        }
        for place in range(number)
    ]
    found = session.scalars(insert(Camera).returning(Camera.id, sort_by_parameter_order=True), rows)
    return list(found)
