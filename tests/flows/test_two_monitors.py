"""Two monitors started by mistake: one works, the other says so and waits its turn."""

import os
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import OperationalError

from registry.clock import utc_now
from registry.db import (
    SessionFactory,
    impatient,
    see_one_state,
    session_factory,
    session_scope,
    upgrade,
)
from registry.fleet.vault import Vault
from registry.monitoring.models import MonitorLease, SiteState, Standing
from registry.monitoring.service import LEASE_NAME
from registry.settings import migrations_folder
from tests.config.conftest import free_port
from tests.flows.demo_region import eventually
from tests.flows.ledgers import counters, hold_the_record
from tests.flows.test_kills import (
    LONGEST_HOLD,
    START_SECONDS,
    hook,
    monitors,
    page_counters,
    register,
    simulator,
)

WAITS = "another monitor is at work: this one waits"


@dataclass(slots=True)
class Twin:
    """One of two monitors of the same database."""

    process: int
    log: Path
    sessions: SessionFactory

    def said(self, words: str) -> int:
        """Count how often it has said something."""
        return self.log.read_text().count(words)

    def holds_lease(self) -> bool:
        """Tell whether the lease bears its name."""
        with self.sessions() as session:
            lease = session.get(MonitorLease, LEASE_NAME)
        return lease is not None and f":{self.process}:" in lease.holder

    def works(self, since: datetime) -> bool:
        """Tell whether it holds the lease, and verdicts came since an instant."""
        with self.sessions() as session:
            last = session.scalar(select(func.max(Standing.last_at)))
        return self.holds_lease() and last is not None and last > since

    def pause(self) -> None:
        """Stop it between two writings: SQLite's lock stays with whoever was stopped in one."""
        while True:
            os.kill(self.process, signal.SIGSTOP)
            try:
                with session_scope(self.sessions) as session, impatient(session):
                    session.execute(update(MonitorLease).values(note=""))
            except OperationalError:
                self.go_on()
                time.sleep(0.05)
            else:
                return

    def go_on(self) -> None:
        """Let it go on as if it had never been stopped."""
        os.kill(self.process, signal.SIGCONT)


def test_the_second_monitor_waits_takes_over_and_gives_way(empty: Engine, tmp_path: Path) -> None:
    """
    The first is stopped, the second takes over; the first wakes up and waits; the second dies.

    No counter falls at either change, neither in the database nor on the page; the record
    is whole, and no message is told twice but those under way at the stop and the death.
    """
    sessions, port = session_factory(empty), free_port()
    before: dict[tuple[int, SiteState], int] = {}
    scraped: dict[tuple[str, ...], float] = {}

    def hold() -> None:
        with sessions() as session:
            see_one_state(session)
            after, page = counters(session), page_counters(session)
            hold_the_record(session, now=utc_now(), longest_hold=LONGEST_HOLD)
        assert all(after[name] >= seconds for name, seconds in before.items())
        assert all(page[name] >= seconds for name, seconds in scraped.items())
        before.update(after)
        scraped.update(page)

    def twin(name: str) -> Twin:
        log = tmp_path / f"{name}.log"
        log.touch()
        return Twin(starter.start(log), log, sessions)

    with ExitStack() as stack:
        # It loads what a monitor needs while the tables are made.
        starter = stack.enter_context(monitors(empty, tmp_path))
        upgrade(empty, migrations_folder())
        address, taken = stack.enter_context(hook())
        with session_scope(sessions) as session:
            register(session, port, Vault.open(tmp_path / "vigiparc.keys"), address)
        stack.enter_context(simulator(tmp_path, port))
        one = twin("one")
        assert eventually(lambda: one.works(utc_now().replace(year=2000)), seconds=START_SECONDS)
        other = twin("other")
        assert eventually(lambda: other.said(WAITS) == 1, seconds=START_SECONDS)
        assert one.holds_lease()
        hold()

        one.pause()
        paused = utc_now()
        assert eventually(lambda: other.works(paused), seconds=START_SECONDS)
        hold()
        one.go_on()
        assert eventually(lambda: one.said(WAITS) == 1, seconds=START_SECONDS)
        resumed = utc_now()
        assert eventually(lambda: other.works(resumed), seconds=START_SECONDS)
        hold()

        starter.kill(other.process)
        killed = utc_now()
        assert eventually(lambda: one.works(killed), seconds=START_SECONDS)
        hold()
    assert all(len(set(bodies)) == 1 for bodies in taken.values())
    assert sum(len(bodies) - 1 for bodies in taken.values()) <= 1 + 1
