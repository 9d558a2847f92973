"""The monitor against simulated cameras: what a tick does, and what survives."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from probes.verdict import Authentication, Health, Reason
from registry.db import SessionFactory, session_scope
from registry.fleet.models import Camera
from registry.journal import JournalEntry
from registry.monitoring.models import Interval, MonitorLease, ProbeRequest, Standing
from registry.monitoring.runner import Clerk
from registry.monitoring.runner.clerk import Errands, News
from registry.monitoring.runner.monitor import MAX_REFUSALS
from registry.monitoring.service import AnotherWrites, claim_lease, request_probes
from tests import factories
from tests.monitoring.runner.clockwork import INTERVAL, Hands, bench
from tests.monitoring.runner.test_gauges import seen
from tests.monitoring.telling import NOON


class SlowClerk(Clerk):
    """A clerk whose database is away for his first turns."""

    def __init__(
        self, sessions: SessionFactory, holder: str, *, failures: int, error: Exception
    ) -> None:
        """Fail so often before the work is done."""
        super().__init__(sessions, holder, patience=2)
        self.failures = failures
        self.error = error

    def turn(self, errands: Errands, *, at: Any) -> News:  # noqa: ANN401 - as above it
        """Fail, or do the turn."""
        if errands.verdicts and self.failures:
            self.failures -= 1
            raise self.error
        return super().turn(errands, at=at)


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play a scene on a loop of its own."""
    asyncio.run(scene())


def standing(sessions: SessionFactory) -> Standing:
    """Return the one standing."""
    with sessions() as session:
        return session.scalars(select(Standing)).one()


def test_a_camera_is_probed_and_its_verdict_written(sessions: SessionFactory) -> None:
    """From the register to the standing, with the credential proven on the way."""

    async def scene() -> None:
        async with bench(sessions) as at_work:
            await at_work.pass_seconds(INTERVAL + 5)

    run(scene)

    found = standing(sessions)
    assert (found.health, found.authentication) == (Health.UP, Authentication.VERIFIED)
    assert found.serial == "SN1"
    assert found.verified_at is not None
    assert NOON < found.last_at <= NOON + timedelta(seconds=INTERVAL + 5)


def test_the_zone_of_a_camera_is_seen_with_its_verdict(sessions: SessionFactory) -> None:
    """Of a zone that the settings do not know no verdict comes: it is waited for in vain."""
    told: dict[str, float] = {}

    async def scene() -> None:
        async with bench(sessions) as at_work:
            with session_scope(sessions) as session:
                factories.make_camera(session).site.zone = "forgotten"
            await at_work.pass_seconds(INTERVAL + 5)
            with sessions() as session:
                told.update(seen(at_work.gauges, session))

    run(scene)

    assert set(told) == {"local", "forgotten"}
    assert told["forgotten"] < told["local"] <= INTERVAL + 5


def test_a_wish_is_answered_with_its_verdict(sessions: SessionFactory) -> None:
    """Who asks for a probe now reads its verdict from the row; a hopeless wish too."""

    async def scene() -> None:
        async with bench(sessions) as at_work:
            with session_scope(sessions) as session:
                camera = session.scalars(select(Camera)).one()
                absent = factories.make_camera(session, commissioned_on=None)
                for wanted in (camera, absent):
                    request_probes(session, [wanted.id], actor="user:3", at=NOON)
            await at_work.pass_seconds(5)

    run(scene)

    with sessions() as session:
        answers = session.scalars(select(ProbeRequest).order_by(ProbeRequest.id)).all()
        verdicts = [answer.verdict or {} for answer in answers]
    assert [verdict["health"] for verdict in verdicts] == ["up", "unknown"]
    assert verdicts[1]["reason"] == "not_configured"
    assert "correct horse" not in str(verdicts)


def test_a_second_monitor_waits_and_probes_nothing(
    sessions: SessionFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """While another holds the lease nothing is read, probed or written."""
    with session_scope(sessions) as session:
        claim_lease(session, "another", at=NOON)

    async def scene() -> None:
        async with bench(sessions) as at_work:
            await at_work.pass_seconds(INTERVAL + 2)
            assert not at_work.monitor.holds_lease
            at_work.hands.passed += 20
            await at_work.pass_seconds(INTERVAL + 3)
            assert at_work.monitor.holds_lease

    run(scene)

    assert standing(sessions).began_at > NOON + timedelta(seconds=INTERVAL + 20)
    assert caplog.text.count("another monitor is at work: this one waits") == 1


def test_a_clean_stop_gives_the_lease_back(sessions: SessionFactory) -> None:
    """The next monitor need not wait for the lease to run out."""

    async def scene() -> None:
        async with bench(sessions) as at_work:
            await at_work.pass_seconds(2)

    run(scene)

    with sessions() as session:
        assert session.scalars(select(MonitorLease)).all() == []


@pytest.mark.parametrize(
    "error", [OperationalError("COMMIT", {}, BlockingIOError()), AnotherWrites()]
)
def test_verdicts_wait_while_the_database_is_away(
    sessions: SessionFactory, error: Exception
) -> None:
    """What could not be written, or not yet, is written later, with the instants it had."""
    clerk = SlowClerk(sessions, "one", failures=MAX_REFUSALS + 1, error=error)
    dropped: list[int] = []

    async def scene() -> None:
        async with bench(sessions, clerk=clerk) as at_work:
            await at_work.pass_seconds(3 * INTERVAL)
            dropped.append(at_work.gauges.vitals.dropped)

    run(scene)

    found = standing(sessions)
    assert (clerk.failures, dropped) == (0, [0])
    assert found.began_at <= NOON + timedelta(seconds=INTERVAL + 2)
    with sessions() as session:
        assert session.scalars(select(Interval)).one().ended_at is None


def test_a_clock_set_forward_leaves_the_skipped_time_unknown(sessions: SessionFactory) -> None:
    """An hour that nobody lived through is nobody's, and the journal says why."""
    hands = Hands()

    async def scene() -> None:
        async with bench(sessions, hands=hands) as at_work:
            await at_work.pass_seconds(2 * INTERVAL)
            hands.set_by = 3_600
            await at_work.pass_seconds(2 * INTERVAL)

    run(scene)

    with sessions() as session:
        rows = session.scalars(select(Interval).order_by(Interval.started_at)).all()
        steps = session.scalars(select(JournalEntry).filter_by(action="clock.step")).all()
    assert [row.health for row in rows] == [Health.UP, Health.UNKNOWN, Health.UP]
    assert rows[1].reason is Reason.CLOCK_STEP
    assert rows[1].started_at == NOON + timedelta(seconds=2 * INTERVAL + 1)
    assert rows[2].started_at >= NOON + timedelta(hours=1)
    assert len(steps) == 1


def test_a_clock_set_back_moves_no_instant(sessions: SessionFactory) -> None:
    """Our own clock goes on: each step is journaled once, the way back as well."""
    hands = Hands()

    async def scene() -> None:
        async with bench(sessions, hands=hands) as at_work:
            await at_work.pass_seconds(2 * INTERVAL)
            hands.set_by = -600
            await at_work.pass_seconds(2 * INTERVAL)
            hands.set_by = 0
            await at_work.pass_seconds(2)

    run(scene)

    with sessions() as session:
        assert session.scalars(select(Interval)).one().ended_at is None
        steps = session.scalars(select(JournalEntry.after).order_by(JournalEntry.id)).all()
    assert steps == ['{"seconds": -600.0}', '{"seconds": 600.0}']
    assert standing(sessions).last_at > NOON + timedelta(seconds=2 * INTERVAL)
