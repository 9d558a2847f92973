"""
When each camera is probed next, and how: a heap of due instants.

Starts are spread over the interval by a hash of the camera, the same after each
restart, so that neither the fleet nor a site is ever probed in one breath.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from probes.target import InvalidTarget, RtspTarget, Target
from probes.verdict import Health, Reason, Verdict
from registry.fleet.queries import ProbeInput
from registry.fleet.rules import Zones
from registry.fleet.vault import Vault
from registry.monitoring.agenda.pace import back_off, share
from registry.monitoring.agenda.targets import Targets
from registry.monitoring.queries.standings import service_bounds
from registry.monitoring.rules import Scheduled
from registry.monitoring.rules.memory import Memory, learned
from registry.monitoring.uptime import Span


@dataclass(frozen=True, slots=True)
class Errand:
    """A probe to be made: its target, and what its verdict will be recorded with."""

    target: Target
    delay_seconds: float
    credential_changed_at: datetime | None

    @property
    def proving(self) -> bool:
        """Whether the probe was asked to prove the credential."""
        return self.target.verify_authentication

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
    lent: bool = False
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
        longest_seconds: float = 0.0,
    ) -> None:
        """
        Start empty; passwords are opened with `vault`, only for a probe.

        A device that has long been silent is asked every `longest_seconds` at least;
        see `back_off`.
        """
        self._interval_seconds = interval_seconds
        self._longest_seconds = longest_seconds
        self.targets = Targets(vault, zones, timeout_seconds=timeout_seconds)
        self._entries: dict[int, _Entry] = {}
        self._heap: list[tuple[float, int]] = []
        # How late the latest of those was that the last look found due.
        self.late_seconds = 0.0

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
            if (camera.serial, camera.mac) != (entry.camera.serial, entry.camera.mac):
                # Another unit is registered: the last inventory read the one before.
                entry.memory = replace(entry.memory, inventory_mac="")
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
        self.late_seconds = 0.0
        while self._heap and self._heap[0][0] <= now:
            due, camera_id = heapq.heappop(self._heap)
            entry = self._entries[camera_id]
            if entry.due != due:
                continue
            if now >= entry.service.end:
                entry.due = None
                continue
            self.late_seconds = max(self.late_seconds, now - due)
            if now - due > self._interval_seconds:
                # This machine slept, or the clock was set: no herd, each to its place.
                self._plan(entry, not_before=now)
                continue
            delay = self._plan_next(entry, now)
            if entry.errand is not None or entry.lent:
                continue
            try:
                target = self.targets.make(entry.camera, entry.memory, at=at)
                changed_at = entry.camera.credential_changed_at
                entry.errand = Errand(target, delay, changed_at)
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
        was_silent = entry.memory.silent_since is not None
        entry.memory = learned(entry.memory, scheduled)
        if was_silent and verdict.health is Health.UP and entry.due is not None:
            scheduled = self._resume(entry, scheduled)
        return scheduled

    def lend(self, camera_id: int, *, at: datetime) -> Target | None:
        """
        Hand out a camera for an inventory; none while it is probed, or not to be probed.

        Until `give_back` its turns are passed over: one conversation at a time.
        """
        entry = self._entries.get(camera_id)
        if entry is None or entry.due is None or entry.errand is not None or entry.lent:
            return None
        try:
            target = self.targets.make(entry.camera, entry.memory, at=at)
        except InvalidTarget:
            return None
        entry.lent = at.timestamp() >= entry.service.start
        return target if entry.lent else None

    def give_back(self, camera_id: int, *, mac: str = "") -> None:
        """Take a camera back, and remember the MAC that its inventory read, if it did."""
        entry = self._entries.get(camera_id)
        if entry is not None:
            entry.lent = False
            entry.memory = replace(entry.memory, inventory_mac=mac or entry.memory.inventory_mac)

    def rtsp_target(self, camera_id: int) -> RtspTarget | None:
        """Make the target of a question to a camera's video server, where one is wanted."""
        entry = self._entries.get(camera_id)
        try:
            return self.targets.make_rtsp(entry.camera) if entry else None
        except InvalidTarget:
            return None

    def changed_at(self, camera_id: int) -> datetime | None:
        """Tell when the register changed a camera last; none for one that is not probed."""
        entry = self._entries.get(camera_id)
        return None if entry is None or entry.due is None else entry.camera.changed_at

    def in_service(self, *, at: datetime) -> Iterator[int]:
        """List the cameras that are probed now."""
        return (entry.camera.camera_id for entry in self._in_service(at))

    def zone_of(self, camera_id: int) -> str:
        """Tell in which zone a camera lies; empty for one that is not known."""
        entry = self._entries.get(camera_id)
        return entry.camera.zone if entry else ""

    def zones(self, *, at: datetime) -> frozenset[str]:
        """Tell in which zones a camera is probed now."""
        return frozenset(entry.camera.zone for entry in self._in_service(at))

    def all_unknown(self, reason: Reason, *, at: datetime) -> list[Scheduled]:
        """Return the verdict that nothing is known, for every camera to be probed."""
        return [
            Scheduled(Verdict(camera_id, at, Health.UNKNOWN, reason), self._interval_seconds)
            for camera_id, entry in self._entries.items()
            if entry.due is not None and entry.due >= entry.service.start
        ]

    def _in_service(self, at: datetime) -> Iterator[_Entry]:
        now = at.timestamp()
        for entry in self._entries.values():
            if entry.due is not None and entry.service.start <= now < entry.service.end:
                yield entry

    def _plan_next(self, entry: _Entry, now: float) -> float:
        """Plan the probe after this one, and return the seconds until then."""
        silent_since = entry.memory.silent_since
        silent_seconds = now - silent_since.timestamp() if silent_since else 0.0
        delay = back_off(
            silent_seconds,
            interval_seconds=self._interval_seconds,
            longest_seconds=self._longest_seconds,
            jitter=share(b"%d:%d" % (entry.camera.camera_id, now)),
        )
        if delay <= self._interval_seconds:
            return self._plan(entry, not_before=now + self._interval_seconds / 2) - now
        entry.due = now + delay
        heapq.heappush(self._heap, (entry.due, entry.camera.camera_id))
        return delay

    def _resume(self, entry: _Entry, scheduled: Scheduled) -> Scheduled:
        """Go back to the interval at the first answer, and hold that answer accordingly."""
        at = scheduled.verdict.at.timestamp()
        before = entry.due
        due = self._plan(entry, not_before=at + self._interval_seconds / 2)
        if before is not None and before < due:
            # Somebody asked for it sooner.
            entry.due = due = before
        return replace(scheduled, delay_seconds=due - at)

    def _plan(self, entry: _Entry, *, not_before: float) -> float:
        """Set the next due instant: the camera's own place within the interval."""
        interval = self._interval_seconds
        place = share(b"%d" % entry.camera.camera_id) * interval
        entry.due = not_before + (place - not_before) % interval
        heapq.heappush(self._heap, (entry.due, entry.camera.camera_id))
        return entry.due


def _hopeless(
    camera_id: int, error: InvalidTarget, *, at: datetime, delay_seconds: float
) -> Scheduled:
    """Return the verdict on a camera whose address cannot be tried."""
    whole = at.replace(microsecond=0)
    unknown, reason = Health.UNKNOWN, Reason.NOT_CONFIGURED
    return Scheduled(Verdict(camera_id, whole, unknown, reason, detail=error.field), delay_seconds)
