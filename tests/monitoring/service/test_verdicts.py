"""What a batch of verdicts leaves in the database, and what it never does."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue, Reason
from registry.db import SessionFactory
from registry.errors import Conflict
from registry.fleet.models import Device
from registry.monitoring.models import (
    Interval,
    MaintenanceWindow,
    Outage,
    SiteCounter,
    SiteState,
    Standing,
    Substitution,
)
from registry.monitoring.queries.standings import known_cameras
from registry.monitoring.rules import Observation
from registry.monitoring.rules.notices import Happening, Sign
from registry.monitoring.service import lapse_silent, record
from registry.monitoring.service.verdicts import update_standings
from registry.monitoring.uptime import Span
from tests import factories
from tests.monitoring.oracle import seconds_of_stretches, tell
from tests.monitoring.strategies import patiences, spans, stories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, scheduled, told

UP, DOWN, UNREACHABLE, UNKNOWN = Health.UP, Health.DOWN, Health.UNREACHABLE, Health.UNKNOWN
SINCE = int(NOON.timestamp())


def intervals(session: Session, camera_id: int) -> list[tuple[object, ...]]:
    """Return a camera's intervals in order, as minutes after noon."""
    session.expire_all()
    rows = session.scalars(
        select(Interval).filter_by(camera_id=camera_id).order_by(Interval.started_at)
    )
    return [
        (
            (row.started_at - NOON) / timedelta(minutes=1),
            row.ended_at and (row.ended_at - NOON) / timedelta(minutes=1),
            row.health,
        )
        for row in rows
    ]


def counters(session: Session, site_id: int) -> dict[SiteState, int]:
    """Return a site's counters."""
    rows = session.execute(
        select(SiteCounter.state, SiteCounter.seconds).filter_by(site_id=site_id)
    )
    return dict(rows.all())


def test_the_first_verdict_opens_an_interval(session: Session) -> None:
    """A camera's story begins at its first verdict."""
    camera = factories.make_camera(session)

    record(session, [told(camera.id, 0)], patience=2)

    standing = session.get_one(Standing, camera.id)
    assert intervals(session, camera.id) == [(0, None, UP)]
    assert standing.began_at == standing.since == standing.last_at == NOON
    assert standing.held_until == at_minute(2.5)
    assert standing.last_up_at == standing.identified_at == NOON
    assert standing.serial == "SN1"


def test_verdicts_that_agree_write_no_interval(session: Session) -> None:
    """A quiet camera costs one standing a verdict and nothing else."""
    camera = factories.make_camera(session)

    for minute in range(5):
        report = record(session, [told(camera.id, minute)], patience=2)
        assert report.moves == [] or minute == 0

    assert intervals(session, camera.id) == [(0, None, UP)]
    assert session.get_one(Standing, camera.id).last_at == at_minute(4)


def test_an_outage_opens_with_its_first_failure_and_ends_with_its_first_answer(
    session: Session,
) -> None:
    """An outage is as long as it was in the street."""
    camera = factories.make_camera(session)
    story = [UP, DOWN, DOWN, DOWN, UP, UP]

    for minute, health in enumerate(story):
        record(session, [told(camera.id, minute, health)], patience=2)

    outage = session.scalars(select(Outage)).one()
    assert (outage.started_at, outage.ended_at) == (at_minute(1), at_minute(4))
    assert (outage.reason, outage.ended_by) == (Reason.CONNECT_TIMEOUT, UP)
    assert intervals(session, camera.id) == [(0, 1, UP), (1, 4, DOWN), (4, None, UP)]


def test_one_batch_tells_the_same_as_many(session: Session) -> None:
    """A backlog written at once leaves the rows that its verdicts would have left."""
    one, other = factories.make_camera(session), factories.make_camera(session)
    story = [UP, DOWN, DOWN, UNREACHABLE, UP, UP, UNKNOWN, DOWN, UP, UP]

    for minute, health in enumerate(story):
        record(session, [told(one.id, minute, health)], patience=2)
    record(session, [told(other.id, m, health) for m, health in enumerate(story)], patience=2)

    assert intervals(session, one.id) == intervals(session, other.id)
    spans = [
        [(row.started_at, row.ended_at, row.health, row.ended_by) for row in rows]
        for rows in (
            session.scalars(select(Outage).filter_by(camera_id=each.id).order_by(Outage.id)).all()
            for each in (one, other)
        )
    ]
    assert spans[0] == spans[1]
    assert counters(session, one.site_id) == counters(session, other.site_id)


