"""Rolled-up time against the intervals it was made of, through everything that changes them."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.clock import paris_midnight
from registry.db import SessionFactory
from registry.fleet.models import Camera, PowerHours
from registry.monitoring.models import (
    CameraDay,
    MaintenanceWindow,
    SiteDay,
    SiteHour,
    StaleDay,
)
from registry.monitoring.queries.ledger import reckon
from registry.monitoring.queries.rollups import rolled, site_reckonings, stale_sites
from registry.monitoring.rules import Observation
from registry.monitoring.service import (
    Keeping,
    cancel_maintenance,
    enter_maintenance,
    lapse_silent,
    mark_stale,
    record,
    roll,
)
from registry.monitoring.uptime import HOUR, Reckoning, Span, Tally
from tests import factories
from tests.monitoring.strategies import START, spans, stories
from tests.monitoring.telling import scheduled

TODAY = date(2026, 11, 23)
MIDNIGHT = int(paris_midnight(TODAY).timestamp())
# Stories straddle midnight in Paris, which is a full hour too.
SINCE = MIDNIGHT - START - 40
KEEPING = Keeping(hours_days=40, camera_days=400)
DAY = 86_400
WINDOWS = [
    Span(MIDNIGHT - 2 * DAY, MIDNIGHT + 2 * DAY),
    Span(MIDNIGHT - HOUR, MIDNIGHT + HOUR),
    Span(MIDNIGHT - 17, MIDNIGHT + DAY + 5),
    Span(MIDNIGHT - DAY, MIDNIGHT),
    Span(MIDNIGHT + 3, MIDNIGHT + 60),
]


def instant(second: int) -> datetime:
    """Return a second since 1970 as an instant."""
    return datetime.fromtimestamp(second, UTC)


def roll_all(session: Session, *, at: int, keeping: Keeping = KEEPING) -> int:
    """Roll up until nothing is left to do; return how many turns it took."""
    turns = 1
    while roll(session, at=instant(at), keeping=keeping, sites_at_once=1):
        turns += 1
        assert turns < 500
    session.flush()
    return turns


def compare(session: Session, windows: Sequence[Span] = WINDOWS) -> None:
    """Hold the sums from rollups to those from intervals."""
    session.flush()
    blank = [Reckoning()] * len(windows)
    afresh = {
        site_id: found
        for site_id, found in reckon(session, windows, Camera.site_id).items()
        if found != blank
    }
    kept = {
        site_id: found
        for site_id, found in site_reckonings(session, windows).items()
        if found != blank
    }
    assert kept == afresh


def number(session: Session, model: type[SiteHour] | type[SiteDay] | type[StaleDay]) -> int:
    """Count the rows of a table."""
    return session.scalar(select(func.count()).select_from(model)) or 0


Change = Callable[[Session, list[Camera], Span], None]


def late_maintenance(session: Session, cameras: list[Camera], span: Span) -> None:
    """Enter planned time after the fact."""
    if span.length:
        enter_maintenance(
            session,
            cameras[0].site_id,
            starts_at=instant(SINCE + span.start),
            ends_at=instant(SINCE + span.end),
            reason="lens cleaned",
            actor="user:1",
            at=instant(MIDNIGHT + 2 * DAY),
        )


def late_work_on_one(session: Session, cameras: list[Camera], span: Span) -> None:
    """Enter planned time of one camera after the fact, wherever it stands."""
    if span.length:
        chosen = cameras[span.start % len(cameras)]
        enter_maintenance(
            session,
            chosen.site_id,
            camera_id=chosen.id,
            starts_at=instant(SINCE + span.start),
            ends_at=instant(SINCE + span.end),
            reason="lens cleaned",
            actor="user:1",
            at=instant(MIDNIGHT + 2 * DAY),
        )


def another_day(session: Session, cameras: list[Camera], span: Span) -> None:
    """Correct the day of commissioning; it is never after that of retirement."""
    day = TODAY + timedelta(days=span.start % 2)
    cameras[0].commissioned_on = min(day, cameras[0].retired_on or day)
    session.flush()


def another_site(session: Session, cameras: list[Camera], span: Span) -> None:
    """Say that a camera stands elsewhere."""
    cameras[span.start % len(cameras)].site_id = cameras[-1].site_id
    session.flush()


def retirement(session: Session, cameras: list[Camera], span: Span) -> None:
    """Retire a camera, back-dated."""
    del span
    cameras[-1].retired_on = max(TODAY, cameras[-1].commissioned_on or TODAY)
    session.flush()


changes = st.sampled_from(
    [late_maintenance, late_work_on_one, another_day, another_site, retirement]
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fleet=st.lists(stories(max_size=8), min_size=1, max_size=4),
    pause=st.integers(0, 8),
    meanwhile=st.lists(st.tuples(changes, spans(reach=120)), max_size=3),
    hours_later=st.integers(0, 4),
    turns=st.integers(1, 4),
)
def test_rollups_tell_what_the_intervals_tell(  # noqa: PLR0913 - one for each thing that varies
    sessions: SessionFactory,
    *,
    fleet: list[list[Observation]],
    pause: int,
    meanwhile: list[tuple[Change, Span]],
    hours_later: int,
    turns: int,
) -> None:
    """Whatever becomes known late, no figure from rollups differs by a second."""
    with sessions() as session:
        site, other = factories.make_site(session), factories.make_site(session)
        cameras = [
            factories.make_camera(
                session, site=(site, other)[place % 2], commissioned_on=TODAY - timedelta(days=9)
            )
            for place in range(len(fleet))
        ]
        at = MIDNIGHT + hours_later * HOUR + 400
        for camera, story in zip(cameras, fleet, strict=True):
            record(
                session, [scheduled(camera.id, v, since=SINCE) for v in story[:pause]], patience=2
            )
        roll_all(session, at=at)
        compare(session)

        for camera, story in zip(cameras, fleet, strict=True):
            record(
                session, [scheduled(camera.id, v, since=SINCE) for v in story[pause:]], patience=2
            )
        compare(session)
        for change, span in meanwhile:
            change(session, cameras, span)
            compare(session)
            for _ in range(turns):
                roll(session, at=instant(at + DAY), keeping=KEEPING, sites_at_once=1)
                compare(session)
        lapse_silent(session, at=instant(at))
        compare(session)
        roll_all(session, at=at + DAY)
        compare(session)
        assert number(session, StaleDay) == 0
        assert stale_sites(session, WINDOWS[0], rolled(session)) == set()


def one_camera(session: Session, *verdicts: tuple[int, Health]) -> Camera:
    """Record verdicts of one camera, at seconds after midnight, each good for 150 s."""
    camera = factories.make_camera(session, commissioned_on=TODAY - timedelta(days=9))
    story = [Observation(second, health, None, 150) for second, health in verdicts]
    record(session, [scheduled(camera.id, each, since=MIDNIGHT) for each in story], patience=1)
    return camera


def test_a_day_is_rolled_up_by_site_and_by_camera(session: Session) -> None:
    """After midnight of Paris a day stands as one row of its site and one of its camera."""
    camera = one_camera(session, (0, Health.UP), (100, Health.DOWN), (200, Health.UP))

    roll_all(session, at=MIDNIGHT + DAY + 301)

    day = session.get_one(SiteDay, (camera.site_id, instant(MIDNIGHT)))
    row = session.get_one(CameraDay, (camera.id, instant(MIDNIGHT)))
    for each in (day, row):
        assert (each.up, each.down, each.unknown) == (250, 100, DAY - 350)
        assert each.transitions == 2
    assert number(session, SiteHour) == 24


def test_an_hour_settles_before_it_is_summed(session: Session) -> None:
    """Verdicts of the last minute are still on their way when an hour ends."""
    one_camera(session, (0, Health.UP))

    roll_all(session, at=MIDNIGHT + HOUR + 299)
    assert number(session, SiteHour) == 0
    roll_all(session, at=MIDNIGHT + HOUR + 300)

    assert number(session, SiteHour) == 1


def test_a_turn_rolls_up_some_sites_only(session: Session) -> None:
    """Verdicts wait for a turn: it is as long as its sites are many, not the fleet."""
    for _ in range(3):
        one_camera(session, (0, Health.UP))
    found = []

    while roll(session, at=instant(MIDNIGHT + HOUR + 300), keeping=KEEPING, sites_at_once=2):
        session.flush()
        found.append((number(session, SiteHour), rolled(session).hours.length))

    assert found == [(0, 0), (2, 0), (3, 0), (3, HOUR)]


def test_a_change_between_two_turns_is_in_the_figure(session: Session) -> None:
    """The day of a site that is summed already is stale, though the day is not done."""
    camera, _ = (one_camera(session, (0, Health.UP), (100, Health.UP)) for _ in range(2))
    at = instant(MIDNIGHT + DAY + 301)
    while number(session, SiteDay) == 0:
        roll(session, at=at, keeping=KEEPING, sites_at_once=1)
        session.flush()

    camera.retired_on = TODAY
    session.flush()
    roll_all(session, at=MIDNIGHT + DAY + 302)

    assert session.get_one(SiteDay, (camera.site_id, instant(MIDNIGHT))).up == 0
    compare(session)


def test_a_day_of_25_hours_has_25_checkpoints(session: Session) -> None:
    """In the night of October the hour that comes twice is counted twice."""
    start = int(paris_midnight(date(2026, 10, 25)).timestamp())
    camera = factories.make_camera(session, commissioned_on=date(2026, 1, 1))
    seen = Observation(0, Health.UP, None, 90_000)
    record(session, [scheduled(camera.id, seen, since=start)], patience=1)

    roll_all(session, at=start + 25 * HOUR + 300)

    assert session.get_one(SiteDay, (camera.site_id, instant(start))).up == 25 * HOUR
    assert number(session, SiteHour) == 25


def test_maintenance_entered_late_is_in_the_next_figure(session: Session) -> None:
    """From the moment it is entered, the stale day is read from the intervals."""
    camera = one_camera(session, (0, Health.UP), (100, Health.UP))
    roll_all(session, at=MIDNIGHT + DAY + 301)

    late_maintenance(session, [camera], Span(MIDNIGHT - SINCE, MIDNIGHT - SINCE + 60))

    window = Span(MIDNIGHT, MIDNIGHT + DAY)
    (found,) = site_reckonings(session, [window])[camera.site_id]
    assert found.tally == Tally(up=190, planned=60, unknown=DAY - 250)
    assert number(session, StaleDay) == 1
    roll_all(session, at=MIDNIGHT + DAY + 302)
    assert session.get_one(SiteDay, (camera.site_id, instant(MIDNIGHT))).planned == 60
    assert site_reckonings(session, [window])[camera.site_id] == [found]


def test_a_camera_that_moves_takes_its_past_along(session: Session) -> None:
    """From the moment of the move no rollup of either site is read; then both are rebuilt."""
    camera, other = (one_camera(session, (0, Health.UP), (100, Health.UP)) for _ in range(2))
    roll_all(session, at=MIDNIGHT + DAY + 301)
    window, left = Span(MIDNIGHT, MIDNIGHT + DAY), camera.site_id

    camera.site_id = other.site_id
    session.flush()

    assert stale_sites(session, window, rolled(session)) == {left, other.site_id}
    for _ in range(2):
        sums = site_reckonings(session, [window])
        assert sums[left] == [Reckoning()]
        assert sums[other.site_id][0].tally == Tally(up=500, unknown=2 * DAY - 500)
        roll_all(session, at=MIDNIGHT + DAY + 302)
    assert stale_sites(session, window, rolled(session)) == set()


def test_what_is_planned_for_a_camera_goes_with_it_to_another_site(session: Session) -> None:
    """Whichever way it is summed, and when it is cancelled there as well."""
    camera, other = (one_camera(session, (0, Health.UP), (100, Health.UP)) for _ in range(2))
    late_work_on_one(session, [camera], Span(MIDNIGHT - SINCE, MIDNIGHT - SINCE + 60))
    camera.site_id = other.site_id
    session.flush()
    window = Span(MIDNIGHT, MIDNIGHT + DAY)
    seen = Tally(up=500, unknown=2 * DAY - 500)
    worked_on = Tally(up=440, planned=60, unknown=2 * DAY - 500)

    roll_all(session, at=MIDNIGHT + DAY + 301)
    (rolled_up,) = site_reckonings(session, [window])[other.site_id]
    (summed,) = reckon(session, [window], Camera.site_id)[other.site_id]
    work = session.scalars(select(MaintenanceWindow)).one()
    cancel_maintenance(
        session, work.id, why="error", actor="user:1", at=instant(MIDNIGHT + DAY + 302)
    )
    (cancelled,) = site_reckonings(session, [window])[other.site_id]
    roll_all(session, at=MIDNIGHT + DAY + 303)
    (rolled_again,) = site_reckonings(session, [window])[other.site_id]

    assert rolled_up.tally == summed.tally == worked_on
    assert cancelled.tally == rolled_again.tally == seen


def test_a_camera_that_was_heard_of_late_is_compared_from_then_on(session: Session) -> None:
    """Its first verdict lies in an hour that is summed: an edit after that is seen too."""
    first = one_camera(session, (0, Health.UP), (5_000, Health.UP))
    roll_all(session, at=MIDNIGHT + 2 * HOUR + 301)
    late = factories.make_camera(session, site=first.site, commissioned_on=date(2026, 1, 1))
    seen = Observation(100, Health.UP, None, 150)
    record(session, [scheduled(late.id, seen, since=MIDNIGHT)], patience=1)
    roll_all(session, at=MIDNIGHT + 2 * HOUR + 302)

    late.commissioned_on = TODAY + timedelta(days=1)
    session.flush()

    compare(session, [Span(MIDNIGHT, MIDNIGHT + 2 * HOUR)])
    roll_all(session, at=MIDNIGHT + 3 * HOUR + 301)
    compare(session, [Span(MIDNIGHT, MIDNIGHT + 3 * HOUR)])


def test_an_edit_of_the_hours_of_power_makes_a_site_stale(session: Session) -> None:
    """Whoever edits them need not know of rollups."""
    camera = one_camera(session, (0, Health.UP))
    roll_all(session, at=MIDNIGHT + DAY + 301)
    window = Span(MIDNIGHT, MIDNIGHT + DAY)

    hours = "mon-fri 17:00-07:00"
    session.add(PowerHours(site_id=camera.site_id, hours=hours, from_on=TODAY))
    session.flush()

    assert stale_sites(session, window, rolled(session)) == {camera.site_id}
    roll_all(session, at=MIDNIGHT + DAY + 302)
    assert stale_sites(session, window, rolled(session)) == set()


@pytest.mark.parametrize(("hours_days", "left"), [(40, 4 * 24), (2, 2 * 24)])
def test_old_checkpoints_are_dropped_and_no_figure_changes(
    session: Session, hours_days: int, left: int
) -> None:
    """Retention takes caches away, never seconds."""
    one_camera(session, (0, Health.UP), (5_000, Health.UP), (DAY + 77, Health.DOWN))
    keeping = Keeping(hours_days=hours_days, camera_days=1)

    roll_all(session, at=MIDNIGHT + 4 * DAY + 301, keeping=keeping)

    assert number(session, SiteHour) == left
    compare(session, [Span(MIDNIGHT + 5_010, MIDNIGHT + 2 * DAY + 5), *WINDOWS])


def test_every_day_of_a_span_is_marked_once(session: Session) -> None:
    """A mark that stands is not written again."""
    site = factories.make_site(session)
    span = Span(MIDNIGHT - 1, MIDNIGHT + 1)

    mark_stale(session, [site.id], span)
    mark_stale(session, [site.id, site.id], span)

    assert number(session, StaleDay) == 2
