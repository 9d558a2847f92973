"""Readers, sites and the news that reaches them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from probes.verdict import Health
from registry.accounts.models import User
from registry.accounts.service import add_user
from registry.fleet.models import Camera
from registry.fleet.vault import Vault
from registry.monitoring.models import Subscription
from registry.monitoring.notify import Manners
from registry.monitoring.rules.notices import Flapping
from registry.monitoring.service import note_transitions, record
from registry.monitoring.service.subscriptions import Wish, subscribe
from tests import factories
from tests.monitoring.telling import NOON, at_minute, told

MANNERS = Manners(gather_seconds=90, flapping=Flapping(changes=6, window_seconds=1_800))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a vault with a key of its own."""
    return Vault.open(tmp_path / "keys")


@pytest.fixture
def technician(session: Session) -> User:
    """Add somebody who is told by role."""
    return add_user(
        session,
        email="camille@ville.test",
        name="Camille Delattre",
        password="Sept mots font une phrase solide 7",
        role="technician",
        at=NOON,
        actor="cli",
    )


@pytest.fixture
def site(session: Session) -> list[Camera]:
    """Add a site with three cameras in service."""
    place = factories.make_site(session)
    return [factories.make_camera(session, site=place) for _ in range(3)]


@pytest.fixture
def wish(session: Session, vault: Vault) -> Callable[..., Subscription]:
    """Return a maker of subscriptions; technicians are told of everything by default."""

    def make(**changes: object) -> Subscription:
        fields: dict[str, object] = {"name": "Techniciens", "role": "technician"}
        wanted = Wish(**{**fields, **changes})  # type: ignore[arg-type]
        return subscribe(session, wanted, vault=vault, actor="user:1", at=NOON)

    return make


def hear(session: Session, camera: Camera, minute: float, health: Health) -> None:
    """Take in one verdict, as the monitor does, with a patience of one."""
    report = record(session, [told(camera.id, minute, health)], patience=1)
    note_transitions(session, report.moves, at=at_minute(minute))
    session.flush()


def fall(session: Session, cameras: list[Camera], *, minute: float = 1) -> None:
    """Let cameras that were up fall."""
    for camera in cameras:
        hear(session, camera, minute - 1, Health.UP)
        hear(session, camera, minute, Health.DOWN)


def keep(session: Session, camera: Camera, health: Health, minutes: range) -> None:
    """Let a camera stay as it is, minute by minute."""
    for minute in minutes:
        hear(session, camera, minute, health)


def later(minute: float) -> datetime:
    """Return an instant long enough after a minute for its news to be gathered."""
    return at_minute(minute) + timedelta(seconds=90)
