"""Makes a target of what the register says of a camera, its password opened only now."""

import logging
from datetime import datetime

from cryptography.fernet import InvalidToken

from probes.target import InvalidTarget, Network, RtspTarget, Target
from probes.verdict import Identity, normalise_mac
from registry.fleet.queries import ProbeInput
from registry.fleet.rules import Zones
from registry.fleet.rules.reach import PIN_FIRST
from registry.fleet.vault import Vault
from registry.monitoring.rules.memory import Memory, needs_proof

# A video server that runs answers OPTIONS at once; one that hangs is not worth more.
RTSP_SECONDS = 5.0
_LOG = logging.getLogger(__name__)


class Targets:
    """Makes targets: from the register, what earlier probes learned, and the settings."""

    def __init__(self, vault: Vault, zones: Zones, *, timeout_seconds: float) -> None:
        """Keep what all targets share; `timeout_seconds` is for the whole probe."""
        self._vault = vault
        self._zones = zones
        self._timeout_seconds = timeout_seconds
        self.common_serials: frozenset[str] = frozenset()

    def make(self, camera: ProbeInput, memory: Memory, *, at: datetime) -> Target:
        """
        Make the target of one probe.

        Raises:
            InvalidTarget: The register holds an address that cannot be tried.
        """
        changed_at = camera.credential_changed_at
        networks = self._networks(camera)
        password = self._password(camera)
        return Target(
            key=camera.camera_id,
            host=camera.host,
            port=camera.port,
            path=camera.path,
            scheme=str(camera.scheme),
            tls_verify=camera.tls_verify,
            username=camera.username if password is not None else "",
            password=password or "",
            # In the clear only to the very certificate that was pinned, or a known authority.
            password_text=camera.password_text and camera.tls_verify != PIN_FIRST,
            networks=networks,
            site=camera.site_id,
            expected=_expected(camera, memory),
            inventory_mac=memory.inventory_mac,
            common_serials=self.common_serials,
            send_credentials=changed_at is None or memory.refused_credential_at != changed_at,
            refusal=memory.refusal,
            verify_authentication=needs_proof(memory, changed_at, at=at),
            authentication_known=str(memory.authentication),
            timeout_seconds=self._timeout_seconds,
            gateway_host=camera.gateway_host,
            gateway_port=camera.gateway_port,
        )

    def make_rtsp(self, camera: ProbeInput) -> RtspTarget | None:
        """
        Make the target of a question to the video server; none where none is wanted.

        Raises:
            InvalidTarget: The register holds an address that cannot be tried.
        """
        if camera.rtsp_port is None:
            return None
        return RtspTarget(
            camera.camera_id,
            camera.host,
            camera.rtsp_port,
            camera.rtsp_path,
            networks=self._networks(camera),
            timeout_seconds=min(self._timeout_seconds, RTSP_SECONDS),
        )

    def _networks(self, camera: ProbeInput) -> tuple[Network, ...]:
        """
        Tell where a camera may be dialled.

        Raises:
            InvalidTarget: Its zone is not in the settings, or no longer.
        """
        if camera.zone not in self._zones.networks:
            named, known = "zone", ", ".join(self._zones.networks)
            raise InvalidTarget(named, f"one of {known}")
        return self._zones.allowed(camera.zone, camera.networks)

    def _password(self, camera: ProbeInput) -> str | None:
        """Open the password of a camera; None where there is none that can be opened."""
        if camera.sealed_password is None:
            return None
        try:
            return self._vault.unseal(camera.sealed_password)
        except InvalidToken:
            _LOG.error("the password of camera %d was sealed with a lost key", camera.camera_id)
            return None


def _expected(camera: ProbeInput, memory: Memory) -> Identity | None:
    """
    Return the registered device, or None where nothing is registered of it.

    The MAC is named only where the inventory read another: where both are the same it
    decides nothing, and a device that answers as registered is seen to at a glance.
    """
    differs = normalise_mac(camera.mac) != normalise_mac(memory.inventory_mac)
    expected = Identity(
        manufacturer=camera.manufacturer,
        model=camera.model,
        firmware=camera.firmware,
        serial=camera.serial,
        mac=camera.mac if memory.inventory_mac and differs else "",
    )
    return expected if any(expected.to_dict().values()) else None
