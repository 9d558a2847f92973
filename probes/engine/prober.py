"""Brings one target to its verdict: two attempts at most, and the gateway."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

import uvloop

from probes.checks.gateway import is_alive
from probes.checks.health import Findings, HealthCheck
from probes.checks.memory import Memory
from probes.engine.deadline import Deadline
from probes.engine.limits import Limits
from probes.engine.reasons import OURS, SILENCES, health_of, reason_of
from probes.explain import Trace
from probes.guard import BlockedAddress
from probes.target import Requests, Target
from probes.transport.link import Link
from probes.transport.tls import Contexts
from probes.verdict import Authentication, Issue, Reason, Unusable, Verdict, sanitise

_LOG = logging.getLogger(__name__)
WallClock = Callable[[], datetime]


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


class Attempt(NamedTuple):
    """What one attempt came to; no reason means that the device answered."""

    findings: Findings
    error: Exception | None
    reason: Reason | None


class Prober:
    """Brings one target to its verdict: attempts, retry, gateway."""

    def __init__(self, requests: Requests, limits: Limits, clock: WallClock) -> None:
        """Keep what all probes share."""
        self._requests = requests
        self._limits = limits
        self._clock = clock
        self._contexts = Contexts()
        self._memory = Memory()
        self._gateways: dict[tuple[str, int], asyncio.Task[bool]] = {}

    async def probe(self, target: Target, trace: Trace) -> Verdict:
        """
        Probe one target; only cancellation gets out.

        The probe's time is halved between the two attempts, so that a device
        that hangs on one connection is still asked on another.
        """
        at = self._clock().replace(microsecond=0)
        began = monotonic()
        pause = min(self._limits.retry_pause_seconds, target.timeout_seconds / 10)
        half = (target.timeout_seconds - pause) / 2
        attempt = await self._attempt(target, trace, seconds=half)
        gateway = None
        if attempt.reason is not None and attempt.reason not in OURS:
            trace.note("retry", monotonic() - began, seen=str(attempt.reason))
            if target.gateway_host and not trace.reachable:
                gateway = self._ask_gateway(target)
            await asyncio.sleep(pause)
            left = target.timeout_seconds - (monotonic() - began)
            attempt = await self._attempt(target, trace, seconds=left)
        reason = attempt.reason
        # Waited for only where the camera itself was silent: a refusal proves the link.
        if gateway is not None and reason in SILENCES and not await asyncio.shield(gateway):
            reason = Reason.GATEWAY_DOWN
        trace.spend("total", monotonic() - began)
        return self._verdict(target, trace, attempt, at=at, reason=reason)

    async def close(self) -> None:
        """Stop the checks of gateways that are still under way."""
        tasks = list(self._gateways.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _attempt(self, target: Target, trace: Trace, *, seconds: float) -> Attempt:
        """Open, ask, close; whatever rises becomes a reason, here and nowhere else."""
        findings = Findings()
        link = Link(target, self._contexts, trace, now=self._clock)
        check = HealthCheck(
            link,
            self._requests,
            target,
            memory=self._memory,
            findings=findings,
            trace=trace,
            now=self._clock,
            max_skew_seconds=self._limits.clock_skew_seconds,
        )
        error: Exception | None = None
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        deadline = Deadline(loop, seconds=min(seconds, self._limits.connect_seconds))
        try:
            await link.open()
            deadline.move(end)
            await check.run()
        except asyncio.CancelledError:
            if not deadline.took_back():
                raise
            error = TimeoutError()
        except Exception as caught:  # noqa: BLE001 - the one table takes everything
            error = caught
        finally:
            deadline.stop()
            link.close()
        findings.issues |= link.issues
        findings.certificate = link.certificate
        findings.certificate_until = link.certificate_until
        reason = reason_of(error, trace.stage) if error is not None else None
        if reason is Reason.INTERNAL:
            _LOG.error("probe of target %s failed in itself", target.key, exc_info=error)
        if findings.answered:
            if isinstance(error, TimeoutError):
                findings.issues.add(Issue.SLOW)
            reason = None
        return Attempt(findings, error, reason)

    def _ask_gateway(self, target: Target) -> asyncio.Task[bool]:
        """Check a gateway once for all the cameras that ask at the same time."""
        place = (target.gateway_host, target.gateway_port)
        task = self._gateways.get(place)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._gateway_lives(target))
            self._gateways[place] = task
            task.add_done_callback(lambda _: self._gateways.pop(place, None))
        return task

    async def _gateway_lives(self, target: Target) -> bool:
        """Tell whether the gateway answers; one that may not be asked proves nothing."""
        try:
            return await is_alive(
                target.gateway_host,
                target.gateway_port,
                networks=target.networks,
                timeout_seconds=self._limits.gateway_seconds,
            )
        except (BlockedAddress, OSError):
            return True

    def _verdict(
        self,
        target: Target,
        trace: Trace,
        attempt: Attempt,
        *,
        at: datetime,
        reason: Reason | None,
    ) -> Verdict:
        """Put together what the probe came to."""
        findings, phases = attempt.findings, trace.phases
        issues: set[Issue] = set()
        authentication = Authentication.NONE
        if reason is None:
            issues, authentication = findings.issues, findings.authentication
            if sum(phases.values()) - phases["total"] > self._limits.slow_seconds:
                issues.add(Issue.SLOW)
            if self._limits.flag_plain_http and target.scheme == "http":
                issues.add(Issue.PLAIN_HTTP)
        return Verdict(
            key=target.key,
            at=at,
            health=health_of(reason),
            reason=reason,
            reachable=trace.reachable,
            issues=frozenset(issues),
            authentication=authentication,
            clock_offset_seconds=findings.clock_offset_seconds,
            identity=findings.identity,
            phases=phases,
            certificate=findings.certificate,
            certificate_until=findings.certificate_until,
            detail=_detail(attempt),
        )


def _detail(attempt: Attempt) -> str:
    """Show what the device said, or the error without what it may have been given."""
    text, error = attempt.findings.detail, attempt.error
    if not text and isinstance(error, Unusable):
        text = error.detail
    elif not text and isinstance(error, (OSError, BlockedAddress)):
        text = str(error)
    return sanitise(text) if text else ""


async def probe_once(
    requests: Requests,
    target: Target,
    *,
    limits: Limits | None = None,
    clock: WallClock = utc_now,
    trace: Trace | None = None,
) -> Verdict:
    """
    Probe one target, now.

    Args:
        requests: What to ask.
        target: Whom.
        limits: As for the engine.
        clock: The wall clock, in aware UTC.
        trace: Give one with `keep` to read the steps afterwards.
    """
    prober = Prober(requests, limits or Limits(), clock)
    try:
        return await prober.probe(target, trace or Trace())
    finally:
        await prober.close()


def run_probe(
    requests: Requests,
    target: Target,
    *,
    limits: Limits | None = None,
    trace: Trace | None = None,
) -> Verdict:
    """Probe one target from code that has no loop; as `probe_once`."""
    return uvloop.run(probe_once(requests, target, limits=limits, trace=trace))
