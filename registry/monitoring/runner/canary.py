"""
Tells an outage of the cameras from one of our own network.

When nearly everything fails at once, the monitor asks a host of its own side, the
canary. If that is silent too, what failed says nothing about cameras.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from probes.checks.gateway import is_alive
from probes.guard import BlockedAddress
from probes.target import Network
from probes.verdict import Health, Reason, Verdict
from registry.monitoring.rules import is_out, is_suspicious


class Canaries:
    """
    The canaries of all zones: a cut that takes one zone leaves the others' verdicts.

    Args:
        by_zone: The canary of each zone.
        zone_of: Tells in which zone a camera lies.
    """

    def __init__(self, by_zone: Mapping[str, "Canary"], zone_of: Callable[[int], str]) -> None:
        """Keep the canaries."""
        self._by_zone = by_zone
        self._zone_of = zone_of

    def judge(self, verdicts: Iterable[Verdict], *, at: datetime) -> list[Verdict]:
        """Let each zone's canary judge what was heard from there."""
        heard: dict[str, list[Verdict]] = {zone: [] for zone in self._by_zone}
        for verdict in verdicts:
            heard.setdefault(self._zone_of(verdict.key), []).append(verdict)
        judged: list[Verdict] = []
        for zone, those in heard.items():
            canary = self._by_zone.get(zone)
            judged += canary.judge(those, at=at) if canary else those
        return judged

    async def close(self) -> None:
        """Stop looking, everywhere."""
        for canary in self._by_zone.values():
            await canary.close()


class Canary:
    """
    The canary of one zone.

    Args:
        host: A host that answers TCP as long as our own network does (a refused
            connection proves it alive); empty for none, and then nothing is ever
            inconclusive.
        port: Where it is knocked at.
        networks: The networks of the zone.
        interval_seconds: How long a verdict counts as recent.
        timeout_seconds: How long it may take to answer.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        networks: tuple[Network, ...],
        interval_seconds: float,
        timeout_seconds: float,
    ) -> None:
        """Start with nothing heard, and the canary taken for alive."""
        self._host = host
        self._port = port
        self._networks = networks
        self._interval_seconds = interval_seconds
        self._timeout_seconds = timeout_seconds
        self._recent: deque[tuple[float, int, int]] = deque()
        self._look: asyncio.Task[bool] | None = None
        self.is_silent = False

    def judge(self, verdicts: Iterable[Verdict], *, at: datetime) -> list[Verdict]:
        """Take note of what the probes said, and set aside what says nothing."""
        heard = list(verdicts)
        if not self._host:
            return heard
        failed = sum(is_out(verdict.health) for verdict in heard)
        self._recent.append((at.timestamp(), len(heard), failed))
        self._forget(at.timestamp() - self._interval_seconds)
        self._mind()
        return list(self._set_aside(heard)) if self.is_silent else heard

    async def close(self) -> None:
        """Stop looking."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)

    def _forget(self, before: float) -> None:
        while self._recent and self._recent[0][0] <= before:
            self._recent.popleft()

    def _mind(self) -> None:
        """Look at the canary while most verdicts fail; never wait for it."""
        if self._look is not None:
            if not self._look.done():
                return
            self.is_silent, self._look = not self._look.result(), None
        total = sum(total for _, total, _ in self._recent)
        failed = sum(failed for _, _, failed in self._recent)
        if is_suspicious(failed, total):
            self._look = asyncio.create_task(self._ask())
        else:
            self.is_silent = False

    async def _ask(self) -> bool:
        try:
            return await is_alive(
                self._host,
                self._port,
                networks=self._networks,
                timeout_seconds=self._timeout_seconds,
            )
        except BlockedAddress:
            # A canary that may not be dialled tells nothing: the verdicts stand.
            return True
        except OSError:
            # Its name does not resolve, or no socket is left: our side is not well.
            return False

    @staticmethod
    def _set_aside(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        for verdict in verdicts:
            if is_out(verdict.health):
                yield replace(verdict, health=Health.UNKNOWN, reason=Reason.INCONCLUSIVE)
            else:
                yield verdict
