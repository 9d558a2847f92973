"""The sums that the database makes, against the same reckoned camera by camera."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.clock import paris_midnight
from registry.db import SessionFactory
from registry.fleet.models import Camera, PowerHours
from registry.monitoring.queries.ledger import reckon, reckon_sites
from registry.monitoring.queries.sums import greatest, hull, least, odd_cameras
from registry.monitoring.rules import Observation
from registry.monitoring.service import lapse_silent, record
from registry.monitoring.uptime import Reckoning, Span, Tally
from tests import factories
from tests.monitoring.queries.test_ledger import SINCE, TODAY, instant, moved
from tests.monitoring.strategies import spans, stories
from tests.monitoring.telling import scheduled

MIDNIGHT = int(paris_midnight(TODAY).timestamp())


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fleet=st.lists(stories(max_size=10), min_size=1, max_size=4),
    windows=st.lists(spans().filter(lambda span: span.length > 0), min_size=1, max_size=3),
    silent=st.booleans(),
)
def test_seconds_and_changes_are_the_same_in_sql(
    sessions: SessionFactory,
    *,
    fleet: list[list[Observation]],
    windows: list[Span],
    silent: bool,
) -> None:
    """By site, by camera or one by one: every way counts the same seconds and changes."""
    with sessions() as session:
        site = factories.make_site(session)
        cameras = [factories.make_camera(session, site=site) for _ in fleet]
        for camera, story in zip(cameras, fleet, strict=True):
            record(session, [scheduled(camera.id, each, since=SINCE) for each in story], patience=2)
        if silent:
            lapse_silent(session, at=instant(10_000))
        asked = [moved(window) for window in windows]
        assert odd_cameras(session, hull(asked)) == []

        by_site = reckon(session, asked, Camera.site_id)[site.id]
        by_camera = reckon(session, asked, Camera.id)

        assert by_site == reckon_sites(session, [site.id], asked)[site.id]
        assert by_site == [
            sum((found[place] for found in by_camera.values()), Reckoning())
            for place, _ in enumerate(asked)
        ]


def test_least_and_greatest_are_spelt_for_each_database(session: Session) -> None:
    """SQLite calls them min and max."""
    question = select(least(literal(3), literal(1), literal(2)), greatest(literal(3), literal(5)))

    assert tuple(session.execute(question).one()) == (1, 5)


def test_a_site_that_is_fed_at_night_is_reckoned_camera_by_camera(session: Session) -> None:
    """Hours without power are planned; the database leaves them to the ledger."""
    fed, lamp = factories.make_camera(session), factories.make_camera(session)
    session.add(
        PowerHours(site_id=lamp.site_id, hours="mon-sun 17:00-07:00", from_on=date(2026, 1, 1))
    )
    session.flush()
    start = int(paris_midnight(TODAY).timestamp())

    assert odd_cameras(session, Span(start, start + 60)) == [lamp.id]
    before = int(paris_midnight(date(2026, 1, 1) - timedelta(days=1)).timestamp())
    assert odd_cameras(session, Span(before, before + 60)) == [fed.id, lamp.id]


def test_a_camera_that_is_not_in_service_all_through_is_reckoned_by_itself(
    session: Session,
) -> None:
    """On the day on which it is retired it counts no more, on that of its beginning already."""
    gone = factories.make_camera(session, commissioned_on=TODAY - timedelta(days=2))
    new = factories.make_camera(session, site=gone.site, commissioned_on=TODAY)
    gone.retired_on = TODAY
    seen = Observation(0, Health.UP, None, 200_000)
    for camera in (gone, new):
        record(session, [scheduled(camera.id, seen, since=MIDNIGHT - 86_400)], patience=1)
    last_day, today = Span(MIDNIGHT - 3_600, MIDNIGHT - 60), Span(MIDNIGHT, MIDNIGHT + 3_600)
    both = Span(MIDNIGHT - 3_600, MIDNIGHT + 3_600)

    assert odd_cameras(session, last_day) == [new.id]
    for window in (today, both):
        assert sorted(odd_cameras(session, window)) == [gone.id, new.id]
    for window, up in ((last_day, 3_540), (today, 3_600), (both, 7_200)):
        assert reckon(session, [window], Camera.site_id)[gone.site_id][0].tally == Tally(up=up)
