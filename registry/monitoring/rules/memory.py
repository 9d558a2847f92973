"""What earlier probes learned of a camera, kept between two of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from probes.verdict import REFUSALS, Authentication, Health, Issue, Verdict
from registry.monitoring.rules.fold import Scheduled, is_out

PROOF_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier probes learned of a camera: its credential, and how long it is silent."""

    authentication: Authentication = Authentication.NONE
    verified_at: datetime | None = None
    refused_credential_at: datetime | None = None
    refusal: str = Issue.AUTH_FAILED.value
    silent_since: datetime | None = None
    inventory_mac: str = ""


def learned(memory: Memory, scheduled: Scheduled) -> Memory:
    """Remember what a verdict tells of the credential that travelled."""
    memory = replace(memory, silent_since=_silent_since(memory, scheduled.verdict))
    told = scheduled.verdict.authentication
    if scheduled.verdict.health is not Health.UP or told is Authentication.NONE:
        return memory
    if told is Authentication.FAILED:
        return replace(
            memory,
            authentication=told,
            refused_credential_at=scheduled.credential_changed_at,
            refusal=refusal_of(scheduled.verdict.issues),
        )
    verified_at = scheduled.verdict.at if scheduled.proven else memory.verified_at
    return replace(memory, authentication=told, verified_at=verified_at, refused_credential_at=None)


def refusal_of(issues: Iterable[str]) -> str:
    """Name the refusal among a camera's issues; a wrong password where none is kept."""
    return next((each for each in issues if each in REFUSALS), Issue.AUTH_FAILED.value)


def _silent_since(memory: Memory, verdict: Verdict) -> datetime | None:
    """Tell since when a device does not answer; what failed on our side says nothing of it."""
    if is_out(verdict.health):
        return memory.silent_since or verdict.at
    return None if verdict.health is Health.UP else memory.silent_since


def needs_proof(memory: Memory, changed_at: datetime | None, *, at: datetime) -> bool:
    """Tell whether to prove the credential: never yet, changed since, or a day ago."""
    if memory.verified_at is None or at - memory.verified_at >= PROOF_AGE:
        return True
    return changed_at is not None and changed_at > memory.verified_at
