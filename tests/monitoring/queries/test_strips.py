"""Strips show the worst of each step, and the figures beside them are the ledger's."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.fleet.models import Camera
from registry.monitoring.models import MaintenanceWindow
from registry.monitoring.queries.strips import (
    DAY,
    MONTH,
    Strip,
    draw,
    month_by_site,
    pasts,
    span_before,
)
from registry.monitoring.uptime import Tally
from tests.factories import make_camera, make_site
from tests.monitoring.reading import site_tallies
from tests.web.scenes import watch

MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)


def drawn(session: Session, *cameras: Camera, now: datetime) -> Strip:
    """Draw the last day of some cameras of one site."""
    window = span_before(now, MONTH.length)
    group = pasts(session, cameras[0].site_id, [camera.id for camera in cameras], window)
    return draw(group, now=now, scale=DAY)


def states(strip: Strip) -> list[tuple[str, str | None]]:
    """Return what the strip shows, from left to right."""
    return [(run.state, run.other) for run in strip.runs]


def test_a_quiet_day_is_one_run(session: Session, now: datetime) -> None:
    """Steps alike are drawn as one rectangle."""
    camera = make_camera(session)
    watch(session, camera, now=now)

    strip = drawn(session, camera, now=now)

    assert states(strip) == [("up", None)]
    assert (strip.runs[0].starts_at, strip.runs[0].ends_at) == (now - 24 * HOURS, now)
    assert strip.tally == Tally(up=86_400)


def test_a_step_with_two_states_shows_the_worse_over_the_better(
    session: Session, now: datetime
) -> None:
    """An outage that began within a step fills it, and what was before stays visible."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=62 * MINUTES)

    strip = drawn(session, camera, now=now)

    assert states(strip) == [("up", None), ("down", "up"), ("down", None)]
    assert strip.tally == Tally(up=86_400 - 3_720, down=3_720)


def test_a_site_shows_the_worst_of_its_cameras(session: Session, now: datetime) -> None:
    """One camera down marks the site's strip, and the others are the thin line below."""
    site = make_site(session)
    good, bad = make_camera(session, site=site), make_camera(session, site=site)
    watch(session, good, now=now)
    watch(session, bad, Health.DOWN, now=now, lasting=HOURS)

    strip = drawn(session, good, bad, now=now)

    assert states(strip) == [("up", None), ("down", "up")]
    assert strip.tally == Tally(up=2 * 86_400 - 3_600, down=3_600)


def test_before_monitoring_began_there_is_paper(session: Session, now: datetime) -> None:
    """A camera that was never probed draws nothing, and spoils no other's strip."""
    site = make_site(session)
    new, never = make_camera(session, site=site), make_camera(session, site=site)
    watch(session, new, now=now, watched=2 * HOURS)

    alone, both = drawn(session, never, now=now), drawn(session, new, never, now=now)

    assert states(alone) == [("not_in_service", None)]
    assert states(both) == [("not_in_service", None), ("up", None)]
    assert both.tally == Tally(up=7_200)


def test_time_beyond_the_hold_is_unknown(session: Session, now: datetime) -> None:
    """A monitor that stopped an hour ago leaves an hour less five minutes unknown."""
    camera = make_camera(session)
    watch(session, camera, now=now - HOURS)

    strip = drawn(session, camera, now=now)

    assert states(strip) == [("up", None), ("unknown", None)]
    assert strip.tally.unknown == 55 * 60


def test_maintenance_is_drawn_as_maintenance(session: Session, now: datetime) -> None:
    """Planned time is hatched, whatever was seen meanwhile."""
    camera = make_camera(session)
    watch(session, camera, Health.DOWN, now=now, lasting=HOURS)
    session.add(
        MaintenanceWindow(
            site_id=camera.site_id,
            starts_at=now - HOURS,
            ends_at=now,
            reason="Élagage",
            author="user:1",
            entered_at=now,
        )
    )
    session.flush()

    strip = drawn(session, camera, now=now)

    assert states(strip) == [("up", None), ("maintenance", None)]
    assert strip.tally.planned == 3_600


def test_what_is_simulated_is_marked_up_to_its_end(session: Session, now: datetime) -> None:
    """The mark ends with the last simulated stretch, and not before the window begins."""
    real, made_up = make_camera(session), make_camera(session)
    watch(session, real, now=now)
    watch(session, made_up, now=now, simulated=True)

    assert drawn(session, real, now=now).simulated_at is None
    assert drawn(session, made_up, now=now).simulated_at == now


def test_the_figure_of_a_list_is_the_ledgers(session: Session, now: datetime) -> None:
    """The month that a list shows and the one that /metrics exports agree to the second."""
    for number, health in enumerate((Health.UP, Health.DOWN, Health.UNREACHABLE)):
        site = make_site(session)
        for hours in (1, 30):
            camera = make_camera(session, site=site)
            watch(session, camera, health, now=now, lasting=(hours + number) * HOURS)
    make_camera(session)

    months = month_by_site(session, [1, 2, 3, 4], now=now)

    exact = site_tallies(session, [span_before(now, MONTH.length)])
    assert months == {site_id: tally for site_id, (tally,) in exact.items()}
