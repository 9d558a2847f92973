"""The families of sites: what is known now, the counters, the exact ratios."""

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Health, Issue
from registry.fleet.models import Site
from registry.monitoring.exposition import Board, SiteWriter, render
from registry.monitoring.exposition.sites import (
    SITE_AVAILABILITY,
    SITE_CAMERAS,
    SITE_COVERAGE,
    SITE_ISSUES,
    SITE_SECONDS,
    SITE_UP,
    WINDOWS,
    windows_until,
)
from registry.monitoring.models import Dialect, MaintenanceWindow, SiteState
from registry.monitoring.rules import Shown
from registry.monitoring.service import record
from tests import factories
from tests.monitoring.telling import NOON, at_minute, page_of, samples, told


def page_at(session: Session, minute: float) -> bytes:
    """Render the families of sites at a minute after noon."""
    writer = SiteWriter(Board(reload_seconds=0), 0)
    return page_of(render(session, [writer], at=at_minute(minute)), Dialect.TEXT)


def site_with(session: Session, *healths: Health) -> Site:
    """Add a site with cameras that were seen at noon and a minute later."""
    site = factories.make_site(session)
    for health in healths:
        camera = factories.make_camera(session, site=site)
        record(session, [told(camera.id, 0, health), told(camera.id, 1, health)], patience=2)
    return site


@pytest.mark.parametrize(
    ("healths", "expected"),
    [
        ((Health.UP, Health.DOWN), 1.0),
        ((Health.DOWN, Health.UNKNOWN), 0.0),
        ((Health.UNREACHABLE,), 0.0),
        ((Health.UNKNOWN,), None),
        ((), None),
    ],
)
def test_a_site_is_up_while_one_camera_is(
    session: Session, healths: tuple[Health, ...], expected: float | None
) -> None:
    """Where nobody knows, the series is absent: unknown is not zero."""
    site = site_with(session, *healths)

    page = page_at(session, 1.5)

    assert samples(page, SITE_UP.name).get((site.public_id,)) == expected


def test_cameras_sum_to_those_in_service(session: Session) -> None:
    """Each camera in service is in exactly one state, and no other is counted."""
    site = site_with(session, Health.UP, Health.DOWN, Health.UNREACHABLE)
    degraded = factories.make_camera(session, site=site)
    record(session, [told(degraded.id, 1, issues=[Issue.CLOCK_SKEW])], patience=2)
    factories.make_camera(session, site=site)  # never probed
    silent = factories.make_camera(session, site=site)
    record(session, [told(silent.id, -10)], patience=2)
    worked_on = factories.make_camera(session, site=site)
    record(session, [told(worked_on.id, 1, Health.DOWN)], patience=2)
    session.add(maintenance(site.id, worked_on.id))
    factories.make_camera(session, site=site, commissioned_on=None)
    retired = factories.make_camera(session, site=site)
    retired.retired_on = date(2026, 11, 23)
    session.flush()

    found = samples(page_at(session, 1.5), SITE_CAMERAS.name)

    assert {state: found[site.public_id, state.value] for state in Shown} == {
        Shown.UP: 1,
        Shown.DEGRADED: 1,
        Shown.DOWN: 1,
        Shown.UNREACHABLE: 1,
        Shown.UNKNOWN: 2,
        Shown.MAINTENANCE: 1,
    }


def test_every_state_of_a_site_is_exported_from_its_start(session: Session) -> None:
    """Zeros included: a series that appears late has lost its first increase."""
    site = factories.make_site(session)

    found = samples(page_at(session, 0), SITE_SECONDS.name)

    assert found == {(site.public_id, state.value): 0.0 for state in SiteState}


def test_the_ratios_are_the_uptime(session: Session) -> None:
    """One camera up for three minutes and one down for three make a half, wholly seen."""
    site = factories.make_site(session)
    for health in (Health.UP, Health.DOWN):
        camera = factories.make_camera(session, site=site)
        record(session, [told(camera.id, m, health) for m in range(4)], patience=2)
    factories.make_camera(session, site=site)

    page = page_at(session, 3)

    for window in WINDOWS:
        assert samples(page, SITE_AVAILABILITY.name)[site.public_id, window] == 0.5
        assert samples(page, SITE_COVERAGE.name)[site.public_id, window] == 1.0


def test_a_ratio_without_a_denominator_is_absent(session: Session) -> None:
    """A site where nothing was seen up or down has no uptime, not one of 100 %."""
    site = site_with(session, Health.UNKNOWN)

    page = page_at(session, 5)

    assert samples(page, SITE_AVAILABILITY.name) == {}
    assert samples(page, SITE_COVERAGE.name)[site.public_id, "1d"] == 0.0


def test_ratios_are_renewed_at_their_own_pace(session: Session) -> None:
    """Between two renewals the page keeps the ratios and renews the counts."""
    site = site_with(session, Health.UP)
    board = Board(reload_seconds=60)
    writer = SiteWriter(board, 60)
    render(session, [writer], at=at_minute(2))
    camera = factories.make_camera(session, site=site)
    camera.changed_at = at_minute(2)
    session.flush()
    record(session, [told(camera.id, m, Health.DOWN) for m in (1, 2)], patience=2)
    board.touch([camera.id])

    soon, later = (
        page_of(render(session, [writer], at=at_minute(minute)), Dialect.TEXT)
        for minute in (2.5, 3)
    )

    assert samples(soon, SITE_CAMERAS.name)[site.public_id, "down"] == 1
    assert samples(soon, SITE_AVAILABILITY.name)[site.public_id, "1d"] == 1.0
    assert samples(later, SITE_AVAILABILITY.name)[site.public_id, "1d"] < 1.0


def test_degraded_cameras_are_counted_by_issue(session: Session) -> None:
    """A camera with two issues is in two counts; a site without an issue has no series."""
    site = factories.make_site(session)
    for issues in ([Issue.CLOCK_SKEW, Issue.AUTH_FAILED], [Issue.CLOCK_SKEW], []):
        camera = factories.make_camera(session, site=site)
        record(session, [told(camera.id, 0, issues=issues)], patience=2)

    found = samples(page_at(session, 1), SITE_ISSUES.name)

    assert found == {
        ("auth_failed", site.public_id): 1.0,
        ("clock_skew", site.public_id): 2.0,
    }


def test_windows_start_on_a_full_hour() -> None:
    """The hour that runs belongs to every window."""
    at = datetime.fromisoformat("2026-11-23T10:59:30.5+00:00")
    end = int(at.timestamp())
    hour = int(datetime.fromisoformat("2026-11-23T10:00:00+00:00").timestamp())

    windows = windows_until(at)

    assert {name: (hour - span.start, span.end) for name, span in windows.items()} == {
        "1d": (86_400, end),
        "7d": (7 * 86_400, end),
        "30d": (30 * 86_400, end),
    }


def maintenance(site_id: int, camera_id: int) -> MaintenanceWindow:
    """Return work on one camera around noon."""
    return MaintenanceWindow(
        site_id=site_id,
        camera_id=camera_id,
        starts_at=at_minute(-5),
        ends_at=at_minute(5),
        reason="test",
        author="test",
        entered_at=NOON,
    )
