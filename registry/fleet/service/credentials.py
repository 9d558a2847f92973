"""Changes the account that probes use at a camera."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry import journal
from registry.errors import NotFound
from registry.fleet.models import Camera, Credential
from registry.fleet.vault import Vault


def set_credential(  # noqa: PLR0913 - a credential is an account, a vault, and who set it when
    session: Session,
    camera_id: int,
    *,
    username: str,
    password: str,
    vault: Vault,
    at: datetime,
    actor: str,
) -> bool:
    """
    Give a camera its account; False when it has this very one already.

    The password is sealed at once; the journal learns that it changed, not to what.

    Raises:
        NotFound: There is no such camera.
    """
    camera = session.get(Camera, camera_id)
    if camera is None:
        raise NotFound(f"camera {camera_id}")
    if not apply_credential(camera, username=username, password=password, vault=vault, at=at):
        return False
    camera.changed_at = at
    journal.write(
        session,
        at=at,
        actor=actor,
        action="credential.set",
        subject=f"camera:{camera_id}",
        after={"username": username},
    )
    return True


def apply_credential(
    camera: Camera, *, username: str, password: str | None, vault: Vault, at: datetime
) -> bool:
    """
    Put an account on a camera unless it is there; tell whether anything changed.

    Without a password the one that stands is kept.
    """
    standing = camera.credential
    if standing is None:
        sealed = vault.seal(password or "")
        camera.credential = Credential(username=username, sealed_password=sealed, changed_at=at)
        return True
    same_password = password is None or vault.holds(standing.sealed_password, password)
    if same_password and standing.username == username:
        return False
    standing.username = username
    if password is not None and not same_password:
        standing.sealed_password = vault.seal(password)
    standing.changed_at = at
    return True
