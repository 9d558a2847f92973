"""
When each camera is probed next, and how: a heap of due instants.

Starts are spread over the interval by a hash of the camera, the same after each
restart, so that neither the fleet nor a site is ever probed in one breath.
"""

import heapq
import logging
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from probes.target import InvalidTarget, Target
from probes.verdict import Authentication, Health, Identity, Reason, Verdict
from registry.fleet.queries import ProbeInput
from registry.fleet.rules import Zones
from registry.fleet.rules.reach import PIN_FIRST
from registry.fleet.vault import Vault
from registry.monitoring.models import Standing
from registry.monitoring.queries.standings import service_bounds
from registry.monitoring.rules import Scheduled
from registry.monitoring.uptime import Span

_LOG = logging.getLogger(__name__)

PROOF_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier probes learned of a camera's credential."""

    authentication: Authentication = Authentication.NONE
    verified_at: datetime | None = None
    refused_credential_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """A probe to be made: its target, and what its verdict will be recorded with."""

    target: Target
    delay_seconds: float
    credential_changed_at: datetime | None
    proving: bool
    lag_seconds: float

    def answered(self, verdict: Verdict) -> Scheduled:
        """Put the verdict together with what the agenda knew when it sent the probe."""
        return Scheduled(
            verdict, self.delay_seconds, self.credential_changed_at, proving=self.proving
        )


@dataclass(slots=True)
class _Entry:
    """A camera in the agenda; `due` is None while it is not to be probed."""

    camera: ProbeInput
    service: Span
    due: float | None = None
    errand: Errand | None = None
    memory: Memory = field(default_factory=Memory)


class Agenda:
    """Knows every camera that may be probed, and which one is next."""

    def __init__(
        self,
        vault: Vault,
        *,
        interval_seconds: float,
        timeout_seconds: float,
        zones: Zones,
    ) -> None:
        """Start empty; passwords are opened with `vault`, only for a probe."""
        self._vault = vault
        self._interval_seconds = interval_seconds
        self._timeout_seconds = timeout_seconds
        self._zones = zones
        self._entries: dict[int, _Entry] = {}
        self._heap: list[tuple[float, int]] = []

    def __len__(self) -> int:
        """How many cameras are to be probed."""
        return sum(1 for entry in self._entries.values() if entry.due is not None)

    def update(
        self, cameras: Iterable[ProbeInput], memories: Mapping[int, Memory], *, at: datetime
    ) -> None:
        """Take cameras that are new or have changed; the others stay as they are."""
        now = at.timestamp()
        for camera in cameras:
            service = service_bounds(camera.commissioned_on, camera.retired_on)
            entry = self._entries.get(camera.camera_id)
            if entry is None:
                memory = memories.get(camera.camera_id, Memory())
                entry = _Entry(camera, service, memory=memory)
                self._entries[camera.camera_id] = entry
            entry.camera, entry.service = camera, service
            if not camera.host or not service.length or now >= service.end:
                entry.due = None
            elif entry.due is None or entry.due < service.start:
                self._plan(entry, not_before=max(now, service.start))

    def hurry(self, camera_id: int, *, at: datetime) -> bool:
        """Put a camera first in the queue; False where it is not to be probed at all."""
        entry = self._entries.get(camera_id)
        if entry is None or entry.due is None or at.timestamp() < entry.service.start:
            return False
        entry.due = at.timestamp()
        heapq.heappush(self._heap, (entry.due, camera_id))
        return True

    def due(self, *, at: datetime) -> tuple[list[Errand], list[Scheduled]]:
        """
        Take what is due: the probes to make, and verdicts that need none.

        The latter are of cameras whose address cannot even be tried. A camera whose
        verdict is still awaited is passed over until its next turn.
        """
        now = at.timestamp()
        errands: list[Errand] = []
        verdicts: list[Scheduled] = []
        while self._heap and self._heap[0][0] <= now:
            due, camera_id = heapq.heappop(self._heap)
            entry = self._entries[camera_id]
            if entry.due != due:
                continue
            if now >= entry.service.end:
                entry.due = None
                continue
            delay = self._plan(entry, not_before=now + self._interval_seconds / 2) - now
            if entry.errand is not None:
                continue
            try:
                entry.errand = self._errand(
                    entry, at=at, delay_seconds=delay, lag_seconds=now - due
                )
                errands.append(entry.errand)
            except InvalidTarget as error:
                verdicts.append(_hopeless(camera_id, error, at=at, delay_seconds=delay))
        return errands, verdicts

    def answered(self, verdict: Verdict) -> Scheduled | None:
        """Take note of a verdict; None where nobody awaits it."""
        entry = self._entries.get(verdict.key)
        if entry is None or entry.errand is None:
            return None
        scheduled, entry.errand = entry.errand.answered(verdict), None
        entry.memory = _learned(entry.memory, scheduled)
        return scheduled

    def all_unknown(self, reason: Reason, *, at: datetime) -> list[Scheduled]:
        """Return the verdict that nothing is known, for every camera to be probed."""
        return [
            Scheduled(Verdict(camera_id, at, Health.UNKNOWN, reason), self._interval_seconds)
            for camera_id, entry in self._entries.items()
            if entry.due is not None and entry.due >= entry.service.start
        ]

    def _plan(self, entry: _Entry, *, not_before: float) -> float:
        """Set the next due instant: the camera's own place within the interval."""
        interval = self._interval_seconds
        place = zlib.crc32(b"%d" % entry.camera.camera_id) / 2**32 * interval
        entry.due = not_before + (place - not_before) % interval
        heapq.heappush(self._heap, (entry.due, entry.camera.camera_id))
        return entry.due

    def _errand(
        self, entry: _Entry, *, at: datetime, delay_seconds: float, lag_seconds: float
    ) -> Errand:
        """
        Make the target of a probe, opening its password only now.

        Raises:
            InvalidTarget: The register holds an address that cannot be tried.
        """
        camera, memory = entry.camera, entry.memory
        changed_at = camera.credential_changed_at
        if camera.zone not in self._zones.networks:
            named, known = "zone", ", ".join(self._zones.networks)
            raise InvalidTarget(named, f"one of {known}")
        proving = _needs_proof(memory, changed_at, at=at)
        password = self._password(camera)
        target = Target(
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
            networks=self._zones.allowed(camera.zone, camera.networks),
            site=camera.site_id,
            expected=_expected(camera),
            send_credentials=changed_at is None or memory.refused_credential_at != changed_at,
            verify_authentication=proving,
            authentication_known=str(memory.authentication),
            timeout_seconds=self._timeout_seconds,
            gateway_host=camera.gateway_host,
            gateway_port=camera.gateway_port,
        )
        return Errand(target, delay_seconds, changed_at, proving, lag_seconds)

    def _password(self, camera: ProbeInput) -> str | None:
        """Open the password of a camera; None where there is none that can be opened."""
        if camera.sealed_password is None:
            return None
        try:
            return self._vault.unseal(camera.sealed_password)
        except InvalidToken:
            _LOG.error("the password of camera %d was sealed with a lost key", camera.camera_id)
            return None