def test_a_kill_and_a_restart_leave_unknown_beyond_the_hold(session: Session) -> None:
    """What the monitor did not see is neither up nor down, and ends the outage."""
    up, down = factories.make_camera(session), factories.make_camera(session)
    record(session, [told(up.id, 0), told(down.id, 0, DOWN)], patience=2)

    record(session, [told(up.id, 30), told(down.id, 30, DOWN)], patience=2)

    assert intervals(session, up.id) == [(0, 2.5, UP), (2.5, 30, UNKNOWN), (30, None, UP)]
    assert intervals(session, down.id) == [(0, 2.5, DOWN), (2.5, 30, UNKNOWN), (30, None, DOWN)]
    ends = session.execute(select(Outage.ended_at, Outage.ended_by).order_by(Outage.id)).all()
    assert [tuple(row) for row in ends] == [(at_minute(2.5), UNKNOWN), (None, None)]
    assert counters(session, up.site_id) == {SiteState.UP: 150, SiteState.UNKNOWN: 1_650}


def test_the_outage_of_a_camera_that_is_probed_no_more_ends(session: Session) -> None:
    """Beyond its hold and some grace it is unknown, and its held seconds are counted."""
    silent, heard = factories.make_camera(session), factories.make_camera(session)
    record(session, [told(silent.id, 0, DOWN), told(silent.id, 1, DOWN)], patience=2)
    record(session, [told(heard.id, 4)], patience=2)

    lapse_silent(session, at=at_minute(5.5))
    assert session.scalars(select(Outage)).one().ended_at is None
    lapse_silent(session, at=at_minute(5.6))
    lapse_silent(session, at=at_minute(5.7))

    session.expire_all()
    outage = session.scalars(select(Outage)).one()
    assert (outage.ended_at, outage.ended_by) == (at_minute(3.5), UNKNOWN)
    assert intervals(session, silent.id) == [(0, 3.5, DOWN), (3.5, None, UNKNOWN)]
    assert counters(session, silent.site_id) == {SiteState.DOWN: 210}
    assert session.get_one(Standing, heard.id).health is UP
    record(session, [told(silent.id, 10)], patience=2)
    assert intervals(session, silent.id)[1:] == [(3.5, 10, UNKNOWN), (10, None, UP)]
    assert counters(session, silent.site_id) == {SiteState.DOWN: 210, SiteState.UNKNOWN: 390}


def test_a_verdict_again_or_too_late_changes_nothing(session: Session) -> None:
    """The key of a verdict is its camera and its instant."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0), told(camera.id, 2)], patience=2)
    before = counters(session, camera.site_id)

    report = record(session, [told(camera.id, 2, DOWN), told(camera.id, 1, DOWN)], patience=1)

    assert (report.dropped, report.repeated) == (1, 1)
    assert intervals(session, camera.id) == [(0, None, UP)]
    assert counters(session, camera.site_id) == before


def test_a_verdict_of_a_camera_that_is_gone_is_dropped(session: Session) -> None:
    """A probe may outlive the camera it was sent to."""
    assert record(session, [told(4711, 0)], patience=2).dropped == 1


def test_two_writers_cannot_count_time_twice(session: Session) -> None:
    """Whoever writes a standing that was moved meanwhile writes nothing at all."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0)], patience=2)
    known = known_cameras(session, [camera.id])
    record(session, [told(camera.id, 1)], patience=2)
    row = {**(known[camera.id].row or {}), "last_at": SINCE + 120}
    stale = {f"to_{name}": value for name, value in row.items()}

    with pytest.raises(Conflict):
        update_standings(
            session,
            ["last_at"],
            [stale | {"of_camera": camera.id, "of_last_at": SINCE}],
        )


def test_a_swap_is_written_with_the_unit_that_should_be_there(session: Session) -> None:
    """Another unit answers twice, then the registered one is back."""
    camera = factories.make_camera(session)

    record(session, [told(camera.id, 0)], patience=2)
    for minute in (1, 2, 3):
        issues = [Issue.IDENTITY_MISMATCH]
        strange = told(camera.id, minute, issues=issues, identity=OTHER_UNIT)
        record(session, [strange], patience=2)
    record(session, [told(camera.id, 4)], patience=2)

    swap = session.scalars(select(Substitution)).one()
    assert (swap.started_at, swap.ended_at) == (at_minute(1), at_minute(4))
    assert swap.serial == "SN9"
    assert swap.device_id == session.scalar(select(Device.id).filter_by(camera_id=camera.id))


def test_a_swap_is_reported_when_it_is_believed_and_when_it_ends(session: Session) -> None:
    """Dated from the first strange answer, told with the second; then the unit is back."""
    camera = factories.make_camera(session)
    strange = [Issue.IDENTITY_MISMATCH]

    reports = [
        record(session, [told(camera.id, minute, issues=issues)], patience=2)
        for minute, issues in enumerate([[], strange, strange, strange, []])
    ]

    assert [report.signs for report in reports] == [
        [],
        [],
        [(camera.id, Sign(int(at_minute(1).timestamp()), Happening.SWAPPED, UP))],
        [],
        [(camera.id, Sign(int(at_minute(4).timestamp()), Happening.RETURNED, UP))],
    ]


