"""What devices said at length is kept fact by fact, each with its date."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from probes.checks.rtsp import RtspAnswer, RtspVerdict
from probes.onvif.facts import Inventory, NetworkPort, Outcome
from probes.verdict import Identity, Reason
from registry.errors import NotFound
from registry.monitoring.models import DeviceInventory, InventoryChange, RtspStanding
from registry.monitoring.service.surveys import keep_failed_inventory, keep_inventory, keep_rtsp
from tests.conftest import NOON
from tests.factories import make_camera
from tests.web.visitors import counted_selects

SAID = Inventory(
    at=NOON,
    identity=Identity("Axis", "P3245", "10.1", "ACCC8E000001", "7D4"),
    interfaces=(NetworkPort("eth0", "00:1A:2B:3C:4D:5E"),),
    hostname="axis-1",
    outcomes={
        "GetDeviceInformation": Outcome.OK,
        "GetNetworkInterfaces": Outcome.OK,
        "GetHostname": Outcome.OK,
        "GetNTP": Outcome.NOT_SUPPORTED,
    },
)
NEXT_NIGHT = NOON + timedelta(days=1)


def test_each_fact_has_its_dates(session: Session) -> None:
    """Since when it has its value, and when it was last read."""
    camera = make_camera(session)
    keep_inventory(session, camera.id, SAID)

    assert keep_inventory(session, camera.id, replace(SAID, at=NEXT_NIGHT)) == []

    row = session.get_one(DeviceInventory, camera.id)
    assert row.facts["firmware"] == {
        "value": "10.1",
        "since": "2026-11-23T12:00:00+00:00",
        "read": "2026-11-24T12:00:00+00:00",
    }
    assert (row.read_at, row.tried_at, row.mac) == (NEXT_NIGHT, NEXT_NIGHT, "00:1A:2B:3C:4D:5E")
    assert row.outcomes["GetNTP"] == "not_supported"
    assert "ntp" not in row.facts


def test_what_has_changed_is_kept_beside(session: Session) -> None:
    """A new firmware and another board: before, after, and when it was seen."""
    camera = make_camera(session)
    keep_inventory(session, camera.id, SAID)
    swapped = replace(
        SAID,
        at=NEXT_NIGHT,
        identity=Identity("Axis", "P3245", "10.2", "ACCC8E000001", "7D4"),
        interfaces=(NetworkPort("eth0", "00:1A:2B:3C:4D:5F"),),
    )

    assert keep_inventory(session, camera.id, swapped) == ["firmware", "mac"]

    changes = session.scalars(select(InventoryChange).order_by(InventoryChange.id)).all()
    assert [(each.fact, each.before, each.after) for each in changes] == [
        ("firmware", "10.1", "10.2"),
        ("mac", "00:1A:2B:3C:4D:5E", "00:1A:2B:3C:4D:5F"),
    ]
    assert {each.seen_at for each in changes} == {NEXT_NIGHT}
    assert session.get_one(DeviceInventory, camera.id).mac == "00:1A:2B:3C:4D:5F"


def test_what_was_not_told_this_time_keeps_its_older_date(session: Session) -> None:
    """A question that fails one night is no change of the device."""
    camera = make_camera(session)
    keep_inventory(session, camera.id, SAID)
    shy = Inventory(at=NEXT_NIGHT, outcomes={"GetHostname": Outcome.NOT_PERMITTED})

    assert keep_inventory(session, camera.id, shy) == []

    row = session.get_one(DeviceInventory, camera.id)
    assert row.facts["hostname"]["value"] == "axis-1"
    assert row.facts["hostname"]["read"] == "2026-11-23T12:00:00+00:00"
    assert row.mac == "00:1A:2B:3C:4D:5E"


def test_a_device_that_cannot_be_asked_keeps_what_it_told(session: Session) -> None:
    """Why, and when it was tried, stand beside it."""
    camera = make_camera(session)
    keep_inventory(session, camera.id, SAID)

    keep_failed_inventory(session, camera.id, Reason.CONNECT_TIMEOUT, at=NEXT_NIGHT)

    row = session.get_one(DeviceInventory, camera.id)
    assert (row.read_at, row.tried_at, row.reason) == (NOON, NEXT_NIGHT, Reason.CONNECT_TIMEOUT)
    assert row.facts["hostname"]["value"] == "axis-1"


def test_an_inventory_of_a_camera_that_is_gone_is_refused(session: Session) -> None:
    """It hangs on nothing."""
    with pytest.raises(NotFound, match="camera 999"):
        keep_inventory(session, 999, SAID)
    with pytest.raises(NotFound, match="camera 999"):
        keep_failed_inventory(session, 999, Reason.DNS, at=NOON)


def test_a_video_server_is_kept_with_since_when_it_answers_so(session: Session) -> None:
    """The same answer moves the last instant, another one the first as well."""
    camera = make_camera(session)
    later = [NOON + timedelta(minutes=each) for each in range(3)]
    answers = [RtspAnswer.OK, RtspAnswer.OK, RtspAnswer.TIMEOUT]

    kept = []
    for at, answer in zip(later, answers, strict=True):
        keep_rtsp(session, [RtspVerdict(camera.id, at, answer, "RTSP/1.0 200 OK")])
        session.flush()
        row = session.get_one(RtspStanding, camera.id)
        kept.append((row.answer, row.since, row.last_at))

    assert kept == [
        (RtspAnswer.OK, later[0], later[0]),
        (RtspAnswer.OK, later[0], later[1]),
        (RtspAnswer.TIMEOUT, later[2], later[2]),
    ]


def test_many_video_servers_are_kept_by_two_statements(session: Session, engine: Engine) -> None:
    """A thousand of them answer between two ticks: they are looked up and written at once."""
    found = [RtspVerdict(make_camera(session).id, NOON, RtspAnswer.OK) for _ in range(5)]

    with counted_selects(engine) as statements:
        keep_rtsp(session, found)
        session.flush()

    assert len(statements) == 2


def test_a_video_server_of_a_camera_that_is_gone_is_passed_over(session: Session) -> None:
    """The others are kept all the same."""
    camera = make_camera(session)

    keep_rtsp(session, [RtspVerdict(key, NOON, RtspAnswer.OK) for key in (999, camera.id)])

    assert [row.camera_id for row in session.scalars(select(RtspStanding))] == [camera.id]
