"""The quick way of unchanged verdicts, held to the long way."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue
from registry.db import SessionFactory, as_dict
from registry.monitoring.models import Interval, Outage, SiteCounter, Standing, Substitution
from registry.monitoring.rules import Observation, Scheduled
from registry.monitoring.service import record
from registry.monitoring.service.steady import go_on
from registry.monitoring.uptime import Span
from tests import factories
from tests.monitoring.service.test_verdicts import window
from tests.monitoring.strategies import spans, stories
from tests.monitoring.telling import NOON, OTHER_UNIT, at_minute, scheduled, told

SINCE = int(NOON.timestamp())
FAILED = Authentication.FAILED
MISMATCH = Issue.IDENTITY_MISMATCH

told_beside = st.tuples(
    st.sets(st.sampled_from([Issue.CLOCK_SKEW, Issue.AUTH_FAILED, Issue.SLOW]), max_size=2),
    st.sampled_from(list(Authentication)),
    st.booleans(),
    st.sampled_from([None, NOON, datetime(2026, 1, 1, tzinfo=UTC)]),
    st.sampled_from([None, 0.5, -3.0]),
)
Beside = tuple[set[Issue], Authentication, bool, datetime | None, float | None]


def dressed(seen: Scheduled, beside: Beside) -> Scheduled:
    """Add to a verdict what it may say beside health and identity."""
    issues, authentication, proving, changed_at, offset = beside
    is_up = seen.verdict.health is Health.UP
    verdict = replace(
        seen.verdict,
        issues=seen.verdict.issues | frozenset(issues) if is_up else seen.verdict.issues,
        authentication=authentication if is_up else Authentication.NONE,
        clock_offset_seconds=offset if is_up else None,
        reachable=is_up,
    )
    return Scheduled(verdict, seen.delay_seconds, changed_at, proving=proving)


def left(session: Session, camera_id: int, site_id: int) -> list[list[dict[str, Any]]]:
    """Return every row that a camera left, without what names it."""
    session.expire_all()
    names = {"id", "camera_id", "site_id", "device_id"}
    questions = (
        select(Standing).filter_by(camera_id=camera_id),
        select(Interval).filter_by(camera_id=camera_id).order_by(Interval.started_at),
        select(Outage).filter_by(camera_id=camera_id).order_by(Outage.started_at),
        select(Substitution).filter_by(camera_id=camera_id).order_by(Substitution.started_at),
        select(SiteCounter).filter_by(site_id=site_id).order_by(SiteCounter.state),
    )
    return [
        [
            {name: value for name, value in as_dict(row).items() if name not in names}
            for row in session.scalars(question)
        ]
        for question in questions
    ]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=stories(max_size=12),
    beside=st.lists(told_beside, min_size=1, max_size=3),
    calm=st.booleans(),
    planned=st.lists(spans(reach=60), max_size=2),
)
def test_both_ways_leave_the_same_rows(
    sessions: SessionFactory,
    *,
    story: list[Observation],
    beside: list[Beside],
    calm: bool,
    planned: list[Span],
) -> None:
    """A verdict that comes twice takes the long way, and says no more than once."""
    with sessions() as session:
        quick, long = (factories.make_camera(session) for _ in range(2))
        for camera in (quick, long):
            session.add_all(
                window(camera.site_id, span.start / 60, span.end / 60)
                for span in planned
                if span.length
            )
        session.flush()
        if calm:
            story = [replace(each, health=Health.UP, reason=None, mismatch=False) for each in story]
        for place, seen in enumerate(story):
            said = beside[place // 4 % len(beside)]
            once = dressed(scheduled(quick.id, seen, since=SINCE), said)
            twice = dressed(scheduled(long.id, seen, since=SINCE), said)
            record(session, [once, twice, twice], patience=2)

        assert left(session, quick.id, quick.site_id) == left(session, long.id, long.site_id)


def is_quick(session: Session, each: Scheduled, *, rolled_until: int = 0) -> bool:
    """Tell whether a verdict takes the quick way."""
    left = go_on(session, [each], simulated=False, rolled_until=rolled_until)
    assert left.rest in ([], [each])
    return not left.rest


def test_an_ordinary_verdict_takes_the_quick_way(session: Session) -> None:
    """Up as before, with the same device and the same credential."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0), told(camera.id, 1)], patience=2)

    assert is_quick(session, told(camera.id, 2))


@pytest.mark.parametrize(
    "says",
    [
        lambda camera, minute: told(camera, minute, Health.DOWN),
        lambda camera, minute: told(camera, minute, identity=None),
        lambda camera, minute: told(camera, minute, identity=OTHER_UNIT, issues=[MISMATCH]),
        lambda camera, minute: told(camera, minute, issues=[Issue.SLOW, Issue.CLOCK_SKEW]),
        lambda camera, minute: told(camera, minute, authentication=Authentication.NONE),
        lambda camera, minute: told(
            camera, minute, authentication=FAILED, credential_changed_at=NOON
        ),
    ],
)
def test_whatever_is_said_again_takes_the_quick_way(session: Session, says: Any) -> None:  # noqa: ANN401 - a maker of verdicts
    """Down for long, a silent name, another unit for long, the same issues, the same refusal."""
    camera = factories.make_camera(session)
    record(session, [says(camera.id, minute) for minute in range(4)], patience=2)

    assert is_quick(session, says(camera.id, 4))


@pytest.mark.parametrize(
    "odd",
    [
        lambda camera: told(camera, 2, Health.DOWN),
        lambda camera: told(camera, 1),
        lambda camera: told(camera, 1 + 2.6),
        lambda camera: told(camera, 2, identity=OTHER_UNIT),
        lambda camera: told(camera, 2, issues=[Issue.SLOW]),
        lambda camera: told(camera, 2, proving=True),
        lambda camera: told(camera, 2, authentication=Authentication.FAILED),
        lambda camera: told(camera + 1, 2),
    ],
)
def test_whatever_is_new_takes_the_long_way(session: Session, odd: Any) -> None:  # noqa: ANN401 - a maker of verdicts
    """Another health, a repeat, a gap, another unit, an issue, a proof, a stranger."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0), told(camera.id, 1)], patience=2)

    assert not is_quick(session, odd(camera.id))


def test_time_already_rolled_up_takes_the_long_way(session: Session) -> None:
    """Only the fold says which sums a late verdict makes stale."""
    camera = factories.make_camera(session)
    record(session, [told(camera.id, 0)], patience=2)

    held_until = int(at_minute(2.5).timestamp())
    assert is_quick(session, told(camera.id, 1), rolled_until=held_until)
    assert not is_quick(session, told(camera.id, 1), rolled_until=held_until + 1)


def test_planned_time_takes_the_long_way(session: Session) -> None:
    """The seconds of a site that is worked on count as maintenance, those beside it do not."""
    worked_on, beside = (factories.make_camera(session) for _ in range(2))
    record(session, [told(worked_on.id, 0), told(beside.id, 0)], patience=2)
    session.add(window(worked_on.site_id, 0, 5))
    session.flush()

    assert not is_quick(session, told(worked_on.id, 1))
    assert is_quick(session, told(beside.id, 1))
