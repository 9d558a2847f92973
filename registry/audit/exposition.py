"""Writes the grants' families of /metrics."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from registry.audit.queries import Stages, all_grant_stages
from registry.monitoring.exposition import Block, Family, block, labels

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
    _blocks: Sequence[Block] = ()
    _counted_at: datetime | None = field(default=None)

    def __call__(self, session: Session, *, at: datetime) -> Iterator[Block]:
        """Write every line about grants."""
        counted_at = self._counted_at
        if counted_at is None or (at - counted_at).total_seconds() >= self.renew_seconds:
            self._blocks = list(_blocks(all_grant_stages(session, at=at).values()))
            self._counted_at = at
        yield from self._blocks


def _blocks(grants: Iterable[Stages]) -> Iterator[Block]:
    known = list(grants)
    yield block(
        GRANT_CAMERAS,
        (
            f"{GRANT_CAMERAS.name}{labels(grant=each.file_number, stage=stage)} {number}\n"
            for each in known
            for stage, number in (
                ("funded", each.funded),
                ("installed", each.installed),
                ("seen", each.seen),
                ("alive", each.alive),
            )
        ),
    )
    yield block(
        GRANT_AWARDED,
        (
            f"{GRANT_AWARDED.name}{labels(grant=each.file_number)} {each.awarded_cents / 100!r}\n"
            for each in known
        ),
    )
