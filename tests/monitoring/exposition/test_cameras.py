"""The camera pages: what is on them, and what must never be."""

from datetime import date

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from probes.verdict import Health, Identity, Issue
from registry.fleet.models import Site
from registry.monitoring.exposition import Board, CameraWriter, cameras_of_site
from registry.monitoring.exposition.cameras import (
    CAMERA_INFO,
    CAMERA_OFFSET,
    CAMERA_PROBED,
    CAMERA_UP,
)
from registry.monitoring.models import Dialect, MaintenanceWindow, Standing
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, UNIT, at_minute, page_of, samples, told

OTHER_MODEL = Identity("Axis", "P9999", "10.1", "SN1", "")


def page_of_site(session: Session, site: Site, minute: float) -> bytes:
    """Render one site's cameras at a minute after noon."""
    blocks = cameras_of_site(session, site.public_id, at=at_minute(minute))
    assert blocks is not None
    return page_of(blocks, Dialect.TEXT)


@pytest.mark.parametrize(
    ("health", "issues", "minute", "expected"),
    [
        (Health.UP, [], 1, 1.0),
        (Health.UP, [Issue.AUTH_FAILED], 1, 1.0),
        (Health.DOWN, [], 1, 0.0),
        (Health.UNREACHABLE, [], 1, None),
        (Health.UNKNOWN, [], 1, None),
        (Health.UP, [], 2.5, None),
    ],
)
def test_a_camera_is_one_zero_or_absent(
    session: Session, health: Health, issues: list[Issue], minute: float, expected: float | None
) -> None:
    """Up or down is a figure; unreachable, unknown and beyond the hold are none."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0, health, issues=issues)], patience=2)

    found = samples(page_of_site(session, camera.site, minute), CAMERA_UP.name)

    assert found.get((str(camera.id), camera.site.public_id)) == expected


def test_planned_time_is_absent_too(session: Session) -> None:
    """While its site is worked on, a camera that fails is not down."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0, Health.DOWN)], patience=2)
    session.add(
        MaintenanceWindow(
            site_id=camera.site_id,
            starts_at=at_minute(-5),
            ends_at=at_minute(5),
            reason="test",
            author="test",
            entered_at=NOON,
        )
    )
    session.flush()

    page = page_of_site(session, camera.site, 1)

    assert samples(page, CAMERA_UP.name) == {}
    assert len(samples(page, CAMERA_INFO.name)) == 1


def test_a_camera_tells_its_clock_and_when_it_was_asked(session: Session) -> None:
    """The offset with its sign, in milliseconds at the finest."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 1)], patience=2)
    session.get_one(Standing, camera.id).clock_offset_seconds = -7.00049
    session.flush()

    page = page_of_site(session, camera.site, 1)

    key = (str(camera.id), camera.site.public_id)
    assert samples(page, CAMERA_OFFSET.name) == {key: -7.0}
    assert samples(page, CAMERA_PROBED.name) == {key: at_minute(1).timestamp()}


def test_only_the_info_names_model_and_grant(session: Session) -> None:
    """What answered comes before what is registered; the rest is joined on `camera`."""
    grant = factories.make_grant(session, file_number='23 "A"')
    site = factories.make_site(session)
    seen, declared = (factories.make_camera(session, site=site, grant=grant) for _ in range(2))
    declared.devices[0].model = "Bullet"
    record(session, [told(seen.id, 0)], patience=2)

    found = [
        sample.labels
        for family in text_string_to_metric_families(page_of_site(session, site, 1).decode())
        for sample in family.samples
        if sample.name == CAMERA_INFO.name
    ]

    same = {"site": site.public_id, "grant": '23 "A"'}
    assert found == [
        {"camera": str(seen.id), "model": UNIT.model, "firmware": UNIT.firmware, **same},
        {"camera": str(declared.id), "model": "Bullet", "firmware": "", **same},
    ]


def test_no_address_or_serial_is_ever_told(session: Session) -> None:
    """Neither what is registered of a unit nor what it answered leaks into a label."""
    camera = factories.make_camera(session, host="127.9.8.7", serial="SECRET-SERIAL")
    record(session, [told(camera.id, 0)], patience=2)
    board = Board(reload_seconds=60)
    board.refresh(session, at=NOON)
    board.judge(session, at=at_minute(1))

    ((name, blocks),) = CameraWriter(board)()

    page = page_of(blocks, Dialect.TEXT).decode()
    assert name == "cameras/0/1"
    assert "vigiparc_camera_up{" in page
    for secret in ("127.9.8.7", "SECRET", UNIT.serial, camera.label):
        assert secret not in page


def test_kept_lines_are_those_that_would_be_written_anew(session: Session) -> None:
    """Whatever changes between two pages, what was kept of the first never shows in the second."""
    site = factories.make_site(session)
    cameras = [factories.make_camera(session, site=site) for _ in range(6)]
    record(session, [told(camera.id, 0) for camera in cameras], patience=1)
    board = Board(reload_seconds=3_600, shard_cameras=4)
    writer = CameraWriter(board)

    def pages(board: Board, writer: CameraWriter, minute: float) -> list[bytes]:
        board.refresh(session, at=at_minute(minute))
        board.judge(session, at=at_minute(minute))
        return [page_of(blocks, Dialect.TEXT) for _, blocks in writer()]

    for change in (
        lambda: None,
        lambda: told(cameras[0].id, 1, Health.DOWN),
        lambda: told(cameras[1].id, 1, identity=OTHER_MODEL),
        lambda: told(cameras[2].id, 1, issues=[Issue.CLOCK_SKEW]),
        lambda: setattr(cameras[3], "commissioned_on", date(2099, 1, 1)),
        lambda: setattr(cameras[4], "label", "another"),
    ):
        verdict = change()
        if verdict is not None:
            record(session, [verdict], patience=1)
            board.touch([verdict.verdict.key])
        for camera in cameras[3:5]:
            camera.changed_at = at_minute(1)
        session.flush()
        fresh = Board(reload_seconds=0, shard_cameras=4)

        kept = pages(board, writer, 1.5)

        assert kept == pages(fresh, CameraWriter(fresh), 1.5)


def test_a_site_that_is_not_there_has_no_page(session: Session) -> None:
    """None, so that the edge can say so."""
    assert cameras_of_site(session, "59054-99", at=NOON) is None