def read_memories(session: Session) -> dict[int, Memory]:
    """Read what earlier probes learned of every camera's credential."""
    rows = session.execute(
        select(
            Standing.camera_id,
            Standing.authentication,
            Standing.verified_at,
            Standing.refused_credential_at,
        )
    )
    return {row.camera_id: Memory(*row[1:]) for row in rows}


def _learned(memory: Memory, scheduled: Scheduled) -> Memory:
    """Remember what a verdict tells of the credential that travelled."""
    told = scheduled.verdict.authentication
    if scheduled.verdict.health is not Health.UP or told is Authentication.NONE:
        return memory
    if told is Authentication.FAILED:
        return Memory(told, memory.verified_at, scheduled.credential_changed_at)
    verified_at = scheduled.verdict.at if scheduled.proving else memory.verified_at
    return Memory(told, verified_at)


def _needs_proof(memory: Memory, changed_at: datetime | None, *, at: datetime) -> bool:
    """Tell whether to prove the credential: never yet, changed since, or a day ago."""
    if memory.verified_at is None or at - memory.verified_at >= PROOF_AGE:
        return True
    return changed_at is not None and changed_at > memory.verified_at


def _expected(camera: ProbeInput) -> Identity | None:
    """Return the registered device, or None where nothing is registered of it."""
    expected = Identity(
        manufacturer=camera.manufacturer,
        model=camera.model,
        firmware=camera.firmware,
        serial=camera.serial,
    )
    return expected if any(expected.to_dict().values()) else None


def _hopeless(
    camera_id: int, error: InvalidTarget, *, at: datetime, delay_seconds: float
) -> Scheduled:
    """Return the verdict on a camera whose address cannot be tried."""
    whole = at.replace(microsecond=0)
    unknown, reason = Health.UNKNOWN, Reason.NOT_CONFIGURED
    return Scheduled(Verdict(camera_id, whole, unknown, reason, detail=error.field), delay_seconds)
