"""Writes the grants' families of /metrics."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from registry.audit.queries import Stages, all_grant_stages, counted, findings
from registry.audit.rules import Thresholds
from registry.monitoring.exposition import Block, Family, block, labels

GRANT_CAMERAS = Family(
    "vigiparc_grant_cameras",
    "gauge",
    "Cameras of a grant by how far they have come: funded (the number voted), installed (a"
    " device declared and commissioned), seen (it has said who it is at least once since),"
    " alive (within the last 24 hours). Renewed every minute.",
)
GRANT_AWARDED = Family("vigiparc_grant_awarded_euros", "gauge", "Euros voted for a grant.")
GRANT_FINDINGS = Family(
    "vigiparc_grant_findings",
    "gauge",
    "Findings of the audit on a grant by rule; a rule that finds nothing in it is absent."
    " Judged every ten minutes.",
)


@dataclass(slots=True)
class GrantWriter:
    """
    Writes the families of grants; counts them anew every `renew_seconds`.

    Judging them reads every camera of the register, so that is done every
    `judge_seconds` only.
    """

    renew_seconds: float
    judge_seconds: float = 0
    thresholds: Thresholds = field(default_factory=Thresholds)
    _stages: Sequence[Block] = ()
    _findings: Sequence[Block] = ()
    _counted_at: datetime | None = None
    _judged_at: datetime | None = None

    def __call__(self, session: Session, *, at: datetime) -> Iterator[Block]:
        """Write every line about grants."""
        if _is_due(self._counted_at, self.renew_seconds, at):
            self._stages = list(_blocks(all_grant_stages(session, at=at).values()))
            self._counted_at = at
        if _is_due(self._judged_at, self.judge_seconds, at):
            found = findings(session, at=at, thresholds=self.thresholds)
            self._findings = [block(GRANT_FINDINGS, _lines(counted(found)))]
            self._judged_at = at
        yield from self._stages
        yield from self._findings


def _is_due(last: datetime | None, seconds: float, at: datetime) -> bool:
    return last is None or (at - last).total_seconds() >= seconds


def _lines(counts: Mapping[tuple[str, str], int]) -> Iterator[str]:
    for (grant, rule), number in sorted(counts.items()):
        yield f"{GRANT_FINDINGS.name}{labels(grant=grant, rule=rule)} {number}\n"


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
