"""Units by hand: mounted, replaced, removed, set right; never two at one position."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import Invalid, Problem
from registry.fleet.models import Camera, Device, Replacement
from registry.fleet.service import correct_device, mount_device, remove_device, replace_device
from registry.journal import JournalEntry
from registry.signature import Signature
from tests.conftest import NOON
from tests.factories import make_camera

DAY = timedelta(days=1)
AUTHOR = Signature("user:1", NOON, "panne de la carte")


@pytest.fixture
def camera(session: Session) -> Camera:
    """Return a position without a unit."""
    return make_camera(session, serial="")


def mount(
    session: Session, camera: Camera, start: datetime, end: datetime | None = None, **values: str
) -> Device:
    """Mount a unit for a span of time."""
    said = {"serial": "A1", "mounted_at": start, "removed_at": end, **values}
    return mount_device(session, camera, said, signed=AUTHOR)


def test_a_unit_is_mounted_and_journaled(session: Session, camera: Camera) -> None:
    """Its serial is kept as given and normalised for comparison; the monitor learns of it."""
    device = mount(session, camera, NOON, serial="sn 00-42", mac="00:1a:2b:3c:4d:5e")

    assert (device.serial, device.mac) == ("sn 00-42", "00:1A:2B:3C:4D:5E")
    assert device.normalised_serial != device.serial
    assert camera.changed_at == NOON
    assert session.scalars(select(JournalEntry)).one().action == "devices.mount"


def test_an_overlap_is_refused_with_both_spans(session: Session, camera: Camera) -> None:
    """Whoever is refused reads which unit is in the way, and when."""
    mount(session, camera, NOON, NOON + 10 * DAY)

    with pytest.raises(Invalid) as refused:
        mount(session, camera, NOON + 5 * DAY, serial="B2")

    assert refused.value.problems == (
        Problem(
            "device.overlap",
            "mounted_at",
            "B2",
            {
                "first": "28/11/2026 13:00 – …",
                "second": "23/11/2026 13:00 – 03/12/2026 13:00",
                "other": "A1",
            },
        ),
    )
    assert [each.serial for each in camera.devices] == ["A1"]


def test_a_replacement_is_a_record_with_its_reason_and_paper(
    session: Session, camera: Camera
) -> None:
    """One leaves at the instant at which the other comes."""
    first = mount(session, camera, NOON)

    record = replace_device(
        session,
        camera,
        {
            "serial": "B2",
            "mounted_at": NOON + DAY,
            "replacement_reason": "foudre",
            "paper": "BI 12",
        },
        signed=Signature("user:1", NOON + DAY),
    )

    assert (record.outgoing, record.incoming.serial) == (first, "B2")
    assert (record.reason, record.paper) == ("foudre", "BI 12")
    assert first.removed_at == record.incoming.mounted_at == record.replaced_at == NOON + DAY
    session.expire_all()
    assert [each.serial for each in camera.devices] == ["A1", "B2"]
    assert len(session.scalars(select(Replacement)).all()) == 1


@pytest.mark.parametrize(
    ("values", "reason", "code"),
    [
        ({"serial": "a-1"}, "foudre", "device.known"),
        ({"serial": "B2"}, "", "cell.required"),
        ({"serial": "B2", "mounted_at": NOON - DAY}, "foudre", "span.order"),
        ({"serial": "B2", "mac": "?"}, "foudre", "mac"),
    ],
)
def test_a_replacement_that_is_none_is_refused(
    session: Session, camera: Camera, values: dict[str, Any], reason: str, code: str
) -> None:
    """The same unit again, no reason, a day before the first one came."""
    mount(session, camera, NOON)

    with pytest.raises(Invalid, match=code):
        replace_device(
            session, camera, {"mounted_at": NOON + DAY, **values},
            signed=Signature("user:1", NOON, reason),
        )  # fmt: skip


def test_nothing_is_replaced_nor_removed_where_nothing_is(session: Session, camera: Camera) -> None:
    """An empty position says so."""
    with pytest.raises(Invalid, match=r"device\.absent"):
        replace_device(session, camera, {"serial": "B", "mounted_at": NOON}, signed=AUTHOR)
    with pytest.raises(Invalid, match=r"device\.absent"):
        remove_device(session, camera, at=NOON, signed=AUTHOR)


def test_a_unit_is_removed_for_a_reason(session: Session, camera: Camera) -> None:
    """The position stays, empty."""
    device = mount(session, camera, NOON)

    with pytest.raises(Invalid, match=r"reason\.required"):
        remove_device(session, camera, at=NOON + DAY, signed=Signature("user:1", NOON))
    remove_device(session, camera, at=NOON + DAY, signed=AUTHOR)

    assert device.removed_at == NOON + DAY


def test_a_serial_is_set_right_for_a_reason(session: Session, camera: Camera) -> None:
    """Before and after are kept; the same again is no change."""
    device = mount(session, camera, NOON)

    with pytest.raises(Invalid, match=r"reason\.required"):
        correct_device(session, device, {"serial": "A7"}, signed=Signature("user:1", NOON))
    changed = [correct_device(session, device, {"serial": "A7"}, signed=AUTHOR) for _ in range(2)]

    assert changed == [True, False]
    entry = session.scalars(select(JournalEntry).filter_by(action="devices.edit")).one()
    assert (entry.before, entry.after) == ('{"serial": "A1"}', '{"serial": "A7"}')


@pytest.mark.parametrize(
    ("values", "code"),
    [({"mounted_at": NOON + DAY}, "device.overlap"), ({"removed_at": NOON}, "span.order")],
)
def test_dates_of_a_unit_cannot_be_set_wrong(
    session: Session, camera: Camera, values: dict[str, Any], code: str
) -> None:
    """Neither into the days of another one, nor before it came."""
    mount(session, camera, NOON, NOON + 2 * DAY)
    device = mount(session, camera, NOON + 2 * DAY, serial="B2")

    with pytest.raises(Invalid, match=code):
        correct_device(session, device, values, signed=AUTHOR)
