"""The account of a camera: sealed, journaled without its secret, noticed by the monitor."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.fleet.models import Camera, Credential
from registry.fleet.service import set_credential
from registry.fleet.vault import Vault
from registry.journal import JournalEntry
from tests.factories import make_camera


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a vault of the test's own."""
    return Vault.open(tmp_path / "keys")


def give(session: Session, camera: Camera, vault: Vault, password: str, *, at: datetime) -> bool:
    """Give a camera the usual account with some password."""
    return set_credential(
        session,
        camera.id,
        username="onvif",
        password=password,
        vault=vault,
        at=at,
        actor="user:3",
    )


def test_an_account_is_sealed_and_moves_its_camera(
    session: Session, vault: Vault, now: datetime
) -> None:
    """The monitor reads cameras that moved, and finds the new account there."""
    camera = make_camera(session)

    assert give(session, camera, vault, "Hirondelle-59", at=now)

    account = session.get_one(Credential, camera.id)
    assert vault.unseal(account.sealed_password) == "Hirondelle-59"
    assert account.changed_at == camera.changed_at == now


def test_the_same_account_again_is_no_change(session: Session, vault: Vault, now: datetime) -> None:
    """Cameras lock accounts: the monitor must not try anew for nothing."""
    camera = make_camera(session)
    give(session, camera, vault, "Hirondelle-59", at=now)

    assert not give(session, camera, vault, "Hirondelle-59", at=now + timedelta(hours=1))

    assert camera.changed_at == now


def test_the_journal_learns_that_it_changed_not_to_what(
    session: Session, vault: Vault, now: datetime
) -> None:
    """Who set the account of which camera; the password stands nowhere."""
    camera = make_camera(session)
    give(session, camera, vault, "Hirondelle-59", at=now)

    entry = session.scalars(select(JournalEntry)).one()

    assert (entry.actor, entry.action) == ("user:3", "credential.set")
    assert entry.subject == f"camera:{camera.id}"
    assert "Hirondelle" not in f"{entry.before}{entry.after}{entry.reason}"


def test_a_password_sealed_with_a_lost_key_can_be_replaced(
    session: Session, vault: Vault, now: datetime, tmp_path: Path
) -> None:
    """A lost key file is not the end: typing the passwords again is."""
    camera = make_camera(session)
    give(session, camera, Vault.open(tmp_path / "lost"), "Hirondelle-59", at=now)

    assert give(session, camera, vault, "Hirondelle-59", at=now)

    account = session.get_one(Credential, camera.id)
    assert vault.unseal(account.sealed_password) == "Hirondelle-59"


def test_a_camera_that_is_not_there_is_said(session: Session, vault: Vault, now: datetime) -> None:
    """By its number."""
    with pytest.raises(NotFound, match="camera 999"):
        set_credential(session, 999, username="a", password="b", vault=vault, at=now, actor="cli")
