"""How the service itself fares: its schema, its monitor, and when it last saw a camera."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.db import revision_of
from registry.monitoring.models import Heartbeat, Standing


class Trouble(StrEnum):
    """What keeps the service from its work."""

    SCHEMA = "schema_mismatch"
    NO_MONITOR = "no_monitor"
    SILENT_MONITOR = "monitor_silent"
    AHEAD = "heartbeat_ahead"


@dataclass(frozen=True, slots=True)
class Status:
    """
    The state of the service at an instant; `monitor` is None before its first heartbeat.

    `schema` is empty where no migration ever ran.
    """

    at: datetime
    schema: str
    schema_expected: str
    monitor: Heartbeat | None
    last_verdict_at: datetime | None

    @property
    def heartbeat_age_seconds(self) -> float | None:
        """How long ago the monitor last gave a sign of life; negative if it lies ahead of us."""
        if self.monitor is None:
            return None
        return round((self.at - self.monitor.beat_at).total_seconds(), 3)

    def troubles(self, *, silent_seconds: float) -> list[Trouble]:
        """
        Tell what is wrong; a monitor is silent after `silent_seconds` without a beat.

        A beat further ahead than that is no sign of life either: it was left before the
        clock was set back, and whoever lives has left another since.
        """
        return list(self._troubles(silent_seconds))

    def _troubles(self, silent_seconds: float) -> Iterator[Trouble]:
        if self.schema != self.schema_expected:
            yield Trouble.SCHEMA
        age = self.heartbeat_age_seconds
        if age is None:
            yield Trouble.NO_MONITOR
        elif age > silent_seconds:
            yield Trouble.SILENT_MONITOR
        elif age < -silent_seconds:
            yield Trouble.AHEAD


def read_status(session: Session, *, schema_expected: str, at: datetime) -> Status:
    """Read how the service fares, as far as its database knows."""
    schema = revision_of(session.connection())
    if schema != schema_expected:
        # Its tables may lack what the next questions ask for.
        return Status(at, schema, schema_expected, None, None)
    monitor = session.scalars(select(Heartbeat).order_by(Heartbeat.beat_at.desc())).first()
    last_verdict_at = session.scalar(select(func.max(Standing.last_at)))
    return Status(at, schema, schema_expected, monitor, last_verdict_at)
