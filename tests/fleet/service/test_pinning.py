"""The first certificate of a camera, pinned once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.fleet.service import pin_certificate
from registry.journal import JournalEntry
from tests.factories import make_camera

FIRST, OTHER = "ab" * 32, "cd" * 32


def test_the_first_certificate_is_pinned_and_journaled(session: Session, now: datetime) -> None:
    """The monitor reads cameras that moved, and probes with the pin from then on."""
    camera = make_camera(session)
    camera.tls_verify = "pin"

    assert pin_certificate(session, camera.id, certificate=FIRST, at=now, actor="monitor")

    entry = session.scalars(select(JournalEntry)).one()
    assert (camera.tls_verify, camera.changed_at) == (f"pin:{FIRST}", now)
    assert (entry.action, entry.subject) == ("camera.pin", f"camera:{camera.id}")


def test_a_pin_is_never_replaced_by_what_is_seen_later(session: Session, now: datetime) -> None:
    """Another certificate is another device, or somebody in between."""
    camera = make_camera(session)
    camera.tls_verify = f"pin:{FIRST}"

    assert not pin_certificate(session, camera.id, certificate=OTHER, at=now, actor="monitor")
    assert not pin_certificate(session, 999, certificate=OTHER, at=now, actor="monitor")

    assert camera.tls_verify == f"pin:{FIRST}"
    assert session.scalars(select(JournalEntry)).all() == []
