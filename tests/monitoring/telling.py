"""Verdicts for tests that go through the database, by the second or by the minute; and pages."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from probes.verdict import Authentication, Health, Identity, Issue, Reason, Verdict
from registry.monitoring.exposition import Block, pack
from registry.monitoring.models import Dialect
from registry.monitoring.rules import Observation, Scheduled

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# A quote, backslashes, a line's end, a form's marks, accents, another plane, two more ends.
NASTY = 'L\'"Haÿ"\\\n%d{x="y"} \\n œ 🎥 \x85\u2028.'
UNIT = Identity("Axis", "P3245", "10.1", "SN1", "")
OTHER_UNIT = Identity("Axis", "P3245", "10.1", "SN9", "")


def at_minute(minute: float) -> datetime:
    """Return an instant some minutes after noon."""
    return NOON + timedelta(minutes=minute)


def page_of(blocks: Iterable[Block], dialect: Dialect) -> bytes:
    """Return a page in one dialect, as a scraper reads it that has unpacked what is served."""
    packed, _ = pack(blocks, dialect)
    return gzip.decompress(packed)


def samples(page: bytes, name: str) -> dict[tuple[str, ...], float]:
    """Read the samples of one metric of a page, by the values of their labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
        if sample.name == name
    }


def told(  # noqa: PLR0913 - the parts of a verdict that tests vary
    camera_id: int,
    minute: float,
    health: Health = Health.UP,
    *,
    issues: Iterable[Issue] = (),
    identity: Identity | None = UNIT,
    authentication: Authentication = Authentication.VERIFIED,
    credential_changed_at: datetime | None = None,
    proving: bool = False,
) -> Scheduled:
    """Return a verdict of a camera that is probed every minute."""
    is_up = health is Health.UP
    reasons = {
        Health.DOWN: Reason.CONNECT_TIMEOUT,
        Health.UNREACHABLE: Reason.GATEWAY_DOWN,
        Health.UNKNOWN: Reason.INTERNAL,
    }
    verdict = Verdict(
        camera_id,
        at_minute(minute),
        health,
        reasons.get(health),
        reachable=is_up,
        issues=frozenset(issues),
        authentication=authentication if is_up else Authentication.NONE,
        identity=identity if is_up else None,
    )
    return Scheduled(verdict, 60, credential_changed_at, proving=proving)


def scheduled(camera_id: int, seen: Observation, *, since: int) -> Scheduled:
    """Return the verdict that an observation was made from, moved to real time."""
    identity = None if seen.mismatch is None else OTHER_UNIT if seen.mismatch else UNIT
    issues = frozenset({Issue.IDENTITY_MISMATCH} if seen.mismatch else ())
    at = datetime.fromtimestamp(since + seen.at, UTC)
    verdict = Verdict(camera_id, at, seen.health, seen.reason, issues=issues, identity=identity)
    return Scheduled(verdict, (seen.hold + 0.5) / 2.5)
