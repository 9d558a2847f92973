"""The row of a standing: the folded state, and what the last verdict told beside it."""

import json
from typing import Any

from probes.verdict import Authentication, Health, Identity, Issue
from registry.monitoring.rules import Scheduled, State

# What moves with every verdict of a camera that just goes on as it is.
STEADY_COLUMNS = frozenset(
    {"last_at", "hold_seconds", "held_until", "settled_until"}
    | {"last_up_at", "identified_at", "clock_offset_seconds"}
)


def new_row(camera_id: int, at: int, *, simulated: bool) -> dict[str, Any]:
    """Begin the row of a camera that was never probed."""
    return {
        "camera_id": camera_id,
        "began_at": at,
        "reachable": False,
        "issues": "",
        "last_up_at": None,
        "identified_at": None,
        "authentication": Authentication.NONE,
        "verified_at": None,
        "refused_credential_at": None,
        "clock_offset_seconds": None,
        "manufacturer": "",
        "model": "",
        "firmware": "",
        "serial": "",
        "simulated": simulated,
    }


def state_columns(state: State) -> dict[str, Any]:
    """Return the columns that hold the folded state."""
    return {
        "health": state.health,
        "reason": state.reason,
        "since": state.since,
        "last_at": state.last_at,
        "hold_seconds": state.hold,
        "held_until": state.held_until,
        "dissent": state.dissent,
        "dissent_since": state.pending[0].start if state.pending else None,
        "pending": json.dumps([(p.start, p.health, p.reason) for p in state.pending])
        if state.pending
        else "",
        "mismatches": state.mismatches,
        "mismatch_since": state.mismatch_since,
        "substituted": state.substituted,
        "settled_until": state.settled_until,
    }


def told_columns(scheduled: Scheduled, state: State) -> dict[str, Any]:
    """
    Return the columns that a verdict itself tells; what it is silent on stays.

    While a failure waits for patience, the issues of the last answer stay too: one
    lost probe must not make a degraded camera look sound.
    """
    verdict = scheduled.verdict
    told: dict[str, Any] = {"reachable": verdict.reachable}
    if verdict.health is state.health:
        told["issues"] = ",".join(sorted(verdict.issues))
    if verdict.clock_offset_seconds is not None:
        told["clock_offset_seconds"] = verdict.clock_offset_seconds
    if verdict.health is Health.UP:
        told["last_up_at"] = state.last_at
        told |= _credential_columns(scheduled, state.last_at)
    if verdict.identity is not None:
        told |= _identity_columns(verdict.identity)
        if Issue.IDENTITY_MISMATCH not in verdict.issues:
            told["identified_at"] = state.last_at
    return told


def _credential_columns(scheduled: Scheduled, at: int) -> dict[str, Any]:
    """Return what is known of the credential; a refusal sticks until it changes."""
    authentication = scheduled.verdict.authentication
    told: dict[str, Any] = {"authentication": authentication}
    if authentication is Authentication.FAILED:
        told["refused_credential_at"] = scheduled.credential_changed_at
    elif authentication is not Authentication.NONE:
        told["refused_credential_at"] = None
        if scheduled.proven:
            told["verified_at"] = at
    return told


def _identity_columns(seen: Identity) -> dict[str, Any]:
    return {
        "manufacturer": seen.manufacturer[:80],
        "model": seen.model[:120],
        "firmware": seen.firmware[:80],
        "serial": seen.serial[:80],
    }
