"""Brings one target to its verdict: two attempts at most, and the gateway."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import NamedTuple

from probes.checks.findings import Findings
from probes.checks.gateway import is_alive
from probes.checks.health import HealthCheck
from probes.checks.memory import Memory
from probes.checks.quick import Means, Quick, is_quick
from probes.engine.deadline import Deadline
from probes.engine.limits import Limits
from probes.engine.reasons import OURS, SILENCES, health_of, reason_of
from probes.explain import Trace, redacted
from probes.guard import BlockedAddress
from probes.target import Requests, Target
from probes.transport.link import Link
from probes.transport.poller import Poller
from probes.transport.tls import Contexts
from probes.verdict import Authentication, Issue, Reason, Unusable, Verdict, sanitise

_LOG = logging.getLogger(__name__)
WallClock = Callable[[], datetime]
# The fraction whose multiples lie as far apart as can be.
_GOLDEN = 0.6180339887
_NO_REASON: frozenset[Reason] = frozenset()
_LATE = frozenset({Reason.CONNECT_TIMEOUT, Reason.TIMEOUT_FIRST_BYTE, Reason.TIMEOUT_BODY})
_ANY_REASON = frozenset(Reason)


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


class Attempt(NamedTuple):
    """What one attempt came to; no reason means that the device answered."""

    findings: Findings
    error: Exception | None
    reason: Reason | None


class Start(NamedTuple):
    """When a probe began, by the wall clock and by the monotonic one."""

    at: datetime
    began: float


class Prober:
    """
    Brings one target to its verdict: attempts, retry, gateway.

    Args:
        requests: What to ask.
        limits: What a probe may take.
        clock: The wall clock, in aware UTC.
        poller: Where quick attempts are watched; without one there are none, and
            every probe takes the thorough way.
    """

    def __init__(
        self, requests: Requests, limits: Limits, clock: WallClock, poller: Poller | None = None
    ) -> None:
        """Keep what all probes share."""
        self._requests = requests
        self._limits = limits
        self._clock = clock
        self._contexts = Contexts()
        self._memory = Memory()
        self._gateways: dict[tuple[str, int], asyncio.Task[bool]] = {}
        self._means: Means | None = None
        if poller is not None:
            self._means = Means(
                requests=requests,
                memory=self._memory,
                poller=poller,
                now=clock,
                connect_seconds=limits.connect_seconds,
                max_skew_seconds=limits.clock_skew_seconds,
            )

    async def probe(self, target: Target, trace: Trace) -> Verdict:
        """Probe one target in the thorough way; only cancellation gets out."""
        start = Start(self._clock(), monotonic())
        trace.secret = target.password
        attempt = await self._attempt(target, trace, seconds=self._share(target))
        return await self._follow(target, trace, start, attempt)

    def launch(self, target: Target, done: Callable[[Quick], None]) -> Quick | None:
        """
        Prepare the first attempt at a plain target; none where it takes the thorough way.

        Args:
            target: Whom to ask.
            done: Called when the attempt has ended: `settle` then gives its
                verdict, or else `go_on` brings it about.
        """
        if self._means is None or not is_quick(target):
            return None
        return Quick(self._means, target, Trace(), done, seconds=self._share(target))

    def settle(self, quick: Quick) -> Verdict:
        """Give the verdict of a first attempt that went well."""
        attempt = Attempt(quick.findings, None, None)
        return self._verdict(quick.target, quick.trace, attempt, at=quick.at, total=quick.seconds)

    async def go_on(self, quick: Quick) -> Verdict:
        """Bring a target to its verdict whose quick attempt was not the end of it."""
        target, trace = quick.target, quick.trace
        start = Start(quick.at, quick.began)
        if not quick.resumes:
            attempt = self._judge_quick(quick)
            # Not held while it is followed: thousands are, where a fleet is dark.
            del quick
            return await self._follow(target, trace, start, attempt)
        left = quick.ends_at - monotonic()
        attempt = await self._attempt(target, trace, seconds=left, begun=quick)
        return await self._follow(target, trace, start, attempt)

    async def close(self) -> None:
        """Stop the checks of gateways that are still under way."""
        tasks = list(self._gateways.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _pause(self, target: Target) -> float:
        """
        Give the seconds between two attempts, the same for a camera each time.

        They differ by a third either way, so that a fleet that fell silent at once
        is not asked again at once.
        """
        spread = 2 / 3 + target.key * _GOLDEN % 1.0 * 2 / 3
        return min(self._limits.retry_pause_seconds * spread, target.timeout_seconds / 10)

    def _share(self, target: Target) -> float:
        """
        Give the seconds of the first attempt.

        The probe's time is halved between the two, so that a device that hangs
        on one connection is still asked on another.
        """
        return (target.timeout_seconds - self._pause(target)) / 2

    async def _follow(
        self, target: Target, trace: Trace, start: Start, attempt: Attempt
    ) -> Verdict:
        """Try once more where the first attempt failed, and give the verdict."""
        gateway = None
        if attempt.reason is not None and attempt.reason not in OURS:
            trace.note("retry", monotonic() - start.began, seen=str(attempt.reason))
            if target.gateway_host and not trace.reachable:
                gateway = self._ask_gateway(target)
            await asyncio.sleep(self._pause(target))
            left = target.timeout_seconds - (monotonic() - start.began)
            attempt = await self._retry(target, trace, seconds=left)
        # Waited for only where the camera itself was silent: a refusal proves the link.
        if gateway is not None and attempt.reason in SILENCES:
            left = target.timeout_seconds - (monotonic() - start.began)
            done, _ = await asyncio.wait({gateway}, timeout=max(left, 0.0))
            # One that is silent up to the end of the probe is as silent as its camera.
            if not done or not gateway.result():
                attempt = attempt._replace(reason=Reason.GATEWAY_DOWN)
        total = monotonic() - start.began
        return self._verdict(target, trace, attempt, at=start.at, total=total)

    async def _retry(self, target: Target, trace: Trace, *, seconds: float) -> Attempt:
        """Make the second attempt, quickly where that is possible."""
        if self._means is None or not is_quick(target):
            return await self._attempt(target, trace, seconds=seconds)
        ended: asyncio.Future[Quick] = asyncio.get_running_loop().create_future()
        quick = Quick(self._means, target, trace, ended.set_result, seconds=seconds)
        try:
            if quick.start():
                await ended
        except asyncio.CancelledError:
            quick.close()
            raise
        if quick.resumes:
            left = quick.ends_at - monotonic()
            return await self._attempt(target, trace, seconds=left, begun=quick)
        return self._judge_quick(quick)

    async def _attempt(
        self, target: Target, trace: Trace, *, seconds: float, begun: Quick | None = None
    ) -> Attempt:
        """Open, ask, close; or go on with what a quick attempt has begun."""
        findings = begun.findings if begun else Findings()
        connect_seconds = min(seconds, self._limits.connect_seconds)
        link = Link(
            target,
            self._contexts,
            trace,
            now=self._clock,
            connect_seconds=connect_seconds,
        )
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
        began, end = monotonic(), loop.time() + seconds
        deadline = Deadline(loop, seconds=connect_seconds)
        try:
            if begun is None:
                await link.open()
            else:
                link.resume(begun.plain, begun.past)
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
        return self._judge(target, trace, findings, error, spoilt=self._spoilt(began))

    def _judge_quick(self, quick: Quick) -> Attempt:
        """Judge an attempt that was quick to its end."""
        target, trace = quick.target, quick.trace
        spoilt = self._spoilt(quick.began, quick=True)
        return self._judge(target, trace, quick.findings, quick.error, spoilt=spoilt)

    def _judge(
        self,
        target: Target,
        trace: Trace,
        findings: Findings,
        error: Exception | None,
        *,
        spoilt: frozenset[Reason],
    ) -> Attempt:
        """
        Turn what an attempt came to into a reason, here and nowhere else.

        Those that are `spoilt` may be our own failure.
        """
        if error is None:
            return Attempt(findings, None, None)
        reason: Reason | None = reason_of(error, trace.stage)
        if findings.answered and reason is not Reason.INTERNAL:
            reason = None
            if isinstance(error, TimeoutError):
                findings.issues.add(Issue.SLOW)
        elif reason is Reason.INTERNAL:
            _LOG.error("probe of target %s failed in itself", target.key, exc_info=error)
        elif reason not in OURS and reason in spoilt:
            reason = Reason.INTERNAL
        return Attempt(findings, error, reason)

    def _spoilt(self, began: float, *, quick: bool = False) -> frozenset[Reason]:
        """
        List what may be our own loop's failure since an instant, which was too late to read.

        An attempt that was quick to its end gets its time back, so only a standstill spoils it.
        """
        if self._means is None:
            return _NO_REASON
        poller = self._means.poller
        if poller.stood_still_since(began):
            return _ANY_REASON
        return _LATE if not quick and poller.lagged_since(began) else _NO_REASON

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
        self, target: Target, trace: Trace, attempt: Attempt, *, at: datetime, total: float
    ) -> Verdict:
        """Put together what the probe came to."""
        findings, reason, phases = attempt.findings, attempt.reason, trace.phases
        issues, authentication = _NOTHING, Authentication.NONE
        if reason is None:
            authentication = findings.authentication
            # The pause between two attempts is ours, not the device's slowness.
            slow = self._limits.slow_seconds
            if total > slow and sum(phases.values()) > slow:
                findings.issues.add(Issue.SLOW)
            if self._limits.flag_plain_http and target.scheme == "http":
                findings.issues.add(Issue.PLAIN_HTTP)
            issues = frozenset(findings.issues)
        trace.spend("total", total)
        return Verdict(
            key=target.key,
            at=at.replace(microsecond=0),
            health=health_of(reason),
            reason=reason,
            reachable=trace.reachable,
            issues=issues,
            authentication=authentication,
            clock_offset_seconds=findings.clock_offset_seconds,
            identity=findings.identity,
            phases=phases,
            certificate=findings.certificate,
            certificate_until=findings.certificate_until,
            detail=_detail(attempt, target),
        )


_NOTHING: frozenset[Issue] = frozenset()


def _detail(attempt: Attempt, target: Target) -> str:
    """Show what the device said, or the error; it may repeat what it was sent."""
    text, error = attempt.findings.detail, attempt.error
    if not text and isinstance(error, Unusable):
        text = error.detail
    elif not text and isinstance(error, (OSError, BlockedAddress)):
        text = str(error)
    return redacted(sanitise(text), target.password) if text else ""
