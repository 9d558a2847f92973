"""The monitor against simulated cameras: what a tick does, and what survives."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from probes.engine import Engine, Limits
from probes.onvif.contract import load_requests
from probes.simulator import Device, Simulation
from probes.verdict import Authentication, Health, Reason
from registry.clock import SteadyClock
from registry.db import SessionFactory, session_scope
from registry.fleet.models import Camera, Credential
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.journal import JournalEntry
from registry.monitoring.agenda import Agenda
from registry.monitoring.models import Interval, MonitorLease, ProbeRequest, Standing
from registry.monitoring.runner import Canaries, Clerk, Gauges, Monitor
from registry.monitoring.runner.clerk import Errands, News
from registry.monitoring.service import claim_lease, request_probe
from tests import factories
from tests.monitoring.telling import NOON

VAULT = Vault([Fernet.generate_key().decode()])
INTERVAL = 10
DEVICE = Device(serial="SN1", username="vigiparc", password="correct horse")


class Hands:
    """The two hands of a clock, moved by the test: the wall's and the monotonic one."""

    def __init__(self) -> None:
        """Start at noon."""
        self.passed = 0.0
        self.set_by = 0.0

    def clock(self) -> SteadyClock:
        """Return a steady clock with these hands."""
        return SteadyClock(
            lambda: NOON + timedelta(seconds=self.passed + self.set_by), lambda: self.passed
        )


@dataclass(slots=True)
class Bench:
    """A monitor at work on simulated cameras, tick by tick."""

    monitor: Monitor
    hands: Hands
    engine: Engine

    async def pass_seconds(self, seconds: int) -> None:
        """Tick once a second, and let each tick's work come to its end."""
        for _ in range(seconds):
            self.hands.passed += 1
            await self.monitor.tick()
            while self.engine.in_flight:  # noqa: ASYNC110 - the engine has no event for it
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)


class SlowClerk(Clerk):
    """A clerk whose database is away for his first turns."""

    def __init__(self, sessions: SessionFactory, holder: str, *, failures: int) -> None:
        """Fail so often before the work is done."""
        super().__init__(sessions, holder, patience=2)
        self.failures = failures

    def turn(self, errands: Errands, *, at: Any) -> News:  # noqa: ANN401 - as above it
        """Fail, or do the turn."""
        if errands.verdicts and self.failures:
            self.failures -= 1
            statement = "COMMIT"
            raise OperationalError(statement, {}, BlockingIOError())
        return super().turn(errands, at=at)


def no_canary() -> Canaries:
    """Return the canaries of a service that has none."""
    return Canaries({}, lambda _: "local")


@asynccontextmanager
async def bench(
    sessions: SessionFactory, *, hands: Hands | None = None, clerk: Clerk | None = None
) -> AsyncIterator[Bench]:
    """Run one simulated camera and a monitor that looks after it."""
    hands = hands or Hands()
    clock = hands.clock()
    async with Simulation([DEVICE]) as simulation:
        with session_scope(sessions) as session:
            camera = session.scalar(select(Camera))
            if camera is None:
                camera = factories.make_camera(session, serial="SN1")
                sealed = VAULT.seal("correct horse")
                session.add(
                    Credential(
                        camera_id=camera.id,
                        username="vigiparc",
                        sealed_password=sealed,
                        changed_at=NOON,
                    )
                )
            camera.port = simulation.ports[0]
        agenda = Agenda(
            VAULT,
            interval_seconds=INTERVAL,
            timeout_seconds=2,
            zones=Zones.only(ip_network("127.0.0.0/8")),
        )
        engine = Engine(load_requests(), Limits(), clock=clock)
        with ThreadPoolExecutor(1) as thread:
            clerk = clerk or Clerk(sessions, "one", patience=2)
            monitor = Monitor(
                agenda, engine, clerk, Gauges("0"), no_canary(), clock=clock, thread=thread
            )
            try:
                yield Bench(monitor, hands, engine)
            finally:
                await monitor.close()


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


def test_a_wish_is_answered_with_its_verdict(sessions: SessionFactory) -> None:
    """Who asks for a probe now reads its verdict from the row; a hopeless wish too."""

    async def scene() -> None:
        async with bench(sessions) as at_work:
            with session_scope(sessions) as session:
                camera = session.scalars(select(Camera)).one()
                absent = factories.make_camera(session, commissioned_on=None)
                for wanted in (camera, absent):
                    request_probe(session, wanted.id, actor="user:3", at=NOON)
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


def test_verdicts_wait_while_the_database_is_away(sessions: SessionFactory) -> None:
    """What could not be written is written later, with the instants it had."""
    clerk = SlowClerk(sessions, "one", failures=4)

    async def scene() -> None:
        async with bench(sessions, clerk=clerk) as at_work:
            await at_work.pass_seconds(3 * INTERVAL)

    run(scene)

    found = standing(sessions)
    assert clerk.failures == 0
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
    """Our own clock goes on: the step is journaled once, and no time is lost."""
    hands = Hands()

    async def scene() -> None:
        async with bench(sessions, hands=hands) as at_work:
            await at_work.pass_seconds(2 * INTERVAL)
            hands.set_by = -600
            await at_work.pass_seconds(2 * INTERVAL)

    run(scene)

    with sessions() as session:
        assert session.scalars(select(Interval)).one().ended_at is None
        assert len(session.scalars(select(JournalEntry)).all()) == 1
    assert standing(sessions).last_at > NOON + timedelta(seconds=2 * INTERVAL)
