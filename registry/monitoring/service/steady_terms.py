"""What a batch of verdicts must find in the standings for the quick way of `steady`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from probes.verdict import Authentication, Health
from registry.clock import paris_day
from registry.monitoring.queries.planned import PlannedSpans, planned_spans
from registry.monitoring.rules import Scheduled, hold_of
from registry.monitoring.uptime import Span


@dataclass(frozen=True, slots=True)
class Terms:
    """
    One verdict a camera, none of which proves a login, and what all of them need.

    Instants and holds are in the order of the verdicts, in seconds. A camera must be in
    service on both days, with nothing planned about that time, and must have been heard
    of at `earliest` or later.
    """

    verdicts: Sequence[Scheduled]
    instants: Sequence[int]
    holds: Sequence[int]
    earliest: int
    first_day: date
    last_day: date
    planned: PlannedSpans
    simulated: bool
    rolled_until: int


def terms_of(
    session: Session, verdicts: Sequence[Scheduled], *, simulated: bool, rolled_until: int
) -> Terms:
    """Read what is planned about the time of some verdicts, of which there must be one."""
    instants = [int(each.verdict.at.timestamp()) for each in verdicts]
    holds = [hold_of(each.delay_seconds) for each in verdicts]
    earliest, latest = min(instants) - max(holds), max(instants)
    return Terms(
        verdicts,
        instants,
        holds,
        earliest,
        first_day=paris_day(datetime.fromtimestamp(earliest, UTC)),
        last_day=paris_day(datetime.fromtimestamp(latest, UTC)),
        planned=planned_spans(session, Span(earliest, latest + max(holds))),
        simulated=simulated,
        rolled_until=rolled_until,
    )


def proves(each: Scheduled) -> bool:
    """Tell whether a login was put to the proof: that is noted even where it says the same."""
    verdict = each.verdict
    return (
        each.proving
        and verdict.health is Health.UP
        and verdict.authentication is not Authentication.NONE
    )


def refused_since(each: Scheduled) -> datetime | None:
    """Return the instant of the credential that was refused, if one was."""
    is_refused = each.verdict.authentication is Authentication.FAILED
    return each.credential_changed_at if is_refused else None
