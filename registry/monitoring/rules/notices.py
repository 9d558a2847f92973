"""
Who is told of what befalls a camera, and when: severity, quiet hours, digests, retries.

Nothing here moves an interval: alerts may wait or be muted, the record may not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from probes.verdict import Authentication, Health
from registry.clock import PARIS

# A message that nobody takes is offered again for a day, then given up.
RETRY_SECONDS = (60, 300, 900, 3_600)
GIVE_UP_SECONDS = 86_400
# What has power again, or a plug put back, takes some minutes to answer: what fell in
# planned time is told only if it is still out so long after that time has ended.
GRACE_SECONDS = 600


class Happening(StrEnum):
    """What can befall a camera that somebody may have to be told."""

    OPENED = "opened"
    CHANGED = "changed"
    RECOVERED = "recovered"
    LOST = "lost"
    SWAPPED = "swapped"
    RETURNED = "returned"
    UNWATCHED = "unwatched"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    WITHHELD = "withheld"


class Matter(StrEnum):
    """What a happening is about: each begins and ends on its own, whatever else befalls."""

    OUTAGE = "outage"
    UNIT = "unit"
    LOGIN = "login"


MATTERS: Mapping[Happening, Matter] = {
    Happening.OPENED: Matter.OUTAGE,
    Happening.CHANGED: Matter.OUTAGE,
    Happening.RECOVERED: Matter.OUTAGE,
    Happening.LOST: Matter.OUTAGE,
    Happening.SWAPPED: Matter.UNIT,
    Happening.RETURNED: Matter.UNIT,
    Happening.UNWATCHED: Matter.UNIT,
    Happening.REFUSED: Matter.LOGIN,
    Happening.ACCEPTED: Matter.LOGIN,
    Happening.WITHHELD: Matter.LOGIN,
}
BEGINNINGS = frozenset({Happening.OPENED, Happening.SWAPPED, Happening.REFUSED})
ENDINGS = MATTERS.keys() - BEGINNINGS - {Happening.CHANGED}
# What ends for the better; any other end only says that nobody knows any more.
MENDED = frozenset({Happening.RECOVERED, Happening.RETURNED, Happening.ACCEPTED})
# How what was told of a camera that answers ends where nobody looks at it any more.
LEAVINGS: Mapping[Happening, Happening] = {
    Happening.SWAPPED: Happening.UNWATCHED,
    Happening.REFUSED: Happening.WITHHELD,
}


@dataclass(frozen=True, slots=True)
class Sign:
    """What befell a camera that answers: another unit there, or a login that is refused."""

    at: int
    happening: Happening
    health: Health


def login_turn(before: Authentication | None, after: Authentication) -> Happening | None:
    """
    Name what became of a camera's login; none where it is refused, or not, as before.

    A login that is not tried any more is no longer refused, but not accepted either.
    """
    failed = Authentication.FAILED
    if (before is failed) is (after is failed):
        return None
    if after is failed:
        return Happening.REFUSED
    return Happening.WITHHELD if after is Authentication.NONE else Happening.ACCEPTED


class Severity(StrEnum):
    """How much is lost: one camera, or every camera of a site."""

    WARNING = "warning"
    CRITICAL = "critical"


RANK = {Severity.WARNING: 0, Severity.CRITICAL: 1}


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day, Paris time, in which only what is critical is told; may span midnight."""

    starts: time
    ends: time

    def end_after(self, at: datetime) -> datetime | None:
        """Return when the quiet hours that hold at an instant end; none outside of them."""
        local = at.astimezone(PARIS)
        hour = local.time()
        if self.starts <= self.ends:
            inside, overnight = self.starts <= hour < self.ends, False
        else:
            inside, overnight = hour >= self.starts or hour < self.ends, hour >= self.starts
        if not inside:
            return None
        day = local.date() + timedelta(days=1) if overnight else local.date()
        return datetime.combine(day, self.ends, tzinfo=PARIS).astimezone(at.tzinfo)


@dataclass(frozen=True, slots=True)
class SiteOuts:
    """How many cameras of a site are in service, and how many were out before and after."""

    in_service: int
    out_before: int
    out_after: int

    @property
    def severity(self) -> Severity:
        """A site that is dark, or was until now, is critical; else one camera is a warning."""
        whole = self.in_service
        dark = whole > 0 and whole in {self.out_before, self.out_after}
        return Severity.CRITICAL if dark else Severity.WARNING


@dataclass(frozen=True, slots=True)
class Flapping:
    """What counts as flapping: so many changes within so many seconds."""

    changes: int
    window_seconds: int

    def holds(self, instants: Sequence[datetime], *, at: datetime) -> bool:
        """
        Tell whether a camera is to be left alone for now.

        It is, from the change on that makes the number full, until it has kept
        still for the whole window. What happened meanwhile is told then.

        Args:
            instants: When it changed, in any order.
            at: Now.
        """
        window = timedelta(seconds=self.window_seconds)
        ordered = sorted(instants)
        if not ordered or at - ordered[-1] >= window:
            return False
        first = len(ordered) - 1
        while first and ordered[first] - ordered[first - 1] < window:
            first -= 1
        run = ordered[first:]
        return any(
            run[last] - run[last - self.changes + 1] < window
            for last in range(self.changes - 1, len(run))
        )


def due_at(
    at: datetime, *, severity: Severity, quiet: Quiet | None, digest_minutes: int
) -> datetime:
    """
    Return when something may be told: at once, after the quiet hours, with the digest.

    What is critical is told at once, always.

    Args:
        at: When it is ready to be told.
        severity: How much is lost.
        quiet: Hours in which only what is critical is told.
        digest_minutes: Digests come at multiples of so many minutes after midnight
            in Paris; 0 for none.
    """
    if severity is Severity.CRITICAL:
        return at
    ready = quiet.end_after(at) if quiet else None
    if ready is not None or digest_minutes == 0:
        return ready or at
    midnight = datetime.combine(at.astimezone(PARIS).date(), time(), tzinfo=PARIS)
    step = timedelta(minutes=digest_minutes)
    steps = -(-(at - midnight) // step)
    digest = (midnight.astimezone(at.tzinfo)) + steps * step
    return (quiet.end_after(digest) if quiet else None) or digest


def retry_after(attempts: int, *, since: timedelta) -> timedelta | None:
    """
    Return how long to wait after so many failed attempts; none when it is given up.

    Args:
        attempts: Failed attempts so far, 1 or more.
        since: The age of the message.
    """
    if since >= timedelta(seconds=GIVE_UP_SECONDS):
        return None
    return timedelta(seconds=RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1])


def is_wanted(severity: Severity, least: Severity) -> bool:
    """Tell whether something is severe enough for a subscriber."""
    return RANK[severity] >= RANK[least]