def test_a_refused_login_is_reported_once_until_it_is_accepted(session: Session) -> None:
    """Nothing is sent after a refusal, which is no news; new credentials that pass are."""
    camera = factories.make_camera(session)
    refused = {"issues": [Issue.AUTH_FAILED], "authentication": Authentication.FAILED}
    story: list[dict[str, Any]] = [{}, refused, refused, {"health": DOWN}, refused, {}]

    reports = [
        record(session, [told(camera.id, minute, **said)], patience=2)
        for minute, said in enumerate(story)
    ]
    at_once = factories.make_camera(session)
    backlog = [told(at_once.id, minute, **said) for minute, said in enumerate(story)]

    signs = [sign for report in reports for _, sign in report.signs]
    assert [(sign.at - int(NOON.timestamp()), sign.happening) for sign in signs] == [
        (60, Happening.REFUSED),
        (300, Happening.ACCEPTED),
    ]
    assert [sign for _, sign in record(session, backlog, patience=2).signs] == signs


def test_maintenance_is_counted_as_such_once_settled(session: Session) -> None:
    """Planned seconds go to their own state, whatever the camera did."""
    camera = factories.make_camera(session)
    session.add(window(camera.site_id, 1, 3))
    session.flush()

    for minute in range(6):
        record(session, [told(camera.id, minute)], patience=2)

    assert counters(session, camera.site_id) == {SiteState.UP: 180, SiteState.MAINTENANCE: 120}


def test_a_camera_out_of_service_is_not_counted(session: Session) -> None:
    """Before the day of commissioning a camera adds to no counter."""
    camera = factories.make_camera(session, commissioned_on=(NOON + timedelta(days=2)).date())

    record(session, [told(camera.id, 0), told(camera.id, 1)], patience=2)

    assert counters(session, camera.site_id) == {}


def test_what_was_invented_is_marked(session: Session) -> None:
    """Simulated rows say so, and the first real verdict ends the mark of the standing."""
    camera = factories.make_camera(session)
    past = [told(camera.id, 0), told(camera.id, 1, DOWN), told(camera.id, 2, DOWN)]
    record(session, past, patience=2, simulated=True)
    assert session.get_one(Standing, camera.id).simulated

    record(session, [told(camera.id, 3), told(camera.id, 4)], patience=2)

    session.expire_all()
    assert not session.get_one(Standing, camera.id).simulated
    assert [
        row.simulated for row in session.scalars(select(Interval).order_by(Interval.started_at))
    ] == [True, True, False]
    assert session.scalars(select(Outage)).one().simulated


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=stories(max_size=15),
    patience=patiences,
    planned=st.lists(spans(reach=60), max_size=3),
    cuts=st.sets(st.integers(1, 14)),
)
def test_counters_never_fall_and_tell_what_was_settled(
    sessions: SessionFactory,
    *,
    story: list[Observation],
    patience: int,
    planned: list[Span],
    cuts: set[int],
) -> None:
    """Through patience, maintenance, gaps, repeats and restarts no counter steps back."""
    with sessions() as session:
        camera = factories.make_camera(session)
        session.add_all(
            window(camera.site_id, span.start / 60, span.end / 60)
            for span in planned
            if span.length
        )
        session.flush()
        verdicts = [scheduled(camera.id, each, since=SINCE) for each in story]
        before: dict[SiteState, int] = {}
        edges = [0, *sorted(cut for cut in cuts if cut < len(story)), len(story)]
        for start, end in pairwise(edges):
            # Each batch repeats the last verdict of the one before, as a restart may.
            record(session, verdicts[max(0, start - 1) : end], patience=patience)
            now = counters(session, camera.site_id)
            assert all(now.get(state, 0) >= seconds for state, seconds in before.items())
            before = now

        expected = settled_seconds(story, patience, planned)
        assert {state: number for state, number in before.items() if number} == expected


def settled_seconds(
    story: list[Observation], patience: int, planned: list[Span]
) -> dict[SiteState, int]:
    """Count the settled seconds of a story one by one."""
    told_story = tell(story, patience=patience)
    seconds = seconds_of_stretches(told_story.ended)
    blank = {second for span in planned for second in range(*span)}
    found: dict[SiteState, int] = {}
    for second in range(story[0].at, told_story.steps[-1].state.settled_until):
        health = seconds.get(second, UNKNOWN)
        state = SiteState.MAINTENANCE if second in blank else SiteState(health.value)
        found[state] = found.get(state, 0) + 1
    return found


def window(site_id: int, first_minute: float, last_minute: float) -> MaintenanceWindow:
    """Return a maintenance window of a site, by minutes after noon."""
    return MaintenanceWindow(
        site_id=site_id,
        starts_at=at_minute(first_minute),
        ends_at=at_minute(last_minute),
        reason="test",
        author="test",
        entered_at=NOON,
    )
