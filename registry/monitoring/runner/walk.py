"""Walks a zone for devices, and says of each whether the register knows it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from probes.engine import Limits, probe_once
from probes.onvif.discovery import Door, Found, discover, interfaces_within
from probes.target import InvalidTarget, Network, Requests, Target
from probes.verdict import Health, Verdict
from registry.monitoring.rules.matching import Match, Matcher, Position, Sighting, macs_told

# A device tells of http and https, of both families: more doors than these are noise.
MOST_DOORS = 6
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Walked:
    """One device that answered the call: where it may be asked, and who it is to the register."""

    found: Found
    door: Door | None
    verdict: Verdict | None
    match: Match

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain values."""
        identity = self.verdict.identity if self.verdict else None
        position = self.match.position
        return {
            "endpoint": self.found.endpoint,
            "source": self.found.source,
            "addresses": [str(door) for door in self.found.addresses],
            "address": str(self.door) if self.door else None,
            "health": str(self.verdict.health) if self.verdict else None,
            "reason": str(self.verdict.reason) if self.verdict and self.verdict.reason else None,
            "serial": identity.serial if identity else "",
            "model": " ".join(filter(None, (identity.manufacturer, identity.model)))
            if identity
            else "",
            "macs": list(macs_told(self.found.endpoint, self.found.scopes)),
            "register": str(self.match.whereabouts),
            "by": self.match.by,
            "camera": asdict(position) if position else None,
        }


def walk(  # noqa: PLR0913 - where to look, for whom, and for how long
    positions: Iterable[Position],
    requests: Requests,
    *,
    networks: tuple[Network, ...],
    seconds: float,
    timeout_seconds: float,
    clock: Callable[[], datetime],
) -> tuple[list[str], list[Walked]]:
    """
    Call for devices on this machine's interfaces inside a zone, and knock at each.

    No credentials are sent: a device that nobody knows is told no password. Returns the
    addresses called from, and the devices.

    Raises:
        OSError: The port of WS-Discovery cannot be listened to.
    """
    interfaces = interfaces_within(networks)
    found = discover(interfaces, networks=networks, seconds=seconds)
    knock = _Knock(requests, networks, timeout_seconds, clock)
    matcher = Matcher(positions)
    answers = asyncio.run(knock.at_all(found))
    called_from = [str(each.address).partition("%")[0] for each in interfaces]
    return called_from, [
        Walked(device, door, verdict, matcher.find(_sighting(device, verdict)))
        for device, (door, verdict) in zip(found, answers, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Knock:
    """Probes the doors of a device, one after the other, until it answers."""

    requests: Requests
    networks: tuple[Network, ...]
    timeout_seconds: float
    clock: Callable[[], datetime]

    async def at_all(self, found: Sequence[Found]) -> list[tuple[Door | None, Verdict | None]]:
        """Knock at every device, a bounded number of them at once."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(device: Found) -> tuple[Door | None, Verdict | None]:
            async with room:
                return await self.at(device)

        return await asyncio.gather(*map(one, found))

    async def at(self, device: Found) -> tuple[Door | None, Verdict | None]:
        """Return the first door that answers, else none with the last verdict."""
        verdict = None
        for number, door in enumerate(device.addresses[:MOST_DOORS]):
            try:
                target = Target(
                    number,
                    door.host,
                    door.port,
                    door.path,
                    door.scheme,
                    networks=self.networks,
                    timeout_seconds=self.timeout_seconds,
                )
            except InvalidTarget:
                continue
            verdict = await probe_once(self.requests, target, limits=Limits(), clock=self.clock)
            if verdict.health is Health.UP:
                return door, verdict
        return None, verdict


def _sighting(device: Found, verdict: Verdict | None) -> Sighting:
    identity = verdict.identity if verdict else None
    return Sighting(
        places=tuple((door.host, door.port) for door in device.addresses),
        serial=identity.serial if identity else "",
        macs=macs_told(device.endpoint, device.scopes),
    )
