"""Lists count cameras as the rules judge them, with a fixed number of SELECTs."""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.monitoring.queries.pages import (
    Counts,
    by_department,
    site_lines,
    total_counts,
)
from registry.monitoring.rules import Shown
from tests.factories import make_camera, make_commune, make_site
from tests.web.scenes import watch
from tests.web.visitors import counted_selects


def test_cameras_are_counted_by_what_is_shown_of_them(session: Session, now: datetime) -> None:
    """Up, degraded, down, never probed, gone silent, not in service: each where it belongs."""
    site = make_site(session)
    watch(session, make_camera(session, site=site), now=now)
    watch(session, make_camera(session, site=site), now=now, issues="slow")
    watch(session, make_camera(session, site=site), Health.DOWN, now=now)
    watch(session, make_camera(session, site=site), now=now - timedelta(days=1))
    make_camera(session, site=site)
    make_camera(session, site=site, commissioned_on=None)
    make_camera(session, site=site, commissioned_on=date(2027, 1, 1))

    (line,) = site_lines(session, now=now)

    assert dict(line.counts.items) == {
        Shown.DOWN: 1,
        Shown.UNREACHABLE: 0,
        Shown.DEGRADED: 1,
        Shown.UNKNOWN: 2,
        Shown.MAINTENANCE: 0,
        Shown.UP: 1,
    }
    assert (line.counts.total, line.counts.out, line.counts.troubled) == (5, 1, 2)


def test_a_site_is_out_since_its_oldest_outage(session: Session, now: datetime) -> None:
    """Whether down or unreachable; an outage that has ended does not count."""
    site = make_site(session)
    for health, hours in ((Health.DOWN, 2), (Health.UNREACHABLE, 5), (Health.UP, 9)):
        camera = make_camera(session, site=site)
        watch(session, camera, health, now=now, lasting=timedelta(hours=hours))

    (line,) = site_lines(session, now=now)

    assert line.out_since == now - timedelta(hours=5)


def test_a_site_without_cameras_is_listed(session: Session, now: datetime) -> None:
    """A site of the register does not vanish because nothing stands there yet."""
    make_site(session)

    (line,) = site_lines(session, now=now)

    assert (line.counts.total, line.out_since) == (0, None)


def test_departments_sum_their_sites(session: Session, now: datetime) -> None:
    """In the order of their codes, each with its troubled sites."""
    make_commune(session, "62765", "Saint-Pol-sur-Ternoise")
    there = make_site(session, insee="62765")
    here = [make_site(session), make_site(session)]
    for site, health in ((there, Health.DOWN), (here[0], Health.UP), (here[1], Health.UP)):
        watch(session, make_camera(session, site=site), health, now=now)

    lines = site_lines(session, now=now)
    departments = by_department(lines)

    assert [(each.code, each.sites, each.troubled_sites) for each in departments] == [
        ("59", 2, 0),
        ("62", 1, 1),
    ]
    assert [line.id for line in site_lines(session, now=now, department="62")] == [there.id]
    assert total_counts(lines) == Counts({Shown.UP: 2, Shown.DOWN: 1})


def test_three_selects_for_any_number_of_sites(
    session: Session, now: datetime, engine: Engine
) -> None:
    """The overview of a region costs what that of a commune does."""
    for _ in range(5):
        watch(session, make_camera(session), now=now)

    with counted_selects(engine) as statements:
        assert len(site_lines(session, now=now)) == 5

    assert len(statements) == 3
