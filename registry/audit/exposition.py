"""Writes the grants' families of /metrics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from registry.audit.queries import Stages, all_grant_stages
from registry.monitoring.exposition import Family, labels

GRANT_CAMERAS = Family(
    "vigiparc_grant_cameras",
    "gauge",
    "Cameras of a grant by how far they have come: funded (the number voted), installed (a"
    " device declared and commissioned), seen (it has said who it is at least once since),"
    " alive (within the last 24 hours). Renewed every minute.",
)
GRANT_AWARDED = Family("vigiparc_grant_awarded_euros", "gauge", "Euros voted for a grant.")


@dataclass(slots=True)
class GrantWriter:
    """Writes the families of grants; counts them anew every `renew_seconds`."""

    renew_seconds: float
    _stages: Sequence[Stages] = ()
    _counted_at: datetime | None = field(default=None)

    def __call__(self, session: Session, *, at: datetime) -> Iterator[str]:
        """Write every line about grants."""
        counted_at = self._counted_at
        if counted_at is None or (at - counted_at).total_seconds() >= self.renew_seconds:
            self._stages = list(all_grant_stages(session, at=at).values())
            self._counted_at = at
        yield GRANT_CAMERAS.head
        for each in self._stages:
            for stage in ("funded", "installed", "seen", "alive"):
                named = labels(grant=each.file_number, stage=stage)
                yield f"{GRANT_CAMERAS.name}{named} {getattr(each, stage)}\n"
        yield GRANT_AWARDED.head
        for each in self._stages:
            named = labels(grant=each.file_number)
            yield f"{GRANT_AWARDED.name}{named} {each.awarded_cents / 100!r}\n"
