"""Readers, sites, a mail server, and the news that reaches them."""

import email.message
import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health, Issue
from registry.accounts.models import User
from registry.accounts.service import add_user
from registry.fleet.models import Camera
from registry.fleet.vault import Vault
from registry.monitoring.models import Subscription
from registry.monitoring.notify import MailServer, Manners
from registry.monitoring.rules.notices import Flapping
from registry.monitoring.service import note_transitions, record
from registry.monitoring.service.subscriptions import Wish, subscribe
from tests import factories
from tests.monitoring.telling import NOON, at_minute, told
from tests.web.visitors import CHEAP

MANNERS = Manners(gather_seconds=90, flapping=Flapping(changes=6, window_seconds=1_800))


class Postbox:
    """Keeps what a mail server was handed; refuses recipients at `full.test`."""

    def __init__(self) -> None:
        """Start empty."""
        self.mails: list[tuple[list[str], email.message.Message]] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self,
        _server: smtp.SMTP,
        _session: smtp.Session,
        envelope: smtp.Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient, or say that there is no room."""
        if address.endswith("@full.test"):
            return "452 no room"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, _server: smtp.SMTP, _session: smtp.Session, envelope: smtp.Envelope
    ) -> str:
        """Keep a mail."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.mails.append((envelope.rcpt_tos, message_from_bytes(content)))
        return "250 OK"


@pytest.fixture
def postbox() -> Postbox:
    """Return an empty postbox."""
    return Postbox()


@pytest.fixture
def server(postbox: Postbox) -> Iterator[MailServer]:
    """Run a mail server on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield MailServer("127.0.0.1", port, sender="VigiParc <vigiparc@region.test>")
    controller.stop()


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
        hasher=CHEAP,
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


def hear(  # noqa: PLR0913 - the parts of a verdict that tests vary
    session: Session,
    camera: Camera,
    minute: float,
    health: Health = Health.UP,
    *,
    issues: Iterable[Issue] = (),
    authentication: Authentication = Authentication.VERIFIED,
) -> None:
    """Take in one verdict, as the monitor does, with a patience of one."""
    verdict = told(camera.id, minute, health, issues=issues, authentication=authentication)
    report = record(session, [verdict], patience=1)
    note_transitions(session, report.moves, report.signs, at=at_minute(minute))
    session.flush()


def swap(session: Session, camera: Camera, minute: float) -> None:
    """Let another unit answer than the registered one."""
    hear(session, camera, minute, issues=[Issue.IDENTITY_MISMATCH])


def refuse(session: Session, camera: Camera, minute: float) -> None:
    """Let a camera refuse our credentials."""
    failed = Authentication.FAILED
    hear(session, camera, minute, issues=[Issue.AUTH_FAILED], authentication=failed)


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
