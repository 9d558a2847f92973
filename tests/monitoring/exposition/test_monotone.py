"""Whatever befalls a camera, a counter on the page of sites never falls."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from probes.verdict import Health, Reason, Verdict
from registry.clock import paris_day
from registry.db import SessionFactory
from registry.errors import Invalid
from registry.fleet.service import update_camera
from registry.monitoring.exposition import Board, SiteWriter
from registry.monitoring.models import Dialect, Standing
from registry.monitoring.rules import Scheduled
from registry.monitoring.service import enter_maintenance, lapse_silent, record
from registry.signature import Signature
from tests import factories
from tests.monitoring.telling import NOON, page_of, samples

COUNTER = "vigiparc_site_camera_state_seconds_total"
PATIENCE = 2
SITES, CAMERAS = 3, 3
REASONS = {
    Health.DOWN: Reason.CONNECT_TIMEOUT,
    Health.UNREACHABLE: Reason.GATEWAY_DOWN,
    Health.UNKNOWN: Reason.INTERNAL,
}
places, cameras = st.integers(0, SITES - 1), st.integers(0, CAMERAS - 1)
Counted = Mapping[tuple[str, ...], float]


class Region(RuleBasedStateMachine):
    """Three sites between which three cameras move, and whoever watches and scrapes them."""

    sessions: ClassVar[SessionFactory]

    def __init__(self) -> None:
        """Begin at noon with one camera at each site."""
        super().__init__()
        self.session = self.sessions()
        self.sites = [factories.make_site(self.session) for _ in range(SITES)]
        self.cameras = [factories.make_camera(self.session, site=site) for site in self.sites]
        self.at = NOON
        self.writer = SiteWriter(Board(), availability_seconds=60)
        self.scraped: Counted = {}
        self.always_in_service = True

    def teardown(self) -> None:
        """Leave no trace in the database."""
        self.session.rollback()
        self.session.close()

    @rule(seconds=st.sampled_from([1, 20, 59, 60, 61, 149, 150, 151, 600, 90_000]))
    def wait(self, seconds: int) -> None:
        """Let time pass: less than a hold, about one, far more, or a day."""
        self.at += timedelta(seconds=seconds)

    @rule(camera=cameras, health=st.sampled_from(Health), ago=st.integers(0, 90))
    def hear(self, camera: int, health: Health, ago: int) -> None:
        """Take in a verdict, perhaps late, perhaps twice; only the camera's own site counts it."""
        before = self.page()
        chosen = self.cameras[camera]
        verdict = Verdict(chosen.id, self.at - timedelta(seconds=ago), health, REASONS.get(health))
        record(self.session, [Scheduled(verdict, 60)], patience=PATIENCE)
        self.writer.board.touch([chosen.id])

        grown = {key for key, seconds in self.page().items() if seconds != before[key]}
        assert {site for site, *_ in grown} <= {chosen.site.public_id}

    @rule()
    def notice_silence(self) -> None:
        """Look for cameras of which nobody has heard, as the clerk does now and then."""
        lapse_silent(self.session, at=self.at)

    @rule(camera=cameras, place=places)
    def move(self, camera: int, place: int) -> None:
        """Let somebody move a camera in the register; no counter moves with it."""
        before = self.page()
        self.edit(camera, site=self.sites[place].public_id)

        assert self.page() == before

    @rule(camera=cameras, days=st.integers(-1, 1))
    def retire(self, camera: int, days: int) -> None:
        """Let somebody enter the end of a camera, past or to come."""
        self.always_in_service = False
        day = paris_day(self.at + timedelta(days=days))
        self.edit(camera, retired_on=day.isoformat(), retirement_reason="Déposée")

    @rule(camera=cameras)
    def bring_back(self, camera: int) -> None:
        """Let somebody take the end of a camera back."""
        self.edit(camera, retired_on=None)

    @rule(camera=cameras, days=st.integers(-2, 1))
    def commission(self, camera: int, days: int) -> None:
        """Let somebody enter another first day."""
        self.always_in_service = False
        day = paris_day(self.at + timedelta(days=days))
        self.edit(camera, commissioned_on=day.isoformat())

    @rule(place=places, begins=st.integers(-600, 600), length=st.integers(1, 900))
    def plan(self, place: int, begins: int, length: int) -> None:
        """Plan work on a site, ahead or after the fact."""
        start = self.at + timedelta(seconds=begins)
        enter_maintenance(
            self.session,
            self.sites[place].id,
            starts_at=start,
            ends_at=start + timedelta(seconds=length),
            reason="lens",
            actor="user:1",
            at=self.at,
        )

    @rule()
    def restart(self) -> None:
        """Begin anew with what the database holds, as after a death."""
        self.writer = SiteWriter(Board(), availability_seconds=60)

    @invariant()
    def no_counter_falls(self) -> None:
        """Scrape: every site has its five states from its start, and none has fallen."""
        page = self.page()
        assert len(page) == SITES * 5
        assert all(page[key] >= seconds for key, seconds in self.scraped.items())
        self.scraped = page

    @precondition(lambda self: self.always_in_service)
    @invariant()
    def no_second_is_lost_or_counted_twice(self) -> None:
        """All sites together count each camera up to its watermark, wherever it has stood."""
        self.session.expire_all()
        settled = sum(
            (standing.settled_until - standing.began_at).total_seconds()
            for standing in self.session.scalars(select(Standing))
        )
        assert sum(self.scraped.values()) == settled

    def edit(self, camera: int, **values: object) -> None:
        """Change a camera as the API does, unless its rules refuse that."""
        signed = Signature(actor="user:1", at=self.at, reason="test")
        with suppress(Invalid):
            update_camera(self.session, self.cameras[camera], values, signed=signed)
        self.session.flush()

    def page(self) -> Counted:
        """Return the counters as a scrape reads them."""
        page = page_of(self.writer(self.session, at=self.at), Dialect.TEXT)
        return samples(page, COUNTER)


def test_no_counter_falls_through_moves_and_corrections(sessions: SessionFactory) -> None:
    """Moves, patience, silence, maintenance, edits of service and restarts, in any order."""
    run_state_machine_as_test(
        type("Here", (Region,), {"sessions": staticmethod(sessions)}),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
