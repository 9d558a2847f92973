"""What the service counts of itself, by prometheus-client, for the same page as the sites."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    Metric,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from probes.verdict import Health, Reason, Verdict
from registry.clock import Conversion, same_instant
from registry.monitoring.exposition import Block

DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Longer than a page lasts: whoever scrapes only some of the pages sees each stall.
LAG_WINDOW = timedelta(minutes=1)


@dataclass(slots=True)
class Vitals:
    """The few of these figures that a heartbeat tells, as plain numbers."""

    attempts: int = 0
    dropped: int = 0
    in_flight: int = 0
    lag_seconds: float = 0.0


class Gauges:
    """The service's own metrics, in a registry of their own; the writer of their lines."""

    def __init__(self, version: str, on_the_wall: Conversion = same_instant) -> None:
        """
        Make every metric, each reason of failure at zero.

        Timestamps are shown by the wall clock, for Prometheus compares them with its own.
        """
        # A page of _created series would double its size and tell nobody anything.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there
        self._registry = CollectorRegistry()
        self.version = version
        self.vitals = Vitals()
        self._on_the_wall = on_the_wall
        self._zones: set[str] = set()
        self._latest_lags: deque[tuple[datetime, float]] = deque()
        self._attempts = self._counter("probe_attempts", "Probes that came to a verdict.")
        self._failures = Counter(
            "vigiparc_probe_failures",
            "Probes that did not find the camera up, by reason.",
            ["reason"],
            registry=self._registry,
        )
        self._dropped = self._counter(
            "verdicts_dropped", "Verdicts older than the last of their camera, or given up."
        )
        self._durations = Histogram(
            "vigiparc_probe_duration_seconds",
            "How long a probe took, from its first attempt to its verdict.",
            buckets=DURATIONS,
            registry=self._registry,
        )
        self._lag = self._gauge(
            "probe_schedule_lag_seconds",
            "How late the latest probe began of those that began in the last minute.",
        )
        self._in_flight = self._gauge("probes_in_flight", "Probes under way now.")
        self._last_run = self._gauge(
            "scheduler_last_run_timestamp_seconds", "When the scheduler last looked what is due."
        )
        self._zone_seen = Gauge(
            "vigiparc_zone_last_seen_timestamp_seconds",
            "When a zone last handed in a verdict, or when the monitor began to wait for one;"
            " absent where no camera is probed.",
            ["zone"],
            registry=self._registry,
        )
        self._snapshot_at = self._gauge(
            "snapshot_timestamp_seconds", "When this page was rendered; every value is as old."
        )
        self._render = self._gauge(
            "snapshot_render_seconds", "How long it took to render the page before this one."
        )
        Info("vigiparc_build", "The version that runs.", registry=self._registry).info(
            {"version": version}
        )
        for reason in Reason:
            self._failures.labels(reason.value)

    def __call__(self, session: Session, *, at: datetime) -> Iterator[Block]:  # noqa: ARG002 - a Writer
        """Write every line, in prometheus-client's own hand."""
        self._stamp(self._snapshot_at, at)
        while self._latest_lags and at - self._latest_lags[0][0] > LAG_WINDOW:
            self._latest_lags.popleft()
        if self._latest_lags:
            self._lag.set(max(lag for _at, lag in list(self._latest_lags)))
        collected = _Collected(list(self._registry.collect()))
        openmetrics = generate_openmetrics(collected).decode()  # type: ignore[no-untyped-call]  # untyped there
        heads = generate_latest(collected).decode(), openmetrics.removesuffix("# EOF\n")
        yield Block(heads)

    def ticked(self, *, at: datetime, in_flight: int, lag_seconds: float) -> None:
        """Note that the scheduler looked what is due."""
        self._stamp(self._last_run, at)
        self._in_flight.set(in_flight)
        self._latest_lags.append((at, lag_seconds))
        self.vitals.in_flight, self.vitals.lag_seconds = in_flight, lag_seconds

    def awaits(self, zones: Collection[str], *, at: datetime) -> None:
        """
        Note from which zones verdicts are to come.

        One that is new is waited for from now on: absent, a zone that never spoke would
        never be missed. One in which no camera is probed any more is missed by nobody.
        """
        for zone in self._zones.difference(zones):
            self._zone_seen.remove(zone)
        for zone in set(zones) - self._zones:
            self._stamp(self._zone_seen.labels(zone), at)
        self._zones = set(zones)

    def probed(self, verdict: Verdict, *, zone: str, at: datetime) -> None:
        """Count a verdict from a zone."""
        self._attempts.inc()
        self.vitals.attempts += 1
        self._durations.observe(verdict.phases.get("total", 0.0))
        if zone in self._zones:
            self._stamp(self._zone_seen.labels(zone), at)
        if verdict.health is not Health.UP and verdict.reason is not None:
            self._failures.labels(verdict.reason.value).inc()

    def dropped(self, number: int) -> None:
        """Count verdicts that were passed over."""
        self._dropped.inc(number)
        self.vitals.dropped += number

    def rendered(self, seconds: float) -> None:
        """Note how long a page took."""
        self._render.set(seconds)

    def _stamp(self, gauge: Gauge, at: datetime) -> None:
        gauge.set(self._on_the_wall(at).timestamp())

    def _counter(self, name: str, meaning: str) -> Counter:
        return Counter(f"vigiparc_{name}", meaning, registry=self._registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"vigiparc_{name}", meaning, registry=self._registry)


class _Collected(Collector):
    """Hands out families that were collected once, so that both dialects say the same."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families
