"""What the record survives of clocks: set back, set forward, and a night with an hour more."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.verdict import Health, Reason, Verdict
from registry.clock import paris_midnight
from registry.db import SessionFactory
from registry.monitoring.models import Interval, Outage, SiteState
from registry.monitoring.queries.availability import Group, Subject, availability
from registry.monitoring.rules import Scheduled
from registry.monitoring.service import record
from registry.monitoring.uptime import HOUR, Span, Tally
from tests import factories
from tests.flows.ledgers import counters, hold_the_record
from tests.monitoring.runner.clockwork import INTERVAL, Hands, bench
from tests.monitoring.telling import NOON

UP, DOWN, UNKNOWN = Health.UP, Health.DOWN, Health.UNKNOWN


def test_a_clock_that_is_set_back_and_forward_counts_no_second_twice(
    sessions: SessionFactory,
) -> None:
    """Ten minutes back, then an hour forward: what was lived through is told, nothing else is."""
    hands, before = Hands(), dict[tuple[int, SiteState], int]()

    async def scene() -> None:
        async with bench(sessions, hands=hands) as at_work:
            for set_by in (0, -600, 3_000):
                hands.set_by = set_by
                await at_work.pass_seconds(2 * INTERVAL)
                with sessions() as session:
                    after = counters(session)
                assert all(after[name] >= seconds for name, seconds in before.items())
                before.update(after)

    asyncio.run(scene())

    end = NOON + timedelta(seconds=3_000 + 6 * INTERVAL)
    with sessions() as session:
        rows = session.scalars(select(Interval).order_by(Interval.started_at)).all()
        hold_the_record(session, now=end, longest_hold=3 * INTERVAL)
    assert [(row.health, row.reason) for row in rows] == [
        (UP, None),
        (UNKNOWN, Reason.CLOCK_STEP),
        (UP, None),
    ]
    # Our clock went on for forty seconds, then jumped over the rest of the hour.
    jump = NOON + timedelta(seconds=4 * INTERVAL)
    assert timedelta() < rows[1].started_at - jump <= timedelta(seconds=2)
    assert rows[2].started_at >= NOON + timedelta(seconds=3_000 + 4 * INTERVAL)


def test_a_monitor_that_starts_in_its_own_past_tells_nothing_of_it_again(
    sessions: SessionFactory,
) -> None:
    """Restarted after its clock was set back: what lies before the last is dropped, counted."""
    hands, told_of = Hands(), []

    async def life(seconds: int) -> None:
        async with bench(sessions, hands=hands) as at_work:
            await at_work.pass_seconds(seconds)
            with sessions() as session:
                told_of.append((at_work.gauges.vitals.dropped, counters(session)))

    asyncio.run(life(3 * INTERVAL))
    hands.set_by = -600
    asyncio.run(life(3 * INTERVAL))
    hands.passed += 600
    asyncio.run(life(3 * INTERVAL))

    (none, first), (dropped, second), (_, third) = told_of
    assert none == 0 < dropped
    assert first == second
    assert sum(third.values()) > sum(second.values())
    with sessions() as session:
        now = NOON + timedelta(seconds=9 * INTERVAL)
        hold_the_record(session, now=now, longest_hold=3 * INTERVAL)


def test_a_night_in_which_the_clocks_change_has_all_its_seconds(session: Session) -> None:
    """The hour that Paris has twice is counted twice, and an outage in it is as long as it was."""
    camera = factories.make_camera(session, commissioned_on=date(2026, 1, 1))
    start = int(paris_midnight(date(2026, 10, 25)).timestamp())
    # Half past two, Paris, comes twice: the camera is down from the first to the second.
    down = range(start + 9_000, start + 9_000 + HOUR)
    verdicts = [
        Scheduled(
            Verdict(
                camera.id,
                datetime.fromtimestamp(at, UTC),
                DOWN if at in down else UP,
                Reason.NO_ROUTE if at in down else None,
            ),
            600,
        )
        for at in range(start, start + 26 * HOUR, 600)
    ]

    record(session, verdicts, patience=2)

    window = Span(start, start + 25 * HOUR)
    found = availability(session, Subject.SITE, camera.site.public_id, window, group=Group.DAY)
    (day,) = found.parts
    assert day.reckoning.tally == Tally(up=24 * HOUR, down=HOUR)
    outage = session.scalars(select(Outage)).one()
    assert outage.ended_at is not None
    assert (outage.ended_at - outage.started_at) == timedelta(hours=1)
