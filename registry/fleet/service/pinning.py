"""Keeps the first certificate that a camera showed, where it was asked to be pinned."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry import journal
from registry.fleet.models import Camera
from registry.fleet.rules.reach import PIN_FIRST, PINNED


def pin_certificate(
    session: Session, camera_id: int, *, certificate: str, at: datetime, actor: str
) -> bool:
    """
    Pin a camera's certificate, unless one is pinned or the policy has changed meanwhile.

    Only the first is believed: from then on another certificate is an issue, and the
    way back is a person's word (`pin` or another `pin:...` in the register). What is
    kept of the certificate is the SHA-256 of its DER form, in hexadecimal.
    """
    camera = session.get(Camera, camera_id)
    if camera is None or camera.tls_verify != PIN_FIRST:
        return False
    camera.tls_verify = f"{PINNED}{certificate}"
    camera.changed_at = at
    journal.write(
        session,
        at=at,
        actor=actor,
        action="camera.pin",
        subject=f"camera:{camera_id}",
        before={"tls_verify": PIN_FIRST},
        after={"tls_verify": camera.tls_verify},
    )
    return True
